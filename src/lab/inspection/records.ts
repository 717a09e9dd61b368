/** Raw records of TLS, in a file without packets: one direction, or both as they were sent. */
import { ContentType, HandshakeType } from "../../registry/index.ts";
import { recordHeaderLength } from "../../record/index.ts";
import { concatAll } from "../../wire/index.ts";
import type { Role } from "../../schedule/index.ts";
import { RecordCutter } from "../trace/cutters.ts";
import type { Trace, TraceEvent } from "../trace/trace.ts";

/** Whether a file begins with a record that a hello can stand in. */
export const isRecords = (bytes: Uint8Array): boolean =>
  bytes[0] === ContentType.handshake &&
  bytes[1] === 3 &&
  (bytes[2] ?? 9) <= 4 &&
  (bytes[5] === HandshakeType.client_hello || bytes[5] === HandshakeType.server_hello);

/**
 * A trace of records of which nobody says the sender. Hellos say theirs, and others go with the one before; of two
 * change_cipher_specs behind a ServerHello the second is the client's (RFC 9846 Appendix E.4), and begins its flight.
 */
export function recordsTrace(bytes: Uint8Array): Trace {
  const runs: { readonly from: Role; readonly records: Uint8Array[] }[] = [];
  let specs = 0;
  for (const record of new RecordCutter().push(bytes)) {
    const said = senderOf(record);
    if (said !== undefined) specs = 0;
    if (record[0] === ContentType.change_cipher_spec) specs++;
    const before = runs.at(-1)?.from ?? "client";
    const from = said ?? (before === "server" && specs > 1 ? "client" : before);
    const run = runs.at(-1);
    if (run?.from === from) run.records.push(record);
    else runs.push({ from, records: [record] });
  }
  return {
    keyLog: [],
    events: runs.map(({ from, records }, at): TraceEvent => ({
      at,
      end: from,
      direction: "sent",
      kind: "bytes",
      bytes: concatAll(records),
    })),
  };
}

function senderOf(record: Uint8Array): Role | undefined {
  if (record[0] !== ContentType.handshake) return undefined;
  const type = record[recordHeaderLength];
  if (type === HandshakeType.client_hello) return "client";
  return type === HandshakeType.server_hello ? "server" : undefined;
}
