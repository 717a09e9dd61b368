import type { Certificate } from "./certificate.ts";

/** `path[1] "CN=…"`, counted from the leaf: where in a path errors are. */
export const describe = (path: readonly Certificate[], index: number): string =>
  `path[${index}] "${path[index]?.subject.text ?? ""}"`;
