/** The relay does to packets what the model does: the packets of a simulated run are given to it. */
import { describe, expect, it } from "vitest";
import { Flow } from "../../../src/lab/kernel/flow.ts";
import type { TcpPacket } from "../../../src/lab/kernel/packet.ts";
import {
  type Network,
  type SentPacket,
  symmetric,
  traceRun,
} from "../../../src/lab/network/index.ts";

const script = {
  client: [{ write: 300 }, { received: 20_000, cpu: 2, write: 64, mark: "handshake" }],
  server: [{ received: 300, cpu: 1, write: 20_000 }],
};

/** TLS records as they are on the wire: a hello, then one record of encrypted data. */
function streamOf(from: "client" | "server"): Uint8Array {
  const [hello, rest] = from === "client" ? [300, 64] : [200, 19_800];
  const record = (type: number, length: number) =>
    new Uint8Array([
      type,
      3,
      3,
      (length - 5) >> 8,
      (length - 5) & 0xff,
      ...Array(length - 5).fill(0),
    ]);
  const last = rest > 16_000 ? [record(23, 16_000), record(23, rest - 16_000)] : [record(23, rest)];
  return new Uint8Array([record(22, hello), ...last].flatMap((bytes) => [...bytes]));
}
const streams = { client: streamOf("client"), server: streamOf("server") };

const tcpOf = ({ from, kind, start, bytes }: SentPacket): TcpPacket => ({
  source: "",
  destination: "",
  isSyn: kind === "syn" || kind === "syn-ack",
  // Sequence numbers go over the edge
  sequence: (0xffff_ff00 + (kind === "syn" || kind === "syn-ack" ? 0 : 1) + start) >>> 0,
  payload: kind === "data" ? streams[from].subarray(start, start + bytes) : new Uint8Array(),
  size: 66 + bytes,
});

/** Gives a flow what was simulated, and collects when it says that packets arrive. */
function replay(network: Network, seed: number, finishedAfter?: number) {
  const { packets, outcome } = traceRun(network, script, seed, { until: "handshake" });
  const flow = new Flow(network, seed, finishedAfter);
  const arrivals: (number | undefined)[] = [];
  const inside: { from: SentPacket["from"]; at: number }[] = [];
  for (const packet of packets) {
    for (const one of inside.splice(0)) {
      if (one.at <= packet.sent) flow.arrived(one.from);
      else inside.push(one);
    }
    const arrives = flow.take(packet.from, tcpOf(packet), Math.round(packet.sent * 1e6));
    arrivals.push(arrives < 0 ? undefined : arrives / 1e6);
    if (arrives >= 0) inside.push({ from: packet.from, at: arrives / 1e6 });
    if (flow.ms !== undefined) break;
  }
  return { flow, arrivals, packets, outcome };
}

describe("a flow", () => {
  it.each([
    ["a delay", symmetric({ rtt: 40, unit: "segment" })],
    [
      "loss",
      symmetric({ rtt: 40, unit: "segment", loss: { kind: "bernoulli", probability: 0.2 } }),
    ],
    ["a rate and a queue", symmetric({ rtt: 40, unit: "segment", rate: 2, queue: 12_000 })],
    ["room for few packets", symmetric({ rtt: 40, unit: "segment", limit: 4 })],
    [
      "jitter",
      symmetric({ rtt: 40, unit: "segment", jitter: { deviation: 4, distribution: "normal" } }),
    ],
    [
      "a script",
      symmetric({ rtt: 40, unit: "segment", loss: { kind: "scripted", packets: [1], of: "data" } }),
    ],
  ])("with %s has the arrivals and losses of the model, and its time", (_, network) => {
    for (let seed = 0; seed < 30; seed++) {
      const { flow, arrivals, packets, outcome } = replay(network, seed, 300);
      // What follows the end of the measurement is not delayed
      const until = arrivals.length - 1;
      expect(arrivals.slice(0, until)).toEqual(
        packets.slice(0, until).map(({ arrives }) => arrives),
      );
      expect(flow.ms).toBe(outcome.ms);
    }
  });

  it("has other losses with another seed", () => {
    const lossy = symmetric({ rtt: 40, loss: { kind: "bernoulli", probability: 0.3 } });
    expect(
      new Set(Array.from({ length: 20 }, (_, seed) => replay(lossy, seed, 300).flow.lost)).size,
    ).toBeGreaterThan(3);
  });

  it("finds the record that ends the handshake, and says what each end sent and when", () => {
    const { flow, outcome } = replay(symmetric({ rtt: 40, unit: "segment" }), 1);
    expect(flow.ms).toBe(outcome.ms);
    expect(flow.before).toBe(300);
    expect(flow.turns).toEqual([
      { from: "client", records: [300], waited: 40 },
      { from: "server", records: [200, 16_000, 3800], waited: 21 },
      { from: "client", records: [64], waited: 22 },
    ]);
  });

  it("has no time before that record, and lets later packets pass at once", async () => {
    const flow = new Flow(symmetric({ rtt: 40 }), 1, 300);
    const hello = { source: "", destination: "", size: 366, isSyn: false };
    flow.take("client", { ...hello, isSyn: true, sequence: 9, payload: new Uint8Array() }, 0);
    flow.take("client", { ...hello, sequence: 10, payload: streams.client.subarray(0, 300) }, 1e6);
    expect(flow.ms).toBeUndefined();
    const last = { ...hello, sequence: 310, payload: streams.client.subarray(300) };
    expect(flow.take("client", last, 5e6)).toBe(25e6);
    await flow.ended();
    expect(flow.ms).toBe(5);
    expect(flow.take("client", last, 7e6)).toBe(7e6);
  });
});
