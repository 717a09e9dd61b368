import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { root } from "../architecture/tree.ts";

/** Makes JavaScript of the fleet's programs, for as long as it is used. */
export async function withPrograms<T>(use: (folder: string) => Promise<T>): Promise<T> {
  // Packages are found from there
  const folder = join(root, "dist-mesh", `test-${process.pid}`);
  buildSync({
    entryPoints: ["agent", "authority"].map((name) => join(root, `test/mesh/fleet-${name}.ts`)),
    outdir: folder,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
