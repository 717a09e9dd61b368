/** What happened in connections of anybody's, from a capture or from a trace. */
import { noble, type Provider, type Suite, suites as registered } from "../../crypto/index.ts";
import type { CertificateCompressor } from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";
import { type CapturedConnection, Connections } from "../capture/connections.ts";
import { segmentIn, type Unread } from "../capture/ip.ts";
import { CaptureError } from "../capture/capture-item.ts";
import { CaptureFile } from "../capture/packets.ts";
import { Budget } from "../trace/budget.ts";
import { Secrets } from "../trace/keys.ts";
import { sentIn, type Trace } from "../trace/trace.ts";
import { type Inspection, Inspector } from "./inspector.ts";

/** With what connections are read. */
export interface InspectOptions {
  /** Opens what is encrypted. Default: `noble`. */
  readonly provider?: Provider;
  /** Key logs in the format of NSS (RFC 9850), of any number of connections. Default: none but what the file holds. */
  readonly keyLog?: string;
  /** Pre-shared keys, with which binders are checked: key logs do not have them. */
  readonly psks?: readonly Uint8Array[];
  /** With which compressed certificates are read (RFC 8879). Default: none. */
  readonly certificateCompression?: readonly CertificateCompressor[];
  /** Bytes that all connections together keep at most. Default: 256 MiB. */
  readonly memory?: number;
}

const optionTable = {
  provider: check.like("a provider, such as noble", "aeads", "hashes"),
  keyLog: check.text,
  psks: check.listOf(check.bytes),
  certificateCompression: check.listOf(
    check.like("{ algorithm, compress, decompress }", "algorithm", "decompress"),
  ),
  memory: check.whole(1, undefined, " bytes"),
} satisfies check.OptionTable<InspectOptions>;

/** A connection that was found in a capture. */
export type InspectedConnection = CapturedConnection & Inspection;

/** What a capture holds. */
export interface InspectedCapture {
  /** That carried bytes, in the order of their first. */
  readonly connections: readonly InspectedConnection[];
  /** Packets in the file. */
  readonly packets: number;
  /** Packets that hold no TCP segment which is read, by the reason. */
  readonly unread: Readonly<Partial<Record<Unread, number>>>;
  /** Connections, and segments of others, for which there was no more room. */
  readonly leftOut: number;
  /** Where the file could not be read further; `null`: it was read to its end. */
  readonly problem: string | null;
}

/** Connections of a capture that are told of one by one. */
const maxConnections = 10_000;
/** Bytes of records that are tried, in all, to find records behind gaps. */
const maxSearched = 2 ** 30;
/** Connections whose secrets are known at a time. */
const maxSecrets = 200_000;

/**
 * Reads a capture file (pcap or pcapng), which comes in pieces of any size and is not kept. A piece must not change
 * until the next one is asked for.
 * @throws CaptureError for what is not a capture, TypeError or RangeError for options that cannot be
 */
export function inspectCapture(
  pieces: Iterable<Uint8Array>,
  options: InspectOptions = {},
): InspectedCapture {
  check.checkOptions("inspectCapture", options, optionTable);
  const common = commonTerms(options);
  const { secrets } = common;
  const found: { readonly connection: CapturedConnection; readonly inspector: Inspector }[] = [];
  let leftOut = 0;
  const connections = new Connections((connection) => {
    if (found.length === maxConnections) {
      leftOut++;
      return { event() {}, finish() {} };
    }
    const { fromTheStart } = connection;
    const inspector = new Inspector({ ...common, fromTheStart });
    found.push({ connection, inspector });
    return inspector;
  });
  const file = new CaptureFile();
  const unread: Partial<Record<Unread, number>> = {};
  let packets = 0;
  let problem: string | null = null;
  try {
    for (const piece of pieces) {
      for (const item of file.push(piece)) {
        if (item.kind === "keyLog") {
          if (secrets.size < maxSecrets) addLog(secrets, item.text);
          continue;
        }
        packets++;
        const segment = segmentIn(item.linkType, item.bytes);
        if (typeof segment === "string") unread[segment] = (unread[segment] ?? 0) + 1;
        else connections.segment(segment, item.at);
      }
    }
    file.end();
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    if (packets === 0) throw error;
    problem = error.message;
  }
  connections.finish();
  return {
    connections: found.map(({ connection, inspector }) => ({
      ...connection,
      ...inspector.inspection,
    })),
    packets,
    unread,
    leftOut: leftOut + connections.leftOut,
    problem,
  };
}

/**
 * Reads the trace of one connection, by the client's tap and the server's if it has them.
 * @throws TypeError or RangeError for options that cannot be
 */
export function inspectTrace(trace: Trace, options: InspectOptions = {}): Inspection {
  check.checkOptions("inspectTrace", options, optionTable);
  const common = commonTerms(options);
  for (const { end, line } of trace.keyLog) common.secrets.add(end, line);
  const inspector = new Inspector({ ...common, fromTheStart: true });
  for (const event of sentIn(trace.events)) inspector.event(event);
  inspector.finish();
  return inspector.inspection;
}

function commonTerms({
  provider = noble,
  keyLog = "",
  psks = [],
  certificateCompression: compressors = [],
  memory = 2 ** 28,
}: InspectOptions) {
  const secrets = new Secrets();
  addLog(secrets, keyLog);
  const suites: readonly Suite[] = registered;
  return {
    provider,
    suites,
    secrets,
    psks,
    compressors,
    budget: new Budget(memory),
    search: new Budget(maxSearched),
  };
}

/** Whose log it is does not matter where both ends have the same. */
function addLog(secrets: Secrets, text: string): void {
  for (const line of text.split("\n")) secrets.add("client", line);
}
