export * from "./group.ts";
export * from "./key-share.ts";
export * from "./registered.ts";
export * from "./prediction.ts";
