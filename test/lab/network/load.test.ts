import { describe, expect, it } from "vitest";
import { Cores, exponentials, runLoad, Runner, symmetric } from "../../../src/lab/network/index.ts";
import { handshake } from "./conversations.ts";

const network = symmetric({ rtt: 10 });
const script = handshake(300, 1000, 2);
const mean = (times: Float64Array): number => times.reduce((sum, ms) => sum + ms, 0) / times.length;

describe("Cores", () => {
  it("do what comes first first, on the core that is free first", () => {
    const cores = new Cores(2);
    expect([cores.take(0, 10), cores.take(0, 10), cores.take(1, 10), cores.take(25, 1)]).toEqual([
      10, 10, 20, 26,
    ]);
    expect(() => new Cores(0)).toThrow(
      "Cores: count must be a whole number from 1 to 100000 cores, not 0",
    );
  });
});

describe("exponentials", () => {
  it("are exponential: mean, variance and tail", () => {
    const next = exponentials(1);
    const draws = Array.from({ length: 100_000 }, next);
    const average = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const square = draws.reduce((sum, x) => sum + x * x, 0) / draws.length;
    expect(Math.abs(average - 1)).toBeLessThan(0.02);
    expect(Math.abs(square - 2)).toBeLessThan(0.1);
    expect(Math.abs(draws.filter((x) => x > 2).length / draws.length - Math.exp(-2))).toBeLessThan(
      0.005,
    );
  });
});

describe("runLoad", () => {
  it("is as one handshake where nobody waits", () => {
    const alone = new Runner(network, script, { until: "finished" }).run(1);
    for (const arrivals of [{ parallel: 7 }, { perSecond: 1000 }]) {
      const times = runLoad(network, script, {
        arrivals,
        handshakes: 50,
        seed: 1,
        until: "finished",
      });
      expect(new Set(times)).toEqual(new Set([alone]));
    }
  });

  it("takes as long as the cores need where they are never idle", () => {
    // Forty clients with 4 ms of work each on two cores: a handshake ends every 2 ms, so each takes 80
    const cores = new Cores(2);
    const times = runLoad(network, script, {
      arrivals: { parallel: 40 },
      handshakes: 4000,
      seed: 1,
      until: "finished",
      processors: { client: cores, server: cores },
    });
    expect(mean(times.subarray(400, 3600))).toBeCloseTo(80, 0);
  });

  it("waits in an open loop as queueing theory says (M/D/1)", () => {
    const times = (perSecond: number) =>
      runLoad(network, script, {
        arrivals: { perSecond },
        handshakes: 20_000,
        seed: 3,
        until: "finished",
        processors: { server: new Cores(1) },
      });
    // 2 ms of work at 80 % of what the core can do: it waits 2 · 0.8 / (2 · 0.2) = 4 ms
    expect(Math.abs(mean(times(400)) - 24 - 4)).toBeLessThan(0.4);
    expect(Math.abs(mean(times(50)) - 24 - 0.111)).toBeLessThan(0.02);
  });

  it("is faster with loss where cores are short: those that wait for a timer do not compute", () => {
    const median = (probability: number): number => {
      const cores = new Cores(2);
      const times = runLoad(
        symmetric({ rtt: 10, loss: { kind: "bernoulli", probability } }),
        script,
        {
          arrivals: { parallel: 40 },
          handshakes: 5000,
          seed: 2,
          until: "finished",
          processors: { client: cores, server: cores },
        },
      );
      return times.toSorted()[2500]!;
    };
    expect(median(0.02)).toBeLessThan(0.9 * median(0));
  });

  it("counts a handshake that failed as none, and goes on", () => {
    const lost = {
      ...network,
      up: {
        delay: 5,
        loss: { kind: "scripted", packets: Array.from({ length: 30 }, (_, at) => at) },
      },
    } as const;
    const times = runLoad(lost, script, { arrivals: { parallel: 2 }, handshakes: 5, seed: 1 });
    expect([...times]).toEqual(Array.from({ length: 5 }, () => Number.NaN));
  });

  it("refuses options out of range", () => {
    const run = (options: object) => () =>
      runLoad(network, script, { arrivals: { parallel: 1 }, handshakes: 1, seed: 1, ...options });
    expect(run({ handshakes: 0 })).toThrow("runLoad: handshakes must be a whole number from 1");
    expect(run({ arrivals: { parallel: 0.5 } })).toThrow("arrivals.parallel");
    expect(run({ arrivals: { perSecond: 0 } })).toThrow("arrivals.perSecond");
    expect(run({ arrivals: { parallel: 1, perSecond: 1 } })).toThrow(
      "runLoad: arrivals has no option parallel",
    );
    expect(run({ path: "shard" })).toThrow('did you mean "shared"?');
    expect(run({ processors: { sever: new Cores(1) } })).toThrow(
      "runLoad: processors has no option sever; did you mean server?",
    );
    expect(run({ until: "never" })).toThrow('no step has the mark "never"');
  });
});
