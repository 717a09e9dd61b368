import type { Command } from "commander";
import { schemes, suites } from "../../crypto/index.ts";
import { groups } from "../../groups/index.ts";
import {
  dumpMessage,
  type Ledger,
  ledgerOf,
  type MeasuredRun,
  measureHandshake,
  type Role,
  type Scenario,
} from "../../lab.ts";
import { messageName } from "../../messages/index.ts";
import { toHex, utf8 } from "../../wire/index.ts";
import { choose } from "../choose.ts";
import { ExitCode, messageOf, UsageError } from "../errors.ts";
import { examples, wholeNumber } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { loadProvider, providerOption, type ProviderName } from "../provider.ts";
import { renderDump } from "../render/dump.ts";
import { renderLedger } from "../render/ledger.ts";
import { renderNegotiated } from "../render/negotiated.ts";
import { renderTimes } from "../render/times.ts";

interface Options {
  readonly group: string;
  readonly cipher: string;
  readonly signature: string;
  readonly provider: ProviderName;
  readonly serverName: string;
  readonly mss: number;
  readonly mutual?: true;
  readonly retry?: true;
  readonly resume?: true;
  readonly earlyData?: true;
  readonly dump?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option("-g, --group <name>", "key-exchange group", "X25519MLKEM768")
    .option("-c, --cipher <name>", "cipher suite", "TLS_AES_128_GCM_SHA256")
    .option("-s, --signature <name>", "signature scheme", "ecdsa_secp256r1_sha256")
    .addOption(providerOption())
    .option("--mutual", "the client has a certificate too")
    .option("--retry", "the server answers with a HelloRetryRequest first")
    .option("--resume", "the client resumes the session of a handshake before")
    .option("--early-data", "and sends a request with its first flight")
    .option("--server-name <name>", "host name; its length counts", "localhost")
    .option("--mss <bytes>", "TCP payload of a segment", wholeNumber(1, 65535), 1448)
    .option("--dump", "every message, byte by byte, with the names of its fields")
    .option("--json", "plain data, with the fields and the hex of messages if --dump")
    .action(act);
  examples(command, [
    ["handshake", "hybrid, the default"],
    ["handshake --group x25519 --signature mldsa65", "classical exchange, ML-DSA certificates"],
    ["handshake --retry --dump | less", "look at a HelloRetryRequest"],
    ["handshake --resume --early-data", "a session goes on, hybrid, without a round trip"],
  ]);
}

async function act(options: Options): Promise<void> {
  const provider = await loadProvider(options.provider);
  const scheme = choose("signature", schemes, options.signature);
  if (!scheme.inHandshake) {
    throw new UsageError(`${scheme.name} is for certificates only (RFC 9846 §4.3.3)`);
  }
  const run = measure({
    provider,
    group: choose("group", groups, options.group),
    suite: choose("suite", suites, options.cipher),
    scheme,
    serverName: options.serverName,
    mutual: options.mutual ?? false,
    retry: options.retry ?? false,
    resume: options.resume ?? false,
    ...(options.earlyData ? { earlyData: utf8("GET / HTTP/1.1\r\n\r\n") } : {}),
  });
  const ledger = ledgerOf(run, { maximumSegmentSize: options.mss });
  const messages = run.sent.filter((item) => item.kind === "message");
  if (options.json) {
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

/** @throws UsageError if the provider has no such keys */
function measure(scenario: Scenario): MeasuredRun {
  try {
    return measureHandshake(scenario);
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
