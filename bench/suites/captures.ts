import { native, noble, type Provider } from "../../src/node.ts";
import { captureOf, inspectCapture, runHandshake, setUp, type TraceEvent } from "../../src/lab.ts";
import { concatAll } from "../../src/wire/index.ts";
import type { Candidate, Subject } from "../measure.ts";
import { carryOut, type Suite } from "../suite.ts";

/** Bytes of data in the capture, beside a handshake. */
const amount = 4 * 2 ** 20;
/** Bytes of one write, and so of a record. */
const recordLength = 16_384;

/** Connections in a capture of short ones: a handshake each, and nothing after it. */
const connections = 100;

/** How fast a capture is read: one connection with a download, and many short ones, in Ethernet's segments. */
export const captures: Suite = {
  run: (context) => {
    const { sealed, open } = files();
    const short = shortFiles();
    const candidates: Candidate[] = [
      candidate("without secrets", native, sealed, hasData),
      candidate("with secrets", native, open, hasData),
      candidate("with secrets", noble, open, hasData),
      candidate("short connections, without secrets", native, short.sealed, hasAll),
      candidate("short connections, with secrets", native, short.open, hasAll),
    ];
    return carryOut({ candidates }, context);
  },
};

type Found = ReturnType<typeof inspectCapture>;

/** @throws if what was read is not what is in the file */
type Check = (found: Found) => void;

const hasData: Check = ({ connections: [one] }) => {
  const { records } = one!.unlisted.server;
  if (records < amount / recordLength / 2) throw new Error(`${records} records were read`);
};

const hasAll: Check = ({ connections: { length } }) => {
  if (length !== connections) throw new Error(`${length} connections were read`);
};

const candidate = (how: string, provider: Provider, file: Uint8Array, check: Check): Candidate => ({
  name: `${provider.name}, ${how}`,
  dimensions: { provider: provider.name, operation: how },
  bytes: file.length,
  setUp: (): Subject => ({
    run: () => check(inspectCapture([file], { provider })),
  }),
});

/** The same connection twice: with the secrets in the file, and without. */
function files(): { readonly sealed: Uint8Array; readonly open: Uint8Array } {
  const { trace, server } = runHandshake(setUp({ provider: native, group: "X25519MLKEM768" }));
  const events: TraceEvent[] = trace.events.filter(({ direction }) => direction === "sent");
  for (let sent = 0; sent < amount; sent += recordLength) {
    server.write(new Uint8Array(recordLength).fill(7));
    const bytes = concatAll(server.takeOutput());
    events.push({ at: sent, end: "server", direction: "sent", kind: "bytes", bytes });
  }
  return {
    sealed: captureOf([{ events, keyLog: [] }]),
    open: captureOf([{ events, keyLog: trace.keyLog }]),
  };
}

/** Handshakes alone, with and without their secrets. */
function shortFiles(): { readonly sealed: Uint8Array; readonly open: Uint8Array } {
  const traces = Array.from({ length: connections }, () => {
    const { trace } = runHandshake(setUp({ provider: native, group: "X25519MLKEM768" }));
    const events = trace.events.filter(({ direction }) => direction === "sent");
    return { events, keyLog: trace.keyLog };
  });
  return {
    sealed: captureOf(traces.map(({ events }) => ({ events, keyLog: [] }))),
    open: captureOf(traces),
  };
}
