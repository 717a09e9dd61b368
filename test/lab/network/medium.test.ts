import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Network,
  NetworkMedium,
  symmetric,
  traceRun,
} from "../../../src/lab/network/index.ts";
import { check } from "../../support/property.ts";
import { handshake, watched } from "./conversations.ts";

type Role = "client" | "server";

/** What came out at each end, and when. */
function converse(
  network: Network,
  say: Partial<Record<Role, (heard: Uint8Array, medium: NetworkMedium) => void>>,
  work?: (from: Role) => number,
) {
  const medium = new NetworkMedium(network, { seed: 3, ...(work && { work }) });
  const heard: Record<Role, number[]> = { client: [], server: [] };
  const log: string[] = [];
  medium.attach({
    deliver: (to, bytes) => {
      heard[to].push(...bytes);
      log.push(`${to} ${bytes.length} ${medium.now()}`);
      say[to]?.(Uint8Array.from(heard[to]), medium);
    },
    end: (to) => log.push(`${to} end ${medium.now()}`),
  });
  return { medium, heard, log };
}

describe("NetworkMedium", () => {
  it("carries bytes, in virtual time, with the work of the ends", () => {
    const { medium, heard, log } = converse(
      symmetric({ rtt: 30 }),
      {
        server: (_, to) => (to.take("server", Uint8Array.of(4, 5)), to.end("server")),
        client: (_, to) => to.end("client"),
      },
      (from) => (from === "server" ? 7 : 1),
    );
    medium.take("client", Uint8Array.of(1, 2, 3));
    while (medium.advance());
    expect(heard).toEqual({ client: [4, 5], server: [1, 2, 3] });
    expect(log).toEqual(["server 3 46", "client 2 68", "client end 68", "server end 83"]);
  });

  it("delivers every byte in order, whatever is lost and however it was written", () => {
    check(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 4000 }), { maxLength: 8 }),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 4000 }), { maxLength: 8 }),
        (client, server) => {
          const network = symmetric({ rtt: 10, loss: { kind: "bernoulli", probability: 0.1 } });
          const { medium, heard } = converse(network, {});
          for (const bytes of client) medium.take("client", bytes);
          for (const bytes of server) medium.take("server", bytes);
          while (medium.advance());
          expect(heard.server).toEqual(client.flatMap((bytes) => [...bytes]));
          expect(heard.client).toEqual(server.flatMap((bytes) => [...bytes]));
          expect(medium.failed).toBeUndefined();
        },
      ),
    );
  });

  it("keeps what it was given, whatever becomes of the caller's buffer", () => {
    const { medium, heard } = converse(symmetric({ rtt: 1 }), {});
    const bytes = Uint8Array.of(9);
    medium.take("client", bytes);
    bytes[0] = 0;
    while (medium.advance());
    expect(heard.server).toEqual([9]);
  });

  it("says when it gave up", () => {
    const { medium } = converse(
      symmetric({ rtt: 1, loss: { kind: "bernoulli", probability: 1 } }),
      {},
    );
    medium.take("client", Uint8Array.of(1));
    while (medium.advance());
    expect(medium.failed).toBe("no answer to the client's SYN");
  });

  it("passes a middlebox of packets", () => {
    const { medium, log } = converse(symmetric({ rtt: 10, unit: "segment" }), {});
    let seen = 0;
    // It drops the first packet that is longer than it likes, and holds the next
    medium.connection.up.box = ({ length }) => {
      if (length < 1000) return "pass";
      return seen++ === 0 ? "drop" : { hold: 3e6 };
    };
    medium.take("client", new Uint8Array(1200));
    while (medium.advance());
    expect(seen).toBe(2);
    const [, bytes, at] = log[0]!.split(" ").map(Number);
    expect(bytes).toBe(1200);
    expect(at).toBeGreaterThan(210 + 5 + 3);
  });
});

describe("traceRun", () => {
  it("keeps every packet: who sent what when, and whether it arrived", () => {
    const network = symmetric({ rtt: 20, loss: { kind: "scripted", packets: [1], of: "data" } });
    const { outcome, packets } = traceRun(network, handshake(3000, 500), 1);
    const { up, down } = watched(network, handshake(3000, 500));
    expect(packets).toHaveLength(up.length + down.length);
    expect(packets.slice(0, 5)).toMatchObject([
      { from: "client", kind: "syn", sent: 0, arrives: 10, bytes: 0 },
      { from: "server", kind: "syn-ack", sent: 10, arrives: 20 },
      { from: "client", kind: "ack", sent: 20, arrives: 30 },
      {
        from: "client",
        kind: "data",
        sent: 20,
        arrives: 30,
        start: 0,
        bytes: 2896,
        isRetransmission: false,
      },
      { from: "client", kind: "data", sent: 20, start: 2896, bytes: 104 },
    ]);
    const lost = packets.filter((packet) => packet.arrives === undefined);
    expect(lost).toHaveLength(outcome.up.lost + outcome.down.lost);
    expect(packets.some((packet) => packet.isRetransmission && packet.start === 2896)).toBe(true);
    expect(packets.map((packet) => packet.sent)).toEqual(
      packets.map((packet) => packet.sent).toSorted((a, b) => a - b),
    );
  });
});
