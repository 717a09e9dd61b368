/** What the caller gives is resolved once: only the edge looks a name or a code point up in a table of all. */
import { posix } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";
import { readTree } from "./tree.ts";

/** Tables of what is registered, by the folder that exports them. */
const tables: Readonly<Record<string, readonly string[]>> = {
  crypto: [
    "kemSchemes",
    "knownSchemes",
    "legacyRsaSchemes",
    "namedSchemes",
    "schemes",
    "slhDsaSchemes",
    "suiteByCode",
    "suites",
  ],
  groups: ["groups"],
};

/** Folders in which everything comes from the configuration. */
const resolved = [
  "authorization",
  "connection",
  "detection",
  "extensions",
  "handshake",
  "identity",
  "lab",
  "messages",
  "policy",
  "record",
  "rotation",
  "schedule",
];

/** Where names are resolved, or a caller who gives nothing gets what is usual; files, and folders with a slash. */
const edge: readonly string[] = [
  "connection/config.ts",
  "identity/keys/decapsulator.ts",
  "identity/keys/signer.ts",
  "identity/path/import-delegation.ts",
  // Beside what the caller gives
  "lab/adversary/on-path.ts",
  "lab/explained/",
  "lab/inspection/",
  "lab/scenario.ts",
  "lab/trace/dump.ts",
  "lab/trace/trace.ts",
  // Names in data, which no value can stand in: experiments, plans and scenarios, vectors, studies
  "lab/adversary/catalogue/hybrid-parts.ts",
  "lab/adversary/judge.ts",
  "lab/adversary/lab-rsa.ts",
  "lab/adversary/malicious.ts",
  "lab/adversary/may-accept.ts",
  "lab/adversary/mutate.ts",
  "lab/adversary/read-scenario.ts",
  "lab/adversary/settings.ts",
  "lab/authkem/",
  "lab/experiment/chain.ts",
  "lab/experiment/ends.ts",
  "lab/experiment/kem-leaf.ts",
  "lab/experiment/names.ts",
  "lab/experiment/resolve.ts",
  "lab/experiment/stand-in.ts",
  "lab/hybrid/",
  "lab/plan/schema.ts",
  "lab/sizes/signatures.ts",
  "lab/studies/",
];
const edgeOf = (path: string): string | undefined =>
  edge.find((each) => (each.endsWith("/") ? path.startsWith(each) : path === each));

/** Which tables a source imports or passes on, as `crypto: suites`. */
function tablesIn(path: string, source: string): string[] {
  const { module } = parseSync(path, source);
  const named = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      from: moduleRequest.value,
      names: entries.map(({ importName }) => importName.name ?? importName.kind),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.map(({ moduleRequest, importName }) => ({
        from: moduleRequest?.value ?? "",
        names: [importName.name ?? importName.kind],
      })),
    ),
  ];
  return named.flatMap(({ from, names }) => {
    const folder = posix.join(posix.dirname(path), from).split("/")[0] ?? "";
    // A namespace has them all
    const isTable = (name: string) =>
      name === "NamespaceObject" || name === "All" || tables[folder]?.includes(name) === true;
    return tables[folder] === undefined
      ? []
      : names.filter(isTable).map((name) => `${folder}: ${name}`);
  });
}

describe("tables of what is registered", () => {
  const sources = [...readTree("src")].filter(([path]) =>
    resolved.includes(path.split("/")[0] ?? ""),
  );

  it("are asked at the edge, and nowhere else", () => {
    expect(sources.length).toBeGreaterThan(100);
    const found = sources.flatMap(([path, source]) =>
      edgeOf(path) !== undefined
        ? []
        : tablesIn(path, source).map((table) => `${path} takes ${table}`),
    );
    expect(found).toEqual([]);
  });

  it("are asked by each file that is named as an edge", () => {
    const asking = sources.filter(([path, source]) => tablesIn(path, source).length > 0);
    const asked = new Set(asking.map(([path]) => edgeOf(path)));
    expect(edge.filter((each) => !asked.has(each))).toEqual([]);
  });

  it.each([
    ['import { suites } from "../crypto/index.ts"', ["crypto: suites"]],
    ['import { knownSchemes as all } from "../crypto/scheme.ts"', ["crypto: knownSchemes"]],
    ['import { groups as known, type Group } from "../groups/index.ts"', ["groups: groups"]],
    ['import * as crypto from "../crypto/index.ts"', ["crypto: NamespaceObject"]],
    ['export { suites } from "../crypto/suite.ts"', ["crypto: suites"]],
    ['import { aeadOf, type Suite } from "../crypto/index.ts"', []],
    ['import { suites } from "./own.ts"; const groups = 1', []],
  ])("are found in %s", (source, expected) => {
    expect(tablesIn("policy/a.ts", source)).toEqual(expected);
  });
});
