// @ts-check
/**
 * A copy of the sources in which faults can stand while others work on them. What is only read is linked.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mutate } from "./list.mjs";

/** The folders that are written to. Files are copied all: who works on them must not disturb a run. */
const copied = ["src", "bench", "test", "dist"];
const left = [".git", "coverage", "dist-examples"];

/** @param {string} root */
export function openScratch(root) {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-mutants-"));
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const [from, to] = [join(root, entry.name), join(folder, entry.name)];
    if (left.includes(entry.name)) continue;
    if (entry.isFile() || copied.includes(entry.name)) cpSync(from, to, { recursive: true });
    else symlinkSync(from, to);
  }
  // Tapes of attacks that went wrong, and the like
  const output = join(folder, "output");
  mkdirSync(output);
  return {
    folder,
    output,
    /**
     * Runs with the fault in its file, and without it again afterwards.
     *
     * @template T
     * @param {import("./list.mjs").Mutant} mutant
     * @param {(path: string) => Promise<T>} run
     */
    async with(mutant, run) {
      const path = join(folder, mutant.file);
      const source = readFileSync(path, "utf8");
      writeFileSync(path, mutate(mutant, source));
      try {
        return await run(path);
      } finally {
        writeFileSync(path, source);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
