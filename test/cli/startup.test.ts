import { posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { expect, it } from "vitest";
import type { Tree } from "../architecture/arrows.ts";
import { readTree } from "../architecture/tree.ts";

/** The files that are loaded with one, by imports that are neither `import()` nor of types alone. */
function loadedWith(tree: Tree, start: string): Set<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const add = (specifier: string): void => {
      if (specifier.startsWith(".")) open.push(posix.join(posix.dirname(path), specifier));
    };
    new Visitor({
      ImportDeclaration: (node) => node.importKind !== "type" && add(node.source.value),
      ExportNamedDeclaration: (node) => node.source !== null && add(node.source.value),
      ExportAllDeclaration: (node) => add(node.source.value),
    }).visit(parseSync(path, tree.get(path) ?? "").program);
  }
  return seen;
}

it("help loads neither the engine nor a command", () => {
  const tree = readTree("src");
  const loaded = [...loadedWith(tree, "cli/main.ts")];
  expect(loaded).toContain("cli/program.ts");
  expect(loaded.filter((path) => !path.startsWith("cli/") || path.includes("/commands/"))).toEqual(
    [],
  );
  expect(loadedWith(tree, "cli/commands/handshake.ts")).toContain("handshake/client/handshake.ts");
});
