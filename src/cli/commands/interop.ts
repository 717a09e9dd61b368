import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import {
  type Absent,
  cases,
  type Cell,
  describeCell,
  explainCell,
  families,
  foreign,
  type Implementation,
  type InteropCase,
  matrixReport,
  type MatrixResult,
  ours,
  outcomes,
  type Pair,
  pairsOf,
  type Participant,
  RunFolder,
  runCell,
} from "../../interop/index.ts";
import { findPeer, knownPeers, type Peer, readPeer } from "../../peers/index.ts";
import { loadRenderer, markdown, MissingPackage, page } from "../../report/index.ts";
import { choose } from "../choose.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { examples, readAs, readText } from "../options.ts";
import { note, print, printJson, table } from "../output.ts";
import { packageRoot } from "../package-root.ts";
import { makeFolder, writeOutput } from "../write.ts";

interface Options {
  readonly test?: readonly string[];
  readonly with?: readonly string[];
  readonly list?: true;
  readonly describe?: string;
  readonly output?: string;
  readonly md?: string;
  readonly remarks?: string;
  readonly traces?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("[peers...]", "names, or files of your own; default: all that are here")
    .option("--with <peers...>", "the other end; default: kemistry")
    .option("--test <names...>", "only these cases, or these families of cases")
    .option("--list", "say which peers and cases there are, and run nothing")
    .option("--describe <peer>", "print the file of a peer, to make another of it")
    .option("-o, --output <file>", "write the matrix as a page")
    .option("--md <file>", "write the matrix as Markdown")
    .option("--remarks <file>", "Markdown that goes behind the first section of --md")
    .option("--traces <folder>", "what was seen in each case, as text and as a page")
    .option("--json", "plain data")
    .action(act);
  examples(command, [
    ["interop", "every peer that is here against kemistry, in both roles"],
    ["interop openssl go --test resumption", "two of them, and a family of cases"],
    ["interop openssl --with nss rustls", "others with each other"],
    ["interop mine.json --traces seen", "an implementation of your own"],
    ["interop -o m.html --traces seen", "a page; a click explains a handshake"],
    ["interop --describe openssl", "what such a file looks like"],
  ]);
}

async function act(names: readonly string[], options: Options): Promise<void> {
  const { list, describe, json } = options;
  if (options.remarks !== undefined && options.md === undefined) {
    throw new UsageError("--remarks goes with --md");
  }
  const tests = chooseTests(options.test);
  if (describe !== undefined) return printJson(peerOf(describe));
  const hall = new Hall();
  if (list) return listAll(hall, tests, json);
  const peers = names.length === 0 ? hall.all() : names.map((name) => hall.get(name));
  const others = (options.with ?? [hall.own.name]).map((name) => hall.get(name));
  const cells = await runAll(pairsOf(peers, others), tests, options.traces);
  const result: MatrixResult = {
    participants: hall.participants,
    absent: names.length === 0 ? hall.absent : [],
    tests,
    cells,
  };
  await write(result, options);
  if (json) printJson(plain(result));
  else print(summary(cells));
  const isGood = cells.every(({ outcome }) => outcome !== "failed" && outcome !== "mended");
  if (!isGood) process.exitCode = ExitCode.failed;
}

/** Who can take part. */
class Hall {
  readonly own: Implementation = ours(ownVersion());
  readonly #folder: string = fileURLToPath(new URL(".peers", packageRoot()));
  readonly #known = new Map<string, Implementation>([[this.own.name, this.own]]);
  readonly #roles = new Map<string, readonly string[]>([[this.own.name, ["client", "server"]]]);
  readonly absent: Absent[] = [];

  get(name: string): Implementation {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const peer = peerOf(name);
    const found = this.#find(peer);
    if (found === undefined) throw new UsageError(`${peer.name}: ${this.absent.at(-1)!.reason}`);
    return found;
  }

  /** All that are here. */
  all(): Implementation[] {
    return knownPeers.flatMap((peer) => this.#known.get(peer.name) ?? this.#find(peer) ?? []);
  }

  get participants(): Participant[] {
    return [...this.#known.values()].map(({ name, title, version }) => ({
      name,
      title,
      version,
      roles: this.#roles.get(name) ?? [],
    }));
  }

  #find(peer: Peer): Implementation | undefined {
    const found = findPeer(peer, this.#folder);
    if ("absent" in found) {
      this.absent.push({ title: peer.title, reason: found.absent });
      return undefined;
    }
    const implementation = foreign(found, this.#folder);
    this.#known.set(peer.name, implementation);
    this.#roles.set(
      peer.name,
      (["client", "server"] as const).filter((role) => peer[role] !== undefined),
    );
    return implementation;
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL("package.json", packageRoot()), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

const peerOf = (name: string): Peer =>
  existsSync(name) || name.endsWith(".json")
    ? readAs(name, "a peer", readPeer)
    : choose("peer", knownPeers, name);

function chooseTests(names: readonly string[] | undefined): readonly InteropCase[] {
  if (names === undefined) return cases;
  const wanted = new Set(
    names.flatMap((name) => {
      const family = families.find((each) => each === name);
      return family === undefined
        ? [choose("case", cases, name)]
        : cases.filter((each) => each.family === family);
    }),
  );
  return cases.filter((each) => wanted.has(each));
}

async function runAll(
  pairs: readonly Pair[],
  tests: readonly InteropCase[],
  traces: string | undefined,
): Promise<Cell[]> {
  if (traces !== undefined) makeFolder(traces);
  const folder = new RunFolder();
  const cells: Cell[] = [];
  try {
    for (const pair of pairs) {
      const own: Cell[] = [];
      for (const test of tests) {
        const cell = await runCell(test, pair, folder);
        own.push(cell);
        if (cell.outcome === "failed") note(`${titleOf(cell)}: ${cell.reason}`);
        if (traces === undefined || cell.outcome === "not supported") continue;
        writeOutput(join(traces, `${fileOf(cell)}.txt`), describeCell(cell));
        const explained = explainCell(cell);
        if (explained !== undefined) writeOutput(join(traces, `${fileOf(cell)}.html`), explained);
      }
      note(`${pair.client.name} to ${pair.server.name}: ${countsOf(own)}`);
      cells.push(...own);
    }
  } finally {
    folder.remove();
  }
  return cells;
}

const titleOf = ({ client, server, test }: Cell): string => `${client} to ${server} ${test}`;

/** Without its ending. */
const fileOf = (cell: Cell): string => titleOf(cell).replaceAll(" ", "-");

const countsOf = (cells: readonly Cell[]): string =>
  outcomes
    .map((outcome) => [outcome, cells.filter((cell) => cell.outcome === outcome).length] as const)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ");

function summary(cells: readonly Cell[]): string {
  const shown = cells.filter(({ outcome }) => outcome !== "passed" && outcome !== "not supported");
  const rows = shown.map((cell) => [
    cell.test,
    cell.client,
    cell.server,
    cell.outcome,
    cell.reason,
  ]);
  const columns = ["case", "client", "server", "outcome", "reason"].map((title) => ({ title }));
  return [...(rows.length === 0 ? [] : [table(columns, rows), ""]), countsOf(cells)].join("\n");
}

/** Without the bytes. */
const plain = ({ cells, participants, absent, tests }: MatrixResult): unknown => ({
  participants,
  absent,
  tests,
  cells: cells.map(({ evidence, ...cell }) => ({
    ...cell,
    seen: evidence?.verdict.seen.map(({ facts, alerts }) => ({ ...facts, alerts })) ?? [],
  })),
});

async function write(
  result: MatrixResult,
  { output, md, remarks, traces }: Options,
): Promise<void> {
  if (output === undefined && md === undefined) return;
  const report = matrixReport(result);
  const more = remarks === undefined ? {} : { remarks: readText(remarks) };
  if (md !== undefined) writeOutput(md, markdown(report, more));
  if (output === undefined) return;
  try {
    const linked =
      traces === undefined
        ? report
        : matrixReport(result, (cell) => linkTo(cell, { output, traces }));
    writeOutput(output, page(linked, await loadRenderer()));
  } catch (error) {
    throw error instanceof MissingPackage ? new UsageError(error.message) : error;
  }
}

/** From the page to what explains a cell. */
function linkTo(
  cell: Cell,
  { output, traces }: { readonly output: string; readonly traces: string },
): string | undefined {
  if ((cell.evidence?.verdict.seen.length ?? 0) === 0) return undefined;
  const path = relative(
    output === "-" ? "." : dirname(output),
    join(traces, `${fileOf(cell)}.html`),
  );
  return path.split(sep).map(encodeURIComponent).join("/");
}

function listAll(hall: Hall, tests: readonly InteropCase[], json: true | undefined): void {
  hall.all();
  const { participants, absent } = hall;
  if (json) return printJson({ participants, absent, tests });
  const peers = [
    ...participants.map(({ name, title, version, roles }) => [
      name,
      title,
      version,
      roles.join(", "),
    ]),
    ...absent.map(({ title, reason }) => ["", title, "", reason]),
  ];
  const titles = ["peer", "implementation", "version", "as"].map((title) => ({ title }));
  print(table(titles, peers));
  print();
  const columns = ["case", "family", "what happens"].map((title) => ({ title }));
  print(
    table(
      columns,
      tests.map(({ name, family, does }) => [name, family, does]),
    ),
  );
}
