/** The command line parses, calls and prints: what it calls stands in a face, of the package or of a folder. */
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { specifiers } from "./arrows.ts";
import { faces } from "./floors.ts";
import { readTree } from "./tree.ts";

/** What is taken from behind a face, and why. */
const reasons: Readonly<Record<string, string>> = {
  "authority/duration.ts":
    "options are read before anything else: no command waits for authorities",
  "authority/files.ts": "a report that is written does not wait for the engine",
  "crypto/native.ts": "a provider is loaded alone, once it is asked for",
  "crypto/noble.ts": "a provider is loaded alone, once it is asked for",
  "lab/adversary/scenario.ts": "the shell waits for the completion of a word",
  "oqs/load.ts": "a package that may not be there is looked for when a name asks for it",
  "registry/check.ts": "its checks read as members of a namespace, everywhere",
  "transport/node/compression.ts": "an experiment takes zlib without the sockets",
};

/** The modules of `src/` below the command line that a source of it names; `bench/` has no face but its files. */
const below = (path: string, source: string): string[] =>
  specifiers(path, source)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => posix.join(posix.dirname(path), specifier))
    .filter((target) => !target.startsWith("cli/") && !target.startsWith("../"));

const isFace = (target: string): boolean =>
  faces.includes(target) || posix.basename(target) === "index.ts";

describe("the command line", () => {
  const sources = [...readTree("src")].filter(([path]) => path.startsWith("cli/"));
  const behind = sources.flatMap(([path, source]) =>
    below(path, source)
      .filter((target) => !isFace(target))
      .map((target) => ({ path, target })),
  );

  it("takes what it calls from faces: write it into the folder's index.ts", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(behind.filter(({ target }) => !Object.hasOwn(reasons, target))).toEqual([]);
  });

  it("has a use for each exception", () => {
    const targets = new Set(behind.map(({ target }) => target));
    expect(Object.keys(reasons).filter((target) => !targets.has(target))).toEqual([]);
  });

  it.each([
    ['import { a } from "../lab.ts"', []],
    ['import { a } from "../../lab/experiment/index.ts"', []],
    ['import { a } from "../../lab/experiment/rows.ts"', ["lab/experiment/rows.ts"]],
    ['import type { A } from "../../lab/trace/trace.ts"', ["lab/trace/trace.ts"]],
    ['const a = import("../../crypto/noble.ts")', ["crypto/noble.ts"]],
    ['import { a } from "../output.ts"; import { b } from "node:fs"', []],
  ])("is seen to take from behind faces in %s", (source, expected) => {
    const from = source.includes('"../lab.ts"') ? "cli/a.ts" : "cli/commands/a.ts";
    expect(below(from, source).filter((target) => !isFace(target))).toEqual(expected);
  });
});
