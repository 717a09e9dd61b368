import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FlightScript,
  Flag,
  type Loss,
  Runner,
  symmetric,
} from "../../../src/lab/network/index.ts";
import { check } from "../../support/property.ts";
import { handshake, once, watched } from "./conversations.ts";
import { digest, expected, lossy, networks, scripts, seedOf } from "./digest.ts";

describe("without loss", () => {
  // 10, 10 + 20, 10 + 20 + 40 segments of 1448 bytes
  it.each([
    [1, 1],
    [14_480, 1],
    [14_481, 2],
    [43_440, 2],
    [43_441, 3],
    [101_360, 3],
    [101_361, 4],
  ])("a flight of %i bytes takes %i round trips", (flight, rounds) => {
    for (const rtt of [5.54, 31.086, 195.634]) {
      const ms = once(symmetric({ rtt }), handshake(300, flight), { until: "finished" });
      expect(ms).toBeCloseTo((1 + rounds) * rtt, 6);
    }
  });

  it("takes what the closed form says, whatever the sizes, the window and the work", () => {
    const sizes = [fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 90_000 })] as const;
    check(
      fc.property(
        ...sizes,
        fc.integer({ min: 4, max: 40 }),
        fc.integer({ min: 536, max: 1460 }),
        fc.nat(50),
        (hello, flight, initialWindow, mss, cpu) => {
          const rtt = 100;
          const rounds = (bytes: number): number => {
            const segments = Math.ceil(bytes / mss);
            return Math.ceil(Math.log2(segments / initialWindow + 1) - 1e-12);
          };
          const ms = once(symmetric({ rtt, mss, initialWindow }), handshake(hello, flight, cpu), {
            until: "finished",
          });
          expect(ms).toBeCloseTo(rtt * (rounds(hello) + rounds(flight)) + 2 * cpu, 6);
        },
      ),
    );
  });

  it("adds what the packets take at a rate", () => {
    const network = symmetric({ rtt: 40, rate: 1, unit: "segment" });
    // SYN, SYN-ACK and the hello's packet; then the flight's acknowledged-at-once hello, and three segments
    const bits = 8 * (66 + 66 + 66 + (300 + 66) + 66 + 3 * (1448 + 66));
    expect(once(network, handshake(300, 3 * 1448), { until: "finished" })).toBeCloseTo(
      80 + bits / 1000,
      6,
    );
  });

  it("stops at the mark, and marks every step that was done", () => {
    const script = handshake(300, 1000, 2);
    const network = symmetric({ rtt: 10, acks: "quick" });
    const runner = new Runner(network, script);
    expect(runner.run(1)).toBe(34);
    expect(runner.outcome).toMatchObject({
      ms: 34,
      connected: 10,
      marks: { hello: 10, finished: 24, "server finished": 29, acknowledged: 34 },
    });
    const toFinished = new Runner(network, script, { until: "finished" });
    expect(toFinished.run(1)).toBe(24);
    expect(Object.keys(toFinished.outcome.marks)).toEqual(["hello", "finished"]);
    expect(() => new Runner(network, script, { until: "finish" })).toThrow(
      'until: no step has the mark "finish"; there are hello, finished, acknowledged, server finished',
    );
  });

  it("waits for processors", () => {
    const asked: number[] = [];
    const server = { take: (now: number, work: number) => (asked.push(work), now + 2 * work) };
    const script = handshake(300, 1000, 3);
    expect(
      once(symmetric({ rtt: 10 }), script, { until: "finished", processors: { server } }),
    ).toBe(29);
    expect(asked).toEqual([3e6]);
  });
});

describe("a run", () => {
  it("depends on its seed alone: no state leaks from one to the next", () => {
    const count = 25;
    for (const network of networks) {
      for (const script of scripts) {
        const run = (runner: Runner, at: number) => [runner.run(seedOf(at)), runner.outcome];
        const whole = new Runner(network, script);
        const inOrder = Array.from({ length: count }, (_, at) => run(whole, at));
        const backwards = new Runner(network, script);
        for (let at = count - 1; at >= 0; at--) {
          expect(run(backwards, at)).toEqual(inOrder[at]);
        }
        for (const at of [0, 7, 20]) {
          expect(run(new Runner(network, script), at)).toEqual(inOrder[at]);
        }
      }
    }
  });

  it("gives the same on every engine", () => {
    expect(digest()).toBe(expected);
  });

  it("delivers every byte, and loses and repeats what it says", () => {
    check(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.integer({ min: 1, max: 60_000 }),
        fc.constantFrom("gso", "segment" as const),
        (seed, probability, flight, unit) => {
          const network = symmetric({ rtt: 40, loss: lossy(probability), unit });
          const { up, down, runner, ms } = watched(network, handshake(500, flight), seed);
          if (Number.isNaN(ms)) return;
          const { client, server } = runner.connection;
          expect([client.receiver.next, server.receiver.next]).toEqual([flight, 580]);
          expect([client.sender.una, server.sender.una]).toEqual([580, flight]);
          for (const [packets, traffic, total] of [
            [up, runner.outcome.up, 580],
            [down, runner.outcome.down, flight],
          ] as const) {
            expect(traffic).toEqual({
              packets: packets.length,
              lost: packets.filter((packet) => packet.arrives === undefined).length,
              bytes: packets.reduce((sum, packet) => sum + packet.length, 0),
            });
            const first = packets.filter((packet) => (packet.flags & Flag.retransmission) === 0);
            expect(first.reduce((sum, packet) => sum + packet.length, 0)).toBe(total);
            const arrived = new Set<number>();
            for (const { start, length, arrives } of packets) {
              if (arrives === undefined) continue;
              for (let at = start; at < start + length; at++) arrived.add(at);
            }
            expect(arrived.size).toBe(total);
          }
        },
      ),
    );
  });

  it("draws the same losses whatever is sent", () => {
    const network = symmetric({ rtt: 40, loss: lossy(0.2) });
    const fates = (script: FlightScript): boolean[] =>
      watched(network, script, 5)
        .down.slice(0, 5)
        .map((packet) => packet.arrives === undefined);
    expect(fates(handshake(300, 9000))).toEqual(fates(handshake(1500, 80_000)));
  });

  it("ends, also where timers are exact and round trips no whole number of microseconds", () => {
    for (const rtt of [0, 0.000_01, 0.333_333_1, 7.000_003]) {
      const network = symmetric({
        rtt,
        loss: lossy(0.3),
        kernel: "ideal",
        jitter: { deviation: rtt / 3, distribution: "uniform" },
      });
      const runner = new Runner(network, handshake(3000, 30_000));
      for (let at = 0; at < 50; at++) {
        const ms = runner.run(seedOf(at));
        const { up, down } = runner.outcome;
        expect(up.packets + down.packets).toBeLessThan(1000);
        expect(Number.isNaN(ms) || ms >= rtt).toBe(true);
      }
    }
  });
});

describe("a connection that cannot be", () => {
  const never: Loss = lossy(1);
  it("fails, and says at what", () => {
    const deaf = new Runner(symmetric({ rtt: 10, loss: never }), handshake(1, 1));
    expect(deaf.run(1)).toBeNaN();
    expect(deaf.outcome).toMatchObject({
      failed: "no answer to the client's SYN",
      up: { packets: 7, lost: 7 },
    });

    const later: Loss = {
      kind: "scripted",
      packets: Array.from({ length: 40 }, (_, at) => at),
      of: "data",
    };
    const network = symmetric({ rtt: 10 });
    const mute = new Runner({ ...network, up: { ...network.up, loss: later } }, handshake(1, 1));
    expect(mute.run(1)).toBeNaN();
    expect(mute.outcome.failed).toBe("no acknowledgement of what the client sent");

    const waiting = new Runner(network, {
      client: [{ received: 5 }, { write: 3 }],
      server: [{ received: 3 }, { write: 5 }],
    });
    expect(waiting.run(1)).toBeNaN();
    expect(waiting.outcome.failed).toBe("both ends wait for each other");
  });
});
