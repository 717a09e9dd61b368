/** Members of exported interfaces say what they are: shapes, units, defaults, sources. */
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";
import { readTree } from "./tree.ts";

/** Folders that keep to it; whoever has documented another adds it. */
const folders: readonly string[] = ["lab/experiment/", "lab/plan/", "lab/sizes/", "lab/studies/"];

/** Members without a doc comment right before them, as `Interface.member`. */
function undocumented(path: string, source: string): string[] {
  const { program, comments } = parseSync(path, source);
  const ends = new Set(
    comments.flatMap(({ type, value, end }) =>
      type === "Block" && value.startsWith("*") ? [end] : [],
    ),
  );
  return program.body.flatMap((node) => {
    const declared = node.type === "ExportNamedDeclaration" ? node.declaration : null;
    if (declared?.type !== "TSInterfaceDeclaration") return [];
    return declared.body.body.flatMap((member) => {
      if (ends.has(source.slice(0, member.start).trimEnd().length)) return [];
      const name = "key" in member && member.key.type === "Identifier" ? member.key.name : "…";
      return [`${declared.id.name}.${name}`];
    });
  });
}

describe("members of exported interfaces", () => {
  it.each(folders)("have doc comments in %s", (folder) => {
    const sources = [...readTree("src")].filter(([path]) => path.startsWith(folder));
    expect(sources.length).toBeGreaterThan(1);
    const found = sources.flatMap(([path, source]) =>
      undocumented(path, source).map((member) => `${path}: ${member}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ["export interface A { /** Bytes. */ readonly a: number; b(): void }", ["A.b"]],
    ["export interface A {\n  // Bytes\n  a: number;\n  /** Ms. */\n  b: number }", ["A.a"]],
    ["interface A { a: number }", []],
  ])("are found in %s", (source, expected) => {
    expect(undocumented("a.ts", source)).toEqual(expected);
  });
});
