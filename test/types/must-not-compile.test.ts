/**
 * The promise that a handshake that skips a step does not compile. Each snippet does a thing rightly, which
 * compiles, and wrongly, in the one line that is marked with the error that must come.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = "test/types/must-not-compile";
const snippets = readdirSync(join(root, folder)).filter((name) => name !== "given.ts");

/** All errors of all snippets, as `file(line): code`. */
const errors = (): string[] => {
  const compiler = join(root, "node_modules/typescript/lib/tsc.js");
  const { stdout } = spawnSync(
    process.execPath,
    [compiler, "-p", join(root, folder, "tsconfig.json"), "--pretty", "false"],
    { cwd: root, encoding: "utf8" },
  );
  return [...stdout.matchAll(/^(.*)\((\d+),\d+\): error (TS\d+)/gm)].map(
    ([, file, line, code]) => `${file}(${line}): ${code}`,
  );
};

describe("a handshake that skips a step", () => {
  it("does not compile", { timeout: 120_000 }, () => {
    const expected = snippets
      .filter((name) => name.endsWith(".ts"))
      .map((name) => {
        const lines = readFileSync(join(root, folder, name), "utf8").split("\n");
        const marked = lines.flatMap((line, index) => {
          const code = /\/\/ refused: (TS\d+)$/.exec(line)?.[1];
          return code === undefined ? [] : [`${folder}/${name}(${index + 1}): ${code}`];
        });
        if (marked.length !== 1) throw new Error(`${name} marks ${marked.length} lines`);
        return marked[0]!;
      });
    expect(expected.length).toBeGreaterThanOrEqual(17);
    expect(errors().toSorted()).toEqual(expected.toSorted());
  });
});
