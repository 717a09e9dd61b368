export * from "./alert.ts";
export * from "./codepoints.ts";
export * from "./error.ts";
export * from "./printable.ts";
