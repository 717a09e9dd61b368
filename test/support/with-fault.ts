/** A module of the source with a named fault of `test/mutants/` in it. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { mutants, mutate } from "../mutants/list.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** @param path of the module, from the root of the repository */
export async function importWithFault<T>(name: string, path: string): Promise<T> {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new RangeError(`no fault is named ${name}`);
  const folder = join(root, "node_modules/.cache/kemistry-faults");
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${name}-${process.pid}.mjs`);
  const place = join(root, mutant.file);
  let isPut = false;
  await build({
    entryPoints: [join(root, path)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "silent",
    plugins: [
      {
        name: "fault",
        setup(building) {
          building.onLoad({ filter: /\.ts$/ }, (file) => {
            if (file.path !== place) return undefined;
            isPut = true;
            return { loader: "ts", contents: mutate(mutant, readFileSync(place, "utf8")) };
          });
        },
      },
    ],
  });
  if (!isPut) throw new Error(`${mutant.file} is no part of ${path}`);
  return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as T;
}
