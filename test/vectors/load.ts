/** Reads the files of `vectors/`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { parseTrace, type Trace } from "../../src/lab/vectors/rfc8448.ts";

export const vectorsFolder = fileURLToPath(new URL("../../vectors/", import.meta.url));

/** The content of a file of `vectors/`, unpacked if its name ends in `.gz`. */
export function loadText(path: string): string {
  const bytes = readFileSync(join(vectorsFolder, path));
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** The vector files of a folder of `vectors/`, as paths for {@link loadText}, in alphabetical order. */
export function listVectors(folder: string): string[] {
  return readdirSync(join(vectorsFolder, folder))
    .filter((name) => /\.(json|rsp)(\.gz)?$/.test(name))
    .toSorted()
    .map((name) => `${folder}/${name}`);
}

export const traceNames = [
  "simple-1rtt",
  "resumed-0rtt",
  "hello-retry-request",
  "client-authentication",
  "compatibility-mode",
] as const;

/** A trace of RFC 8448. */
export function loadTrace(name: (typeof traceNames)[number]): Trace {
  return parseTrace(loadText(`rfc8448/${name}.json`));
}
