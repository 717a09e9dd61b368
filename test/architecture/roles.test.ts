import { expect, it } from "vitest";
import { specifiers } from "./arrows.ts";
import { readTree } from "./tree.ts";

/** What a part of `src/handshake/` imports of these other parts. */
function imports(part: string, others: readonly string[]): string[] {
  const tree = [...readTree(`src/handshake/${part}`)];
  expect(tree.length).toBeGreaterThan(1);
  return tree.flatMap(([path, source]) =>
    specifiers(path, source)
      .filter((specifier) => others.some((other) => specifier.startsWith(`../${other}/`)))
      .map((specifier) => `${part}/${path} imports ${specifier}`),
  );
}

it("keeps the two roles apart, and what both share from either", () => {
  expect(imports("client", ["server"])).toEqual([]);
  expect(imports("server", ["client"])).toEqual([]);
  expect(imports("authentication", ["client", "server"])).toEqual([]);
  expect(imports("server", ["authentication"]).length).toBeGreaterThan(0);
});
