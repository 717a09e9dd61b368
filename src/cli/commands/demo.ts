import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { schemes, suites } from "../../crypto/index.ts";
import { groups } from "../../groups/index.ts";
import {
  explain,
  explainedPage,
  type HandshakeRun,
  type Ledger,
  ledgerOf,
  runHandshake,
  type Scenario,
  setUp,
  watchExchange,
} from "../../lab.ts";
import { choose } from "../choose.ts";
import { openPage } from "../open-page.ts";
import { examples, wholeNumber } from "../options.ts";
import { note, print, printJson, table } from "../output.ts";
import type { Provider } from "../../crypto/index.ts";
import { loadProviders, oqsWhereItIs } from "../provider.ts";
import { renderLedger } from "../render/ledger.ts";
import { measureSpeeds, type Speed } from "../speed.ts";
import { style } from "../style.ts";
import { writeOutput } from "../write.ts";

export function define(command: Command): void {
  command
    .description("a hybrid and a classical handshake side by side, and the speed of the providers")
    .option("--rounds <number>", "of measuring; more are quieter", wholeNumber(1, 1000), 16)
    .option("--open", "open the page of the hybrid handshake in your browser")
    .option("--json", "plain data")
    .action(act);
  examples(command, [
    ["demo", "hybrid and classical handshakes, and how fast the providers are"],
    ["demo --open", "and look at the hybrid one, byte by byte"],
    ["demo --rounds 64 --json", "measured longer, as data"],
  ]);
}

interface Options {
  readonly rounds: number;
  readonly open?: true;
  readonly json?: true;
}

const groupNames = ["X25519MLKEM768", "x25519"] as const;
type GroupName = (typeof groupNames)[number];

/** `oqs` where liboqs is installed: what ran is in the results. */
type Name = "native" | "noble" | "oqs";
type Providers = Readonly<Record<Exclude<Name, "oqs">, Provider> & { oqs?: Provider }>;

interface Measured extends Speed {
  readonly provider: Name;
  /** What computed the key exchange. */
  readonly backends: readonly string[];
  readonly group: GroupName;
}

async function act(options: Options): Promise<void> {
  const loaded = await loadProviders();
  const oqs = await oqsWhereItIs(loaded.native);
  const providers: Providers = { ...loaded, ...(oqs && { oqs }) };
  const best = oqs ?? loaded.native;
  const watched = watchExchange(best);
  const [hybridRun, classicalRun] = groupNames.map((group) =>
    runHandshake(
      setUp({
        ...scenarioOf(best, group),
        providers: { client: best, server: watched.provider },
      }),
    ),
  ) as [HandshakeRun, HandshakeRun];
  const [hybrid, classical] = [ledgerOf(hybridRun), ledgerOf(classicalRun)];
  const page = writePage(explainedPage(explain(hybridRun.trace, { secretOf: watched.secretOf })));
  if (!options.json) {
    print(intro(providers, hybrid));
    print(compare(hybrid, classical));
    print(`\n${roomLeft(hybrid)}`);
    print(`\n${style("bold", "The hybrid handshake, byte by byte")}\n\n${renderLedger(hybrid)}\n`);
    note("measuring the providers, some seconds …");
  }
  const speeds = measure(providers, options.rounds);
  if (options.json) {
    printJson({ hybrid, classical, speeds, page });
  } else {
    print(`\n${renderSpeeds(speeds)}\n`);
    print(next);
    print(`\n${style("bold", "The hybrid handshake as a page")}, every byte explained:\n  ${page}`);
  }
  if (options.open) openPage(page);
}

/** In a folder of its own, which nobody else can have made. @returns its address */
function writePage(html: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "kemistry-demo-")), "handshake.html");
  writeOutput(path, html);
  return pathToFileURL(path).href;
}

const scenarioOf = (provider: Provider, group: GroupName): Scenario => ({
  provider,
  group: choose("group", groups, group),
  suite: choose("suite", suites, "TLS_AES_128_GCM_SHA256"),
  scheme: choose("signature", schemes, "ecdsa_secp256r1_sha256"),
});

const intro = ({ native }: Providers, { negotiated }: Ledger): string => `\
${style("bold", "Two TLS 1.3 handshakes in memory")}: client and server are ours,
the certificate is ECDSA P-256, on Node ${process.versions.node} (${native.hashes.sha256.backend}).
The hybrid key exchange ran on
${(negotiated?.backends.keyExchange ?? []).map((backend) => `  ${backend}\n`).join("")}`;

function compare(hybrid: Ledger, classical: Ledger): string {
  const row = (name: string, fact: (ledger: Ledger) => string | number): (string | number)[] => [
    name,
    fact(hybrid),
    fact(classical),
  ];
  const flight = (name: string, index: number): (string | number)[] =>
    row(`${name}, bytes (TCP segments)`, ({ flights }) => {
      const { bytes, segments } = flights[index] ?? { bytes: 0, segments: 0 };
      return `${bytes} (${segments})`;
    });
  return table(
    [{ title: "" }, ...groupNames.map((title) => ({ title, align: "right" as const }))],
    [
      row("withstands a quantum computer", ({ negotiated }) =>
        negotiated?.postQuantum ? "yes" : "no",
      ),
      row("client's key share, bytes", (ledger) => shareIn(ledger, "client_hello")),
      row("server's key share, bytes", (ledger) => shareIn(ledger, "server_hello")),
      flight("ClientHello", 0),
      flight("server's flight", 1),
      flight("client's Finished", 2),
      row("in all, bytes", ({ totals }) => totals.both.bytes),
      row("round trips before data", ({ roundTrips }) => roundTrips),
    ],
  );
}

const shareIn = ({ flights }: Ledger, type: string): number =>
  flights.flatMap(({ messages }) => messages).find((message) => message.type === type)
    ?.keyShares?.[0]?.bytes ?? 0;

/** Middleboxes and servers that expect a ClientHello in one piece make this matter. */
function roomLeft({ flights, assumptions }: Ledger): string {
  const room = assumptions.maximumSegmentSize - (flights[0]?.bytes ?? 0);
  return room < 0
    ? "The hybrid ClientHello needs more than one TCP segment."
    : `The hybrid ClientHello can grow by ${room} bytes before it takes two segments.`;
}

function measure(providers: Providers, rounds: number): Measured[] {
  const pairs = names.flatMap((name) => {
    const provider = providers[name];
    if (provider === undefined) return [];
    return groupNames.map((group) => ({ name, provider, group }));
  });
  const speeds = measureSpeeds(
    pairs.map(({ provider, group }) => scenarioOf(provider, group)),
    rounds,
  );
  return pairs.map(({ name, provider, group }, index) => ({
    provider: name,
    group,
    backends: choose("group", groups, group).kems.map((kem) =>
      typeof kem === "string" ? provider.kems[kem].backend : kem.backend,
    ),
    ...speeds[index]!,
  }));
}

const names = ["native", "noble", "oqs"] as const satisfies readonly Name[];
const titles: Readonly<Record<Name, string>> = {
  native: "native: node:crypto, else noble",
  noble: "noble: pure JavaScript, anywhere",
  oqs: "native, and ML-KEM by liboqs",
};

function renderSpeeds(speeds: readonly Measured[]): string {
  const of = (provider: Name) =>
    groupNames.map((group) => {
      const speed = speeds.find((entry) => entry.provider === provider && entry.group === group);
      return speed?.cpuMilliseconds.toFixed(2) ?? "";
    });
  return [
    table(
      [
        { title: "CPU ms a handshake, both ends" },
        ...groupNames.map((title) => ({ title, align: "right" as const })),
      ],
      names
        .filter((name) => speeds.some(({ provider }) => provider === name))
        .map((name) => [titles[name], ...of(name)]),
    ),
    style(
      "dim",
      `Lower quartile of ${speeds[0]?.rounds} rounds, taken in turns; chain verified, no resumption.`,
    ),
  ].join("\n");
}

const next = `\
${style("bold", "Where to go next")}
  npx kemistry handshake --dump   every byte of every message, by name
  npx kemistry handshake --help   other groups, signatures, retry, mutual
  npx kemistry play               a playground in your browser
  npx kemistry serve              a page for your browser and curl
  npx kemistry connect HOST       what does that server negotiate?
  README.md                              use it as a library`;
