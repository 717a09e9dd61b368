import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Example,
  extractExamples,
  openWorkshop,
  resolveImports,
  root,
  type Workshop,
} from "./examples.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Programs of several processes or threads run in `recipes.test.ts`. */
const isOneProgram = (path: string): boolean =>
  !/"node:(cluster|worker_threads|child_process)"/.test(read(path));

function documentedExamples(): Example[] {
  const docs = existsSync(join(root, "docs"))
    ? readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
        .map((name) => `docs/${name.split(sep).join("/")}`)
        .toSorted()
    : [];
  const pages = ["README.md", ...docs.filter((path) => path.endsWith(".md"))];
  return [
    ...pages
      .filter((path) => existsSync(join(root, path)))
      // Reports of what the entry points export: declarations, which nobody copies
      .filter((path) => !path.startsWith("docs/api/"))
      .flatMap((path) => extractExamples(path, read(path))),
    ...docs
      .filter((path) => path.startsWith("docs/examples/") && path.endsWith(".ts"))
      .map((path) => ({ document: path, line: 1, code: read(path), runs: isOneProgram(path) })),
  ];
}

const opened: Workshop[] = [];
function open(examples: readonly Example[]): Workshop {
  const workshop = openWorkshop(examples);
  opened.push(workshop);
  return workshop;
}

beforeAll(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterAll(() => {
  vi.restoreAllMocks();
  for (const workshop of opened) workshop.remove();
});

const examples = documentedExamples();

describe.runIf(examples.length > 0)("the examples of the documents", () => {
  const workshop = open(examples);

  it("compile", { timeout: 180_000 }, () => {
    expect(workshop.check()).toEqual([]);
  });

  const running = examples.filter((example) => example.runs);
  it.each(running)("$document:$line runs", { timeout: 180_000 }, async (example) => {
    await workshop.run(example);
  });
});

describe("the extraction", () => {
  const page = [
    "# Title",
    "```sh",
    "npm test",
    "```",
    "```ts",
    "const a = 1;",
    "",
    "```",
    "~~~ts no-run",
    "```",
    "await b();",
    "~~~",
    "    ```ts",
    "c();",
    "    ```",
    "```ts",
    "never closed",
  ].join("\n");

  it("finds the blocks of TypeScript, their lines, and which of them run", () => {
    expect(extractExamples("a.md", page)).toEqual([
      { document: "a.md", line: 6, code: "const a = 1;\n", runs: true },
      { document: "a.md", line: 10, code: "```\nawait b();", runs: false },
      { document: "a.md", line: 14, code: "c();", runs: true },
    ]);
  });

  const example = (code: string, line = 1): Example => ({
    document: "docs/page.md",
    line,
    code,
    runs: true,
  });

  it("points imports at the sources and leaves the others", () => {
    const code = [
      'import { a } from "kemistry";',
      'export * from "kemistry/node";',
      'import type { b } from "./examples/b.ts";',
      'import "node:net";',
    ].join("\n");
    expect(resolveImports(example(code), join(root, "test/docs")).split("\n")).toEqual([
      'import { a } from "../../src/index.ts";',
      'export * from "../../src/node.ts";',
      'import type { b } from "../../docs/examples/b.ts";',
      'import "node:net";',
    ]);
  });

  it("refuses an entry point that is not there", () => {
    expect(() => resolveImports(example('import "kemistry/none"'), root)).toThrow(
      "the package has no entry point kemistry/none",
    );
  });

  it("reports what does not compile by the document's lines", { timeout: 60_000 }, () => {
    const wrong = example("const a = 1;\nconst text: string = a;", 40);
    expect(open([example("const fine: number = 1;"), wrong]).check()).toEqual([
      "docs/page.md:41 error TS2322: Type 'number' is not assignable to type 'string'.",
    ]);
    expect(open([example("const a = ;", 90)]).check()).toEqual([
      "docs/page.md:90 error TS1109: Expression expected.",
    ]);
  });

  it("fails when an example throws, also after an await", async () => {
    const good = example("await Promise.resolve(); export const answer = 42;");
    const bad = example('await Promise.resolve();\nthrow new Error("as it should");', 20);
    const workshop = open([good, bad]);
    await expect(workshop.run(good)).resolves.toMatchObject({ answer: 42 });
    await expect(workshop.run(bad)).rejects.toThrow("as it should");
  });
});
