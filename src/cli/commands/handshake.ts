import type { Command } from "commander";
import { type KemScheme, kemSchemes, suites } from "../../crypto/index.ts";
import {
  dumpMessage,
  explain,
  explainedPage,
  type Ledger,
  ledgerOf,
  formatTrace,
  type MeasuredRun,
  measureHandshake,
  type MeasureOptions,
  type Role,
  type Scenario,
  watchExchange,
} from "../../lab.ts";
import { messageName } from "../../messages/index.ts";
import { toHex, utf8 } from "../../wire/index.ts";
import { pcapOption, writePcap } from "../capture.ts";
import { checkSeeded, chooseGroup, chooseKemScheme, chooseScheme } from "../algorithms.ts";
import { type CandidateOptions, maxKeyOption, roomFor } from "../candidates.ts";
import { choose } from "../choose.ts";
import { ExitCode, messageOf, UsageError } from "../errors.ts";
import { keyLogTo } from "../key-log.ts";
import { examples, wholeNumber } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { loadAnyProvider, anyProviderOption, type AnyProviderName } from "../provider.ts";
import { writeOutput } from "../write.ts";
import { renderDump } from "../render/dump.ts";
import { renderLedger } from "../render/ledger.ts";
import { renderNegotiated } from "../render/negotiated.ts";
import { renderTimes } from "../render/times.ts";

interface Options extends CandidateOptions {
  readonly group: string;
  readonly cipher: string;
  readonly signature: string;
  readonly auth: string;
  readonly storedKey?: true;
  readonly provider: AnyProviderName;
  readonly serverName: string;
  readonly mss: number;
  readonly mutual?: true;
  readonly retry?: true;
  readonly resume?: true;
  readonly earlyData?: true;
  readonly dump?: true;
  readonly seed?: string;
  readonly keyLog?: string;
  readonly pcap?: string;
  readonly trace?: string;
  readonly html?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option("-g, --group <name>", "key-exchange group", "X25519MLKEM768")
    .option("-c, --cipher <name>", "cipher suite", "TLS_AES_128_GCM_SHA256")
    .option("-s, --signature <name>", "signature scheme", "ecdsa_secp256r1_sha256")
    .option(
      "--auth <how>",
      "signature; or kem, experimental: the ends' keys encapsulate, with ML-KEM-768 or by a KEM scheme's name",
      "signature",
    )
    .option(
      "--stored-key",
      "with --auth kem: the client knows the server's key before (AuthKEM-PSK)",
    )
    .addOption(maxKeyOption())
    .addOption(anyProviderOption())
    .option("--mutual", "the client has a certificate too")
    .option("--retry", "the server answers with a HelloRetryRequest first")
    .option("--resume", "the client resumes the session of a handshake before")
    .option("--early-data", "and sends a request with its first flight")
    .option("--server-name <name>", "host name; its length counts", "localhost")
    .option("--mss <bytes>", "TCP payload of a segment", wholeNumber(1, 65535), 1448)
    .option("--dump", "every message, byte by byte, with the names of its fields")
    .option("--seed <text>", "all randomness follows from it: the same bytes each time")
    .option("--key-log <file>", "append the secrets, for Wireshark (NSS format)")
    .option(...pcapOption)
    .option("--trace <file>", "write what both ends sent and logged, for kemistry inspect")
    .option("--html <file>", "a page that explains every byte, - for stdout")
    .option("--json", "plain data, with the fields and the hex of messages if --dump")
    .action(act);
  examples(command, [
    ["handshake", "hybrid, the default"],
    ["handshake --group x25519 --signature mldsa65", "classical exchange, ML-DSA certificates"],
    [
      "handshake --group x25519_frodo640aes --signature falcon512",
      "candidates: npm install @oqs/liboqs-js",
    ],
    ["handshake --html handshake.html", "a page to look at it, byte by byte"],
    ["handshake --auth kem --mutual", "both ends by KEM instead of signatures (AuthKEM)"],
    ["handshake --auth kem --stored-key", "and the client knows the server's key before"],
    ["handshake --auth kem_mceliece348864 --max-key 261120", "by one with a large key"],
    ["handshake --retry --dump | less", "look at a HelloRetryRequest"],
    ["handshake --pcap hybrid.pcapng", "look at it in Wireshark, decrypted"],
    ["handshake --resume --early-data", "a session goes on, hybrid, without a round trip"],
  ]);
}

async function act(options: Options): Promise<void> {
  const { seed } = options;
  const provider = await loadAnyProvider(options.provider, seed);
  const log = options.keyLog === undefined ? undefined : keyLogTo(options.keyLog);
  const scheme = await chooseScheme(options.signature, provider, options);
  if (!scheme.inHandshake) {
    throw new UsageError(`${scheme.name} is for certificates only (RFC 9846 §4.3.3)`);
  }
  const group = await chooseGroup(options.group, options);
  const kem = await kemOf(options);
  if (seed !== undefined) checkSeeded([group, scheme, ...(kem === undefined ? [] : [kem])]);
  const watched = watchExchange(provider);
  const scenario: Scenario = {
    provider,
    providers: { client: provider, server: watched.provider },
    group,
    suite: choose("suite", suites, options.cipher),
    scheme,
    ...(kem && { kem }),
    storedKey: storedKeyIn(options),
    ...roomFor(options),
    serverName: options.serverName,
    mutual: options.mutual ?? false,
    retry: options.retry ?? false,
    resume: options.resume ?? false,
    ...(options.earlyData ? { earlyData: utf8("GET / HTTP/1.1\r\n\r\n") } : {}),
    ...(seed !== undefined && { now: () => seededTime }),
  };
  const run = measure(scenario, seed === undefined ? {} : { warmUps: 0, runs: 1 });
  for (const line of new Set(run.trace.keyLog.map((entry) => entry.line))) log?.(line);
  if (options.pcap !== undefined) {
    writePcap(
      options.pcap,
      [run.trace],
      seed === undefined ? { began: Date.now() } : { began: seededTime, clock: "counted" },
    );
  }
  if (options.trace !== undefined) writeOutput(options.trace, formatTrace(run.trace));
  const ledger = ledgerOf(run, { maximumSegmentSize: options.mss });
  const messages = run.sent.filter((item) => item.kind === "message");
  if (options.html !== undefined) {
    const { secretOf } = watched;
    const { psks } = run;
    const explained = explain(run.trace, { secretOf, psks, maximumSegmentSize: options.mss });
    writeOutput(options.html, explainedPage(explained));
  }
  if (options.html === "-") {
    // The page is all that stands on stdout
  } else if (options.json) {
    const dump = options.dump ? { dump: messages.map(dumpData) } : {};
    printJson({ provider: provider.name, ...ledger, ...dump });
  } else {
    if (options.dump) {
      for (const { from, raw, epoch } of messages) {
        print(renderDump(raw, `${from} sends ${raw.length} bytes, ${epoch} keys`));
      }
    }
    printLedger(ledger);
  }
  if (ledger.error !== null) {
    process.exitCode = ExitCode.failed;
    note(`kemistry: the ${ledger.error.role} refused: ${ledger.error.message}`);
  }
}

/** When handshakes happen that follow from a seed: 2 November 2026, 12:00 UTC. */
const seededTime = Date.UTC(2026, 10, 2, 12);

/** @throws UsageError where there is no such key */
function storedKeyIn({ storedKey, auth }: Options): boolean {
  if (storedKey && auth === "signature") {
    throw new UsageError(
      "--stored-key needs --auth kem: nothing is encapsulated to a key that signs",
    );
  }
  return storedKey === true;
}

/** @throws UsageError for a KEM scheme that nobody knows */
async function kemOf({ auth, ...candidates }: Options): Promise<KemScheme | undefined> {
  if (auth === "signature") return undefined;
  return auth === "kem" ? kemSchemes[0] : chooseKemScheme(auth, candidates);
}

/** @throws UsageError if the provider has no such keys */
function measure(scenario: Scenario, options: MeasureOptions): MeasuredRun {
  try {
    return measureHandshake(scenario, options);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function printLedger(ledger: Ledger): void {
  if (ledger.negotiated !== null) print(`${renderNegotiated(ledger.negotiated)}\n`);
  print(`${renderLedger(ledger)}\n`);
  print(renderTimes(ledger));
}

const dumpData = ({ from, raw }: { readonly from: Role; readonly raw: Uint8Array }) => ({
  from,
  type: messageName(raw),
  hex: toHex(raw),
  fields: dumpMessage(raw).map(({ bytes, ...line }) => ({ ...line, bytes: bytes.length })),
});
