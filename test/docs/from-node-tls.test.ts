import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Fate, nodeTlsOptions } from "../../src/transport/node/node-tls.ts";
import { root } from "../architecture/tree.ts";

/** The row of an option, as the page must have it. */
function rowOf([name, fate]: [string, Fate]): string {
  const [what, text] = "taken" in fate ? ["honoured", fate.taken] : ["refused", fate.instead];
  return `| \`${name}\` | ${fate.only ?? "both"} | ${what}: ${text} |`;
}

it("docs/from-node-tls.md has a row for each option of node:tls, which says what the code does", () => {
  const page = readFileSync(join(root, "docs/from-node-tls.md"), "utf8").split("\n");
  const rows = page.filter((line) => /^\| `[^`]+` \| (both|client|server) \|/.test(line));
  expect(rows).toEqual(Object.entries<Fate>(nodeTlsOptions).map(rowOf));
});
