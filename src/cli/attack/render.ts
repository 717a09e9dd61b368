/** The catalogue's rows, for a terminal and for a page. */
import { type AttackRow, endsOf, type Expectation } from "../../lab/adversary/index.ts";
import type { Role } from "../../schedule/index.ts";
import { table } from "../output.ts";
import { style } from "../style.ts";
import type { OpensslCell, OpensslCells } from "./openssl.ts";

export interface Row extends AttackRow {
  /** With OpenSSL as either end; `null` if it was not asked for. */
  readonly openssl: OpensslCells | null;
}

const signs = { "as it should": "✓", "in its own way": "≈", unexpectedly: "✗" } as const;

export function renderRows(rows: readonly Row[]): string {
  const withOpenssl = rows.some(({ openssl }) => openssl !== null);
  const titles = ["", "scenario", "client", "server", "alert", "findings"];
  if (withOpenssl) titles.push("OpenSSL as client (our server)", "OpenSSL as server (our client)");
  const cells = rows.map(({ name, client, server, asPredicted, openssl }) => {
    const alert = [client, server].find((end) => end.alert !== null)?.alert ?? "";
    const kinds = [...client.findings, ...server.findings].map(({ kind }) => kind);
    return [
      asPredicted ? style("green", "✓") : style("red", "✗"),
      name,
      client.outcome,
      server.outcome,
      alert,
      [...new Set(kinds)].join(", "),
      ...(openssl === null ? [] : endsOf.map((role) => cellText(openssl[role]))),
    ];
  });
  const right = rows.filter(({ asPredicted }) => asPredicted).length;
  const columns = titles.map((title) => ({ title }));
  const sums = withOpenssl ? endsOf.map((role) => `OpenSSL as ${role}: ${sumOf(rows, role)}`) : [];
  return [table(columns, cells), "", `${right} of ${rows.length} as predicted`, ...sums].join("\n");
}

/** What can be said of OpenSSL in a page of Markdown: the differences, what was not run, everything. */
export function renderPage(rows: readonly Row[], version: string): string {
  const cellsOf = (role: Role) =>
    rows.flatMap(({ name, openssl }) => (openssl === null ? [] : [{ name, cell: openssl[role] }]));
  const differences = endsOf.flatMap((role) =>
    cellsOf(role).flatMap(({ name, cell }) =>
      "notRun" in cell || cell.ended === "as it should"
        ? []
        : [[code(name), role, cell.openssl, cell.ours, cell.why]],
    ),
  );
  const notRun = endsOf.flatMap((role) =>
    cellsOf(role).flatMap(({ name, cell }) =>
      "notRun" in cell ? [[code(name), role, cell.notRun]] : [],
    ),
  );
  const all = rows.map(({ name, expected, openssl }) => [
    code(name),
    outcomeIn(expected.client),
    outcomeIn(expected.server),
    ...endsOf.map((role) => (openssl === null ? "" : cellText(openssl[role]))),
  ]);
  return [
    "# The catalogue with OpenSSL",
    "",
    "Written by `kemistry attack --openssl openssl --markdown`: our end in memory, OpenSSL at a socket, the",
    "adversary between them. Where a scenario gives the adversary keys, it has the secrets that both ends log.",
    "",
    `${rows.length} scenarios with ${version}.`,
    "",
    ...endsOf.map((role) => `- As the ${role}: ${sumOf(rows, role)}.`),
    "",
    "A scenario ends as it should if our end does what is predicted of it (another alert may have been chosen),",
    "and OpenSSL opens where it is predicted to, and only there.",
    "",
    "## What it does in its own way",
    "",
    markdown(["scenario", "OpenSSL is", "OpenSSL", "our end", "it"], differences),
    "",
    "## What was not run",
    "",
    markdown(["scenario", "OpenSSL is", "because"], notRun),
    "",
    "## All of them",
    "",
    "✓ as it should, ≈ in its own way, – not run.",
    "",
    markdown(
      [
        "scenario",
        "client, predicted",
        "server, predicted",
        "OpenSSL as client (our server)",
        "OpenSSL as server (our client)",
      ],
      all,
    ),
  ].join("\n");
}

const outcomeIn = (expected: Expectation["client"]): string =>
  typeof expected === "string" ? expected : expected.outcome;

function cellText(cell: OpensslCell): string {
  return "notRun" in cell ? "–" : `${signs[cell.ended]} ${cell.openssl} (${cell.ours})`;
}

function sumOf(rows: readonly Row[], role: Role): string {
  const ends = rows.flatMap(({ openssl }) => {
    const cell = openssl?.[role];
    return cell === undefined || "notRun" in cell ? [] : [cell.ended];
  });
  const count = (wanted: keyof typeof signs) => ends.filter((ended) => ended === wanted).length;
  return (
    `${count("as it should")} of ${ends.length} as it should, ` +
    `${count("in its own way")} in its own way, ${count("unexpectedly")} unexpectedly`
  );
}

const code = (text: string): string => `\`${text}\``;

const markdown = (titles: readonly string[], lines: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
