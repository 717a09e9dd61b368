import { closeSync, openSync, readSync } from "node:fs";
import type { Command } from "commander";
import { ScenarioError, tapeTraces } from "../../lab/adversary/index.ts";
import { CaptureError, isCapture } from "../../lab/capture/index.ts";
import {
  inspectCapture,
  type InspectOptions,
  inspectTrace,
  isRecords,
  recordsTrace,
} from "../../lab/inspection/index.ts";
import { explain, explainedPage } from "../../lab/explained/index.ts";
import { dumpAnyMessage, parseTrace, TraceFileError, viewsOf } from "../../lab/trace/index.ts";
import { fromHex, toHex } from "../../wire/index.ts";
import { certificateCompressors } from "../../transport/node/compression.ts";
import { messageName } from "../../messages/index.ts";
import { messageOf, unreadable, UsageError } from "../errors.ts";
import { examples, readText, wholeNumber } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { writeOutput } from "../write.ts";
import { loadProvider, type ProviderName, providerOption } from "../provider.ts";
import {
  type Inspected,
  type InspectedView,
  renderInspected,
  renderSummary,
} from "../render/inspection.ts";

interface Options {
  readonly keyLog?: string;
  readonly psk?: readonly string[];
  readonly connection?: number;
  readonly dump?: true;
  readonly html?: string;
  readonly provider: ProviderName;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("<file>", "a capture (pcap, pcapng), a tape, a trace, or raw records")
    .option("--key-log <file>", "secrets of its connections (SSLKEYLOGFILE)")
    .option("--psk <hex>", "a pre-shared key, to check binders with; may be given again", list)
    .option("--connection <n>", "only that one, from 1", wholeNumber(1, 1_000_000))
    .option("--html <file>", "write a page that explains one connection, byte by byte")
    .option("--dump", "every handshake message, byte by byte")
    .addOption(providerOption())
    .option("--json", "plain data")
    .action(act);
  command.addHelpText(
    "after",
    "\nIt reads TLS 1.3 of anybody's; other protocols are named and left alone. Without\n" +
      "secrets it shows what an onlooker sees. What was not captured is shown as a gap.",
  );
  examples(command, [
    ["inspect dump.pcapng --key-log keys.txt", "what Wireshark or tcpdump has captured"],
    ["inspect handshake.pcapng --dump | less", "written by handshake --pcap, with its secrets"],
  ]);
}

const list = (value: string, before: readonly string[] = []): string[] => [...before, value];

async function act(path: string, options: Options): Promise<void> {
  const settings = {
    provider: await loadProvider(options.provider),
    certificateCompression: certificateCompressors,
    ...(options.keyLog === undefined ? {} : { keyLog: readText(options.keyLog) }),
    psks: (options.psk ?? []).map(readPsk),
  } satisfies InspectOptions;
  const inspected = inspectFile(path, settings);
  const chosen = inspected.connections.flatMap((connection, index) =>
    options.connection === undefined || options.connection === index + 1
      ? [{ number: index + 1, connection }]
      : [],
  );
  if (options.connection !== undefined && chosen.length === 0) {
    throw new UsageError(`${path} has ${inspected.connections.length} connections`);
  }
  if (options.html !== undefined)
    writePage(path, { output: options.html, psks: settings.psks }, chosen);
  if (options.json) {
    printJson({
      ...inspected,
      connections: chosen.map((each) => dataOf(each.connection, options)),
    });
  } else {
    for (const { number, connection } of chosen) {
      print(renderInspected(connection, number, options.dump === true));
    }
    print(renderSummary(inspected));
  }
  if (inspected.problem !== null) note(`kemistry: ${path}: ${inspected.problem}`);
}

/** Without what only a program needs, and with the fields of messages if they are wanted. */
function dataOf(connection: InspectedView, { dump }: Options) {
  const rest = { ...connection, items: undefined, trace: undefined };
  if (!dump) return rest;
  const messages = connection.items.filter((item) => item.kind === "message");
  return {
    ...rest,
    dump: messages.map(({ from, raw, epoch }) => ({
      from,
      epoch,
      type: messageName(raw),
      hex: toHex(raw),
      fields: dumpAnyMessage(raw).map(({ bytes, ...line }) => ({
        ...line,
        bytes: bytes.length,
      })),
    })),
  };
}

/** Of the first that is chosen and of which something was read. @throws UsageError if there is none, or it is too damaged */
function writePage(
  path: string,
  { output, psks }: { readonly output: string; readonly psks: readonly Uint8Array[] },
  chosen: readonly { readonly connection: InspectedView }[],
): void {
  const found = chosen.find(({ connection }) => connection.items.length > 0);
  if (found === undefined) throw new UsageError(`${path} has no connection of TLS to explain`);
  let page: string;
  try {
    page = explainedPage(explain(found.connection.trace, { psks }));
  } catch (error) {
    throw new UsageError(`${path} cannot be explained: ${messageOf(error)}`);
  }
  writeOutput(output, page);
}

function readPsk(text: string): Uint8Array {
  if (/^([\da-f]{2})+$/i.test(text)) return fromHex(text);
  throw new UsageError("--psk takes a key in hexadecimal");
}

/** Bytes that are read at once. */
const pieceSize = 2 ** 20;
/** Bytes of a file that must be read as a whole: a tape, a trace, records. */
const maxWhole = 2 ** 28;

/** @throws UsageError for a file that is nothing of what can be read */
function inspectFile(path: string, settings: InspectOptions): Inspected {
  const pieces = piecesOf(path);
  const first = pieces.next().value ?? new Uint8Array(0);
  try {
    if (isCapture(first)) return inspectCapture(followedBy(first, pieces), settings);
    const whole = allOf(path, first, pieces);
    const traces = isRecords(whole) ? [recordsTrace(whole)] : tracesIn(path, whole);
    return {
      connections: traces.flatMap(viewsOf).map((view) => ({
        place: view.place,
        ...inspectTrace({ events: view.events, keyLog: view.keyLog }, settings),
      })),
      problem: null,
    };
  } catch (error) {
    const isTheirs =
      error instanceof CaptureError ||
      error instanceof TraceFileError ||
      error instanceof ScenarioError;
    throw isTheirs ? new UsageError(`${path}: ${error.message}`) : error;
  }
}

function tracesIn(path: string, whole: Uint8Array) {
  const text = new TextDecoder().decode(whole);
  if (!/^\s*\{/.test(text)) {
    throw new UsageError(
      `${path} is not a capture (pcap, pcapng), a tape, a trace, or records of TLS`,
    );
  }
  // A tape is a line for each thing, a trace one object
  return text.startsWith('{"kemistry":"tape"') ? tapeTraces(text) : [parseTrace(text)];
}

function* followedBy(first: Uint8Array, rest: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield first;
  yield* rest;
}

function allOf(path: string, first: Uint8Array, rest: Iterable<Uint8Array>): Uint8Array {
  const pieces = [first];
  let size = first.length;
  for (const piece of rest) {
    pieces.push(piece);
    size += piece.length;
    if (size > maxWhole) throw new UsageError(`${path} is too long to be anything but a capture`);
  }
  return Buffer.concat(pieces, size);
}

/** @throws UsageError that says why the file cannot be read */
function* piecesOf(path: string): Generator<Uint8Array> {
  const trying = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw unreadable(path, error);
    }
  };
  const file = trying(() => openSync(path, "r"));
  try {
    for (;;) {
      // A new one each time: what is not whole yet stays in it
      const buffer = new Uint8Array(pieceSize);
      const length = trying(() => readSync(file, buffer));
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
