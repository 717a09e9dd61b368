import { native, noble, type Provider } from "../../src/node.ts";
import { captureOf, inspectCapture, runHandshake, setUp, type TraceEvent } from "../../src/lab.ts";
import { concatAll } from "../../src/wire/index.ts";
import type { Candidate, Subject } from "../measure.ts";
import { carryOut, type Suite } from "../suite.ts";

/** Bytes of data in the capture, beside a handshake. */
const amount = 4 * 2 ** 20;
/** Bytes of one write, and so of a record. */
const recordLength = 16_384;

/** How fast a capture is read: one connection, a handshake and a download, in Ethernet's segments. */
export const captures: Suite = {
  run: (context) => {
    const { sealed, open } = files();
    const candidates: Candidate[] = [
      candidate("without secrets", native, sealed),
      candidate("with secrets", native, open),
      candidate("with secrets", noble, open),
    ];
    return carryOut({ candidates }, context);
  },
};

const candidate = (how: string, provider: Provider, file: Uint8Array): Candidate => ({
  name: `${provider.name}, ${how}`,
  dimensions: { provider: provider.name, operation: how },
  bytes: file.length,
  setUp: (): Subject => ({
    run() {
      const [connection] = inspectCapture([file], { provider }).connections;
      const { records } = connection!.unlisted.server;
      if (records < amount / recordLength / 2) throw new Error(`${records} records were read`);
    },
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
