/** Each source file of more than 40 lines has its test: one below `test/`, in the folder of the same name, loads it. */
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { specifiers, type Tree } from "./arrows.ts";
import { readTree } from "./tree.ts";

/** What tests reach in another way, and how. */
const otherwise: Readonly<Record<string, string>> = {
  "src/cli/lab/kernel-end.ts": "a process that test/cli/lab-kernel.test.ts measures",
  "src/play/own-kem/": "runs in a browser's frame and worker: test/play/browser.test.ts",
  "src/play/page/": "runs in a browser: test/play/browser.test.ts",
  "src/report/markdown.ts": "test/bench/report/markdown.test.ts",
  "src/report/page/": "test/bench/report/page.test.ts",
};

/** Files by their path in the repository. */
const tree: Tree = new Map(
  ["src", "test"].flatMap((folder) =>
    [...readTree(folder)].map(([path, source]) => [`${folder}/${path}`, source] as const),
  ),
);

/** What is loaded with files, as far as it passes. */
function loadedWith(
  files: Tree,
  starts: readonly string[],
  passes: (path: string) => boolean,
): ReadonlySet<string> {
  const loaded = new Set<string>();
  const open = [...starts];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (loaded.has(path)) continue;
    loaded.add(path);
    for (const specifier of specifiers(path, files.get(path)!)) {
      const target = posix.join(posix.dirname(path), specifier);
      if (files.has(target) && passes(target)) open.push(target);
    }
  }
  return loaded;
}

/** Source files of more than 40 lines that no test of their folder loads, by way of that folder and of entry points. */
function untested(files: Tree): string[] {
  const long = [...files].flatMap(([path, source]) =>
    /^src\/\w+\//.test(path) && source.split("\n").length > 41 ? [path] : [],
  );
  const folders = new Set(long.map((path) => path.split("/")[1]!));
  return [...folders].flatMap((folder) => {
    const tests = [...files.keys()].filter(
      (path) => path.startsWith(`test/${folder}/`) && path.endsWith(".test.ts"),
    );
    const own = `src/${folder}/`;
    const loaded = loadedWith(
      files,
      tests,
      (path) => path.startsWith(own) || path.startsWith("test/") || /^src\/\w+\.ts$/.test(path),
    );
    return long.filter((path) => path.startsWith(own) && !loaded.has(path));
  });
}

describe("a source file of more than 40 lines", { timeout: 60_000 }, () => {
  it("is loaded by a test of its folder, or reached in a way that stands here", () => {
    const found = untested(tree);
    const reasons = Object.keys(otherwise);
    expect(found.filter((path) => !reasons.some((reason) => path.startsWith(reason)))).toEqual([]);
    expect(
      reasons.filter((reason) => !found.some((path) => path.startsWith(reason))),
      "ways that are not needed any more",
    ).toEqual([]);
  });

  it("is found where only a test of another folder loads it", () => {
    const long = "\n".repeat(41);
    const files = new Map([
      ["src/a/index.ts", 'export * from "./one.ts";'],
      ["src/a/one.ts", long],
      ["src/a/two.ts", long],
      ["src/a/short.ts", ""],
      ["test/a/one.test.ts", 'import "../../src/a/index.ts";'],
      ["test/b/two.test.ts", 'import "../../src/a/two.ts";'],
    ]);
    expect(untested(files)).toEqual(["src/a/two.ts"]);
  });
});
