import { join } from "node:path";
import { buildSync } from "esbuild";
import { root } from "../architecture/tree.ts";

/** Makes JavaScript of a file of the project, for a process of its own. */
export function bundle(source: string, outfile: string): string {
  const entryPoints = [join(root, source)];
  const external = ["pg", "pkcs11js"];
  buildSync({ entryPoints, outfile, external, bundle: true, platform: "node", format: "esm" });
  return outfile;
}
