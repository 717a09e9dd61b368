import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type QuicHandshake,
  type QuicLink,
  type QuicNetwork,
  type QuicOptions,
  QuicRunner,
  seedFor,
  symmetric,
} from "../../../src/lab/network/index.ts";
import { check } from "../../support/property.ts";

const rtt = 100;
const classical: QuicHandshake = {
  clientHello: 300,
  serverHello: 122,
  serverFlight: 2500,
  clientFlight: 36,
};
/** A hybrid hello takes two datagrams, and a chain of ML-DSA-65 ten kB. */
const postQuantum: QuicHandshake = {
  clientHello: 1500,
  serverHello: 1210,
  serverFlight: 15_000,
  clientFlight: 36,
};

/** The same in both directions. */
const both = (more: Omit<QuicLink, "delay"> = {}): QuicNetwork => {
  const link = { delay: rtt / 2, ...more };
  return { up: link, down: link };
};

const run = (handshake: QuicHandshake, options?: QuicOptions, network = both()) =>
  new QuicRunner(network, handshake, options).run(1);

describe("QUIC's flights", () => {
  it("take one round trip where the server's flight is within three times what came (RFC 9000 §8.1)", () => {
    const { finished, serverFinished, up, blocked } = run(classical);
    expect([finished, serverFinished, blocked]).toEqual([rtt, 1.5 * rtt, 0]);
    // The hello, and what acknowledges and finishes; the first is padded
    expect(up.packets).toBeGreaterThanOrEqual(2);
    expect(run({ ...classical, serverFlight: 3200 }).finished).toBe(rtt);
    expect(run({ ...classical, serverFlight: 3500 }).finished).toBe(2 * rtt);
  });

  it("take another where post-quantum certificates are longer, until the client is known", () => {
    const limited = run(postQuantum);
    expect([limited.finished, limited.blocked]).toEqual([2 * rtt, rtt]);
    const free = run(postQuantum, { amplification: Number.POSITIVE_INFINITY, initialWindow: 20 });
    expect([free.finished, free.blocked]).toEqual([rtt, 0]);
  });

  it("wait for the window where nothing else is in the way", () => {
    const unlimited = { amplification: Number.POSITIVE_INFINITY };
    expect(run({ ...classical, serverFlight: 11_000 }, unlimited).finished).toBe(rtt);
    expect(run({ ...classical, serverFlight: 12_500 }, unlimited).finished).toBe(2 * rtt);
    expect(
      run({ ...classical, serverFlight: 12_500 }, { ...unlimited, initialWindow: 20 }).finished,
    ).toBe(rtt);
  });

  it("pad to 1200 bytes whatever has an Initial from the client (RFC 9000 §14.1)", () => {
    const { up, down } = run(classical);
    // 300 bytes of hello are a whole datagram
    expect(up.bytes).toBeGreaterThanOrEqual(1200 + 36);
    expect(down.bytes).toBeLessThanOrEqual(3 * up.bytes);
    expect(run({ ...classical, clientHello: 1200 }).up.bytes).toBeGreaterThan(2400);
  });

  it("add the work of both ends, and carry a payload", () => {
    const { finished, serverFinished, lastByte } = run({
      ...classical,
      serverWork: 3,
      clientWork: 5,
      request: 200,
      payload: 8000,
    });
    expect(finished).toBeCloseTo(rtt + 8, 6);
    expect(serverFinished).toBeCloseTo(1.5 * rtt + 8, 6);
    expect(lastByte).toBeCloseTo(2 * rtt + 8, 6);
  });

  it("say again what a lost datagram held: after 999 ms without a sample, after less with one", () => {
    const lost = (direction: "up" | "down", packets: number[]) => {
      const network = both();
      const link = { ...network[direction], loss: { kind: "scripted" as const, packets } };
      return run(classical, {}, { ...network, [direction]: link }).finished;
    };
    // RFC 9002 §6.2.2: 333 ms, and four times half of it
    expect(lost("up", [0])).toBeCloseTo(999 + rtt, 3);
    const tail = lost("down", [2]);
    expect(tail).toBeGreaterThan(rtt);
    expect(tail).toBeLessThan(999 + rtt);
  });

  it("end, whatever is lost, and the same with the same seed", () => {
    check(
      fc.property(
        fc.nat(),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.integer({ min: 1, max: 40_000 }),
        (seed, probability, serverFlight) => {
          const network = both({ loss: { kind: "bernoulli", probability } });
          const runner = new QuicRunner(network, { ...postQuantum, serverFlight });
          const outcome = runner.run(seed);
          expect(outcome.finished).toBeGreaterThanOrEqual(rtt);
          expect(outcome.serverFinished).toBeGreaterThanOrEqual(outcome.finished + rtt / 2);
          expect(outcome.down.bytes).toBeGreaterThan(serverFlight);
          expect(runner.run(seed)).toEqual(outcome);
        },
      ),
    );
  });

  it("halve the window once for what one round trip lost", () => {
    // Four datagrams of the first ten are lost: five more may be under way when they go again, and not one
    const network = both();
    const loss = { kind: "scripted" as const, packets: [1, 2, 3, 4] };
    const options = { amplification: Number.POSITIVE_INFINITY };
    const lost = { ...network, down: { ...network.down, loss } };
    const { finished } = run({ ...classical, serverFlight: 22_000 }, options, lost);
    expect(finished).toBeGreaterThan(3 * rtt);
    expect(finished).toBeLessThan(4.5 * rtt);
  });

  it("have tails that grow with loss", () => {
    const p90 = (probability: number): number => {
      const network = both({ loss: { kind: "bernoulli", probability } });
      const sample = new QuicRunner(network, classical).sample(300, (at) =>
        seedFor("quic", "x", at),
      );
      return sample.toSorted()[270]!;
    };
    expect(p90(0)).toBe(rtt);
    expect(p90(0.1)).toBeGreaterThan(2 * rtt);
  });

  it("refuse what the model has not", () => {
    const link = { delay: 1 };
    const jitter = { deviation: 1, distribution: "normal" } as const;
    const wavering: QuicNetwork = { up: { ...link, jitter } as QuicLink, down: link };
    expect(() => run(classical, {}, wavering)).toThrow("up has no option jitter");
    expect(() => run(classical, {}, symmetric({ rtt }))).toThrow("network has no option client");
    expect(() => run(classical, { datagram: 1100 })).toThrow(
      "QuicRunner: datagram must be a whole number from 1200",
    );
    expect(() => run({ ...classical, serverFlight: 0 })).toThrow("handshake: serverFlight");
    const misspelt: object = { ...classical, paylod: 5 };
    expect(() => run(misspelt as QuicHandshake)).toThrow("did you mean payload?");
    expect(() => run(classical, { amplification: Number.NaN })).toThrow("amplification");
    expect(() => run(classical, { amplification: Infinity })).not.toThrow();
  });
});
