import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tree } from "./arrows.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Reads every `.ts` file under a folder of the repository; paths are relative to that folder. */
export function readTree(folder: string): Tree {
  const base = join(root, folder);
  const names = existsSync(base) ? readdirSync(base, { recursive: true, encoding: "utf8" }) : [];
  return new Map(
    names
      .filter((name) => name.endsWith(".ts"))
      .toSorted()
      .map((name) => [name.split(sep).join("/"), readFileSync(join(base, name), "utf8")]),
  );
}
