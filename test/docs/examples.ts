/** Takes the TypeScript out of the documents, type-checks it and runs it, against the sources. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseSync } from "oxc-parser";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A piece of TypeScript that a reader may copy. */
export interface Example {
  /** The document's path from the root, with forward slashes. */
  readonly document: string;
  /** The line of the document on which the code begins, from 1. */
  readonly line: number;
  readonly code: string;
  /** False if the block's info string says `no-run`. */
  readonly runs: boolean;
}

/** What the package's entry points are made of. */
const faces: Readonly<Record<string, string>> = {
  kemistry: "src/index.ts",
  "kemistry/client": "src/client.ts",
  "kemistry/node": "src/node.ts",
  "kemistry/lab": "src/lab.ts",
  "kemistry/authority": "src/authority/index.ts",
  "kemistry/mesh": "src/mesh/index.ts",
  "kemistry/oqs": "src/oqs/index.ts",
  "kemistry/probe": "src/probe/index.ts",
};

/** The fenced blocks of a Markdown text whose language is `ts`. */
export function extractExamples(document: string, markdown: string): Example[] {
  const examples: Example[] = [];
  let open: { readonly fence: string; readonly info: string; readonly line: number } | undefined;
  const lines = markdown.split(/\r?\n/);
  lines.forEach((text, index) => {
    const [, fence = "", info = ""] = /^\s*(`{3,}|~{3,})\s*(.*)$/.exec(text) ?? [];
    if (open === undefined && fence !== "") {
      open = { fence, info: info.trim(), line: index + 2 };
    } else if (open !== undefined && fence.startsWith(open.fence) && info === "") {
      const [language, ...words] = open.info.split(/\s+/);
      if (language === "ts" || language === "typescript") {
        const code = lines.slice(open.line - 1, index).join("\n");
        examples.push({ document, line: open.line, code, runs: !words.includes("no-run") });
      }
      open = undefined;
    }
  });
  return examples;
}

/**
 * Points the imports of an example at the sources, as seen from a file of the folder `from`: the
 * package's name at its entry points, relative ones at what they name from the document.
 *
 * @throws Error for an entry point that the package has not
 */
export function resolveImports({ document, code }: Example, from: string): string {
  const { module, errors } = parseSync(`${document}.ts`, code);
  if (errors.length > 0) return code; // The compiler reports them better.
  const requests = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest ?? []),
    ),
  ];
  let resolved = code;
  for (const { value, start, end } of requests.toSorted((a, b) => b.start - a.start)) {
    const source = sourceOf(value, document);
    if (source === undefined) continue;
    const path = relative(from, join(root, source)).split(sep).join("/");
    resolved = `${resolved.slice(0, start)}${JSON.stringify(path)}${resolved.slice(end)}`;
  }
  return resolved;
}

function sourceOf(specifier: string, document: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(document), specifier);
  if (specifier !== "kemistry" && !specifier.startsWith("kemistry/")) return undefined;
  const face = faces[specifier];
  if (face === undefined) throw new Error(`the package has no entry point ${specifier}`);
  return face;
}

/** Examples as files, for the compiler and for the test runner. */
export interface Workshop {
  /** What the compiler says, by document and line. */
  check(): string[];
  run(example: Example): Promise<unknown>;
  remove(): void;
}

/** Writes the examples into a folder of their own, with line numbers as in their documents. */
export function openWorkshop(examples: readonly Example[]): Workshop {
  // A name with a dot: neither the project's own tsconfig nor the test runner looks into it.
  const parent = join(root, "test/docs/.examples");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "run-"));
  const fileOf = new Map(
    examples.map((example) => {
      const name = `${example.document.replace(/[^\w]+/g, "_")}_${example.line}.ts`;
      return [example, join(folder, name)] as const;
    }),
  );
  for (const [example, file] of fileOf) {
    writeFileSync(file, "\n".repeat(example.line - 1) + resolveImports(example, dirname(file)));
  }
  return {
    check: () => compile(folder, fileOf),
    run: (example) => import(/* @vite-ignore */ pathToFileURL(fileOf.get(example) ?? "").href),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function compile(folder: string, fileOf: ReadonlyMap<Example, string>): string[] {
  const tsconfig = {
    extends: relative(folder, join(root, "tsconfig.json")).split(sep).join("/"),
    // An example may show a value without using it.
    compilerOptions: { moduleDetection: "force", noUnusedLocals: false },
    include: ["*.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(
    process.execPath,
    [compiler, "-p", folder, "--pretty", "false"],
    { cwd: folder, encoding: "utf8" },
  );
  if (status === 0) return [];
  const documentOf = new Map(
    [...fileOf].map(([{ document }, file]) => [relative(folder, file), document]),
  );
  return stdout
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith(" "))
    .map((line) => {
      const [, file = "", at, text] = /^([^(]+)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
      return at === undefined ? line : `${documentOf.get(file) ?? file}:${at} ${text}`;
    });
}
