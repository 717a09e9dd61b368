import { describe, expect, it, vi } from "vitest";
import { type CapturedConnection, Connections } from "../../../src/lab/capture/connections.ts";
import { segmentIn } from "../../../src/lab/capture/ip.ts";
import { TcpFlag } from "../../../src/lab/capture/tcp-packet.ts";
import { captureOf } from "../../../src/lab/capture/write.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import type { TraceEvent } from "../../../src/lab/trace/trace.ts";
import { experiment } from "../experiment.ts";
import { packetsIn } from "./files.ts";

const { trace } = runHandshake(experiment());
const ended: TraceEvent[] = [
  ...trace.events,
  { at: 1e6, end: "client", direction: "sent", kind: "end" },
  { at: 1e6, end: "server", direction: "sent", kind: "end" },
];
const packets = packetsIn(captureOf([{ ...trace, events: ended }]));

interface Found {
  readonly connection: CapturedConnection;
  readonly events: TraceEvent[];
  isOver: boolean;
}

function read(given: readonly Uint8Array[]): Found[] {
  const all: Found[] = [];
  const connections = new Connections((connection) => {
    const found: Found = { connection, events: [], isOver: false };
    all.push(found);
    return {
      event: (event) =>
        found.events.push(
          event.kind === "bytes" ? { ...event, bytes: event.bytes.slice() } : event,
        ),
      finish: () => void (found.isOver = true),
    };
  });
  given.forEach((packet, at) => {
    const segment = segmentIn(101, packet);
    if (typeof segment !== "string") connections.segment(segment, at);
  });
  connections.finish();
  return all;
}

const sentBy = (found: Found | undefined, end: string): number =>
  found?.events.reduce(
    (sum, event) => sum + (event.end === end && event.kind === "bytes" ? event.bytes.length : 0),
    0,
  ) ?? 0;

/** Steps that iterators of maps and sets take meanwhile. */
function stepsOf(run: () => void): number {
  let steps = 0;
  const iterators = [new Map(), new Set()].map(
    (each) => Object.getPrototypeOf(each[Symbol.iterator]()) as Iterator<unknown>,
  );
  const spies = iterators.map((iterator) => {
    const { next } = iterator;
    return vi.spyOn(iterator, "next").mockImplementation(function (this: unknown) {
      steps++;
      return Reflect.apply(next, this, []);
    });
  });
  run();
  for (const spy of spies) spy.mockRestore();
  return steps;
}

describe("the connections of a capture", () => {
  const [whole] = read(packets);
  const client = { address: "192.0.2.1", port: 49_152 };
  const server = { address: "198.51.100.1", port: 443 };

  it("make room only when they are over, which is not looked for", () => {
    const connections = new Connections(() => ({ event() {}, finish() {} }));
    const [first] = packets;
    const syn = segmentIn(101, first!);
    if (typeof syn === "string") throw new Error(syn);
    const send = (number: number, flags: number): void =>
      connections.segment(
        { ...syn, source: Uint8Array.of(number >> 16, number >> 8, number), flags },
        0,
      );
    for (let number = 0; number < 65_536; number++) send(number, TcpFlag.syn);
    const steps = stepsOf(() => {
      for (let number = 65_536; number < 65_636; number++) send(number, TcpFlag.syn);
    });
    expect(connections.leftOut).toBe(100);
    expect(steps).toBeLessThan(1000);
    send(500, TcpFlag.reset);
    send(65_536, TcpFlag.syn);
    send(65_537, TcpFlag.syn);
    expect(connections.leftOut).toBe(101);
  });

  it("are told with their ends and what each said", () => {
    expect(whole?.connection).toMatchObject({ client, server, fromTheStart: true, began: 0 });
    expect(whole?.isOver).toBe(true);
    const kinds = whole?.events.map(({ kind, end }) => `${end} ${kind}`);
    expect(kinds?.slice(-2)).toEqual(["client end", "server end"]);
    expect([sentBy(whole, "client"), sentBy(whole, "server")]).toEqual(
      ["client", "server"].map((end) =>
        ended.reduce(
          (sum, event) =>
            sum +
            (event.kind === "bytes" && event.direction === "sent" && event.end === end
              ? event.bytes.length
              : 0),
          0,
        ),
      ),
    );
  });

  it.each([
    ["the SYN was not captured", packets.slice(1)],
    ["the ClientHello comes first", packets.slice(3)],
    ["the ServerHello comes first", packets.slice(4)],
    ["only one end was captured", packets.filter((packet) => packet[12] === 198)],
  ])("know the client where %s", (_, given) => {
    expect(read(given).map(({ connection }) => connection)).toMatchObject([{ client, server }]);
  });

  it("take the lower port for the server's where nothing says more", () => {
    const data = packets.filter((packet) => packet.length > 60).slice(2);
    expect(read(data)[0]?.connection).toMatchObject({ client, server, fromTheStart: false });
  });

  it("are two where the same ends begin anew, and one where a SYN is sent again", () => {
    expect(read([...packets, ...packets]).map(({ events }) => events.length)).toEqual([
      whole!.events.length,
      whole!.events.length,
    ]);
    expect(read([packets[0]!, ...packets])).toHaveLength(1);
    // A last acknowledgement is no connection of its own
    expect(read([...packets, packets[2]!])).toHaveLength(1);
  });

  it("end with a reset", () => {
    const reset = packets.at(-1)!.slice();
    reset[33] = 4;
    const [cut] = read([...packets.slice(0, 5), reset, ...packets.slice(5)]);
    expect([cut?.isOver, sentBy(cut, "client") > 0, sentBy(cut, "server")]).toEqual([
      true,
      true,
      1448,
    ]);
  });
});
