export * from "./bytes.ts";
export * from "./codec.ts";
export * from "./gathered.ts";
export * from "./reader.ts";
export * from "./writer.ts";
