import { once } from "node:events";
import * as net from "node:net";
import type { Candidate } from "../measure.ts";
import { type Ends, nodeTlsPair, ourPair } from "../subjects/sockets.ts";
import { carryOut, type Comparison, type Suite } from "../suite.ts";

const chunk = Buffer.alloc(16_384, 7);
/** Bytes of one operation. */
const amount = 4 * 2 ** 20;

/** How fast data flows once a connection is there: native, loopback TCP, both ends in this process. */
export const bulk: Suite = {
  name: "bulk",
  title: "Application data over loopback TCP, written 16 KiB at a time, both ends",
  async run(options) {
    const candidates: Candidate[] = [];
    const comparisons: Comparison[] = [];
    const open: Ends[] = [];
    const add = (name: string, ends: Ends): void => {
      open.push(ends);
      candidates.push(transfer(name, ends));
    };
    add("bare TCP", await bareTcp());
    for (const suite of ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"]) {
      const theirs = `node:tls, ${suite}`;
      const ours = `ours, native, ${suite}`;
      add(theirs, await nodeTlsPair("x25519", suite, "tcp")());
      add(ours, await ourPair("x25519", suite, "tcp")());
      comparisons.push({
        name: `MB per CPU second, ours ÷ node:tls, ${suite}`,
        numerator: theirs,
        denominator: ours,
        goal: { atLeast: 0.65 },
      });
    }
    const result = await carryOut(
      { candidates, comparisons },
      { ...options, warmUpOperations: 20 },
    );
    for (const { client, server } of open) {
      client.destroy();
      server.destroy();
    }
    return result;
  },
};

function transfer(name: string, { client, server }: Ends): Candidate {
  let left = 0;
  let arrived = (): void => {};
  server.on("data", (data: Uint8Array) => {
    left -= data.length;
    if (left === 0) arrived();
  });
  return {
    name,
    bytes: amount,
    async run() {
      left = amount;
      const all = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      for (let sent = 0; sent < amount; sent += chunk.length) {
        if (!client.write(chunk)) await once(client, "drain");
      }
      await all;
    },
  };
}

async function bareTcp(): Promise<Ends> {
  const listener = net.createServer().listen(0, "127.0.0.1").unref();
  await once(listener, "listening");
  const accepted = once(listener, "connection");
  const client = net.connect({ port: (listener.address() as net.AddressInfo).port });
  const [server] = (await accepted) as [net.Socket];
  return { client, server };
}
