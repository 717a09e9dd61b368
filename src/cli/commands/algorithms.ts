import { cpus } from "node:os";
import type { Command } from "commander";
import { type Row, rowsOfGroups, rowsOfSignatures } from "../algorithm-rows.ts";
import { UsageError } from "../errors.ts";
import { examples, wholeNumber } from "../options.ts";
import { type Column, note, print, printJson, table } from "../output.ts";
import { type AnyProviderName, anyProviderOption, loadAnyProvider } from "../provider.ts";
import { writeOutput } from "../write.ts";

interface Options {
  readonly provider: AnyProviderName;
  readonly budget: number;
  readonly only?: string;
  readonly md?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .addOption(anyProviderOption())
    .option(
      "--budget <ms>",
      "of time for each operation; one run at least",
      wholeNumber(1, 10_000),
      40,
    )
    .option("--only <text>", "those whose names have this text")
    .option("--md <file>", "write a page, - for stdout")
    .option("--json", "plain data")
    .action(act);
  examples(command, [
    ["algorithms --provider oqs --md algorithms.md", "the page in the project's docs"],
    ["algorithms --only mayo", "MAYO's sizes and costs"],
  ]);
}

async function act({ provider: name, budget, only = "", md, json }: Options): Promise<void> {
  const provider = await loadAnyProvider(name);
  const how = { provider, budget, only: only.toLowerCase() };
  note("measuring; with all algorithms this takes minutes …");
  const groups = await rowsOfGroups(how);
  const signatures = await rowsOfSignatures(how);
  const machine = `Node ${process.versions.node}, ${cpus()[0]?.model ?? "unknown CPU"}, provider ${provider.name}`;
  if (groups.length + signatures.length === 0) {
    throw new UsageError(`no algorithm has ${JSON.stringify(only)} in its name`);
  }
  if (json) printJson({ machine, groups, signatures });
  else if (md !== undefined) writeOutput(md, page(machine, groups, signatures));
  else {
    print(table(groupColumns, groups.map(cellsOf)));
    print();
    print(table(signatureColumns, signatures.map(cellsOf)));
    print(`\n${legend}\n${machine}.`);
  }
}

const numbers = (...titles: readonly string[]): Column[] =>
  titles.map((title) => ({ title, align: "right" }));
const common = [{ title: "source" }, { title: "back end" }];

const groupColumns: readonly Column[] = [
  { title: "group" },
  { title: "code" },
  ...numbers("client", "server", "secret", "key µs", "encaps µs", "decaps µs", "bytes", "rounds"),
  ...common,
];
const signatureColumns: readonly Column[] = [
  { title: "scheme" },
  { title: "code" },
  ...numbers("public key", "signature", "key µs", "sign µs", "verify µs", "bytes", "rounds"),
  ...common,
];

const cell = (value: number | undefined): string | number => value ?? "–";
const cellsOf = ({ name, code, sizes, costs, bytes, rounds, source, backend }: Row) => [
  name,
  `0x${code.toString(16).padStart(4, "0")}`,
  ...sizes.map(cell),
  ...(costs ?? [undefined, undefined, undefined]).map(cell),
  cell(bytes),
  cell(rounds),
  source,
  backend,
];
const legend = `Sizes in bytes. Times in microseconds of wall-clock time, the median of what fits into the budget. "bytes" is a whole
handshake, both ends, with its records: groups with an Ed25519 certificate, signatures with X25519 and a certificate that
is signed by a root of the same algorithm. "rounds" are round trips until the client has the server's Finished, TCP's
included, with an initial window of 10 segments of 1448 bytes and no loss.`;

function page(machine: string, groups: readonly Row[], signatures: readonly Row[]): string {
  return `# Algorithms

Written by \`kemistry algorithms --provider oqs --md FILE\`, on ${machine}.

${legend}
What stands without times is not run by default: its public key is longer than \`limits.publicKey\` of \`loadOqs\`, or keys
of its type are made elsewhere. BIKE, Dilithium of round 3, MQOM, Picnic, qTESLA, Rainbow, SABER, SIKE and SPHINCS+ are
nowhere here: \`@oqs/liboqs-js\` does not have them.

## Candidates

\`@oqs/liboqs-js\` is an optional package, liboqs in WebAssembly: \`npm install @oqs/liboqs-js\`. The commands then take its
names wherever they take an algorithm: \`--group\`, \`--signature\`, \`--auth\`, \`pki … --algorithm\`, \`--cert\` with its keys, and
experiments, where the names of TLS run (\`mayo2\`) and those of the table of sizes stay sizes (\`MAYO-2\`). What liboqs draws
does not follow from a seed. Public keys beyond 100 000 bytes need \`--max-key\`. In code they are values like those of your
own ([own parts](own-parts.md)):

\`\`\`js
import { loadOqs, oqsProvider } from "kemistry/oqs";

const { groups, schemes, release } = await loadOqs(["HQC-128", "MAYO-2"]);
const provider = await oqsProvider(); // ML-KEM, ML-DSA and SLH-DSA by liboqs over noble
release();
\`\`\`

Names and code points are oqs-provider's; of its hybrids the classical part comes first, and shares and secrets are
concatenated. NTRU and sntrup761 have none there: theirs are of private use (0xfe80 and on), as are those of two sizes of
CROSS. \`negotiated.backends\` says which version of liboqs ran, and which of the algorithm: HQC is that of round 4, and
refuses a wrong ciphertext openly. All but SLH-DSA, which NIST's answers hold, give the known answers that liboqs
publishes ([vectors](../vectors/oqs/README.md)). A page finds the package by an import map, or by \`{ from: its folder }\`.

## Key exchange

${markdownTable(groupColumns, groups.map(cellsOf))}

Classic McEliece is a KEM of \`loadOqs\` and no group: a key share has at most 65535 bytes (RFC 9846 §4.3.8), its public
keys 261120 and more. By AuthKEM it authenticates: \`handshake --auth kem_mceliece348864 --max-key 261120\`.

## Signatures

${markdownTable(signatureColumns, signatures.map(cellsOf))}
`;
}

function markdownTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...rows.map(line),
  ].join("\n");
}
