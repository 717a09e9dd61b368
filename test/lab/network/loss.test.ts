import { describe, expect, it } from "vitest";
import { seedFor } from "../../../src/lab/network/draws.ts";
import { type Loss, Losses } from "../../../src/lab/network/loss.ts";

function pattern(loss: Loss, key: number, count: number): boolean[] {
  const losses = new Losses(loss);
  losses.restart(key);
  return Array.from({ length: count }, () => losses.next(true));
}

const share = (lost: boolean[]): number => lost.filter(Boolean).length / lost.length;

describe("Losses", () => {
  it("lose each packet for itself with the probability", () => {
    for (const probability of [0, 0.01, 0.2, 1]) {
      const lost = pattern({ kind: "bernoulli", probability }, 1, 100_000);
      expect(Math.abs(share(lost) - probability)).toBeLessThan(
        4 * Math.sqrt((probability * (1 - probability)) / 1e5) + 1e-9,
      );
      const pairs = lost.filter((one, at) => one && lost[at + 1]);
      expect(Math.abs(pairs.length / 1e5 - probability ** 2)).toBeLessThan(0.005);
    }
  });

  it("come in bursts as Gilbert and Elliott have it", () => {
    const lost = pattern(
      { kind: "gilbert-elliott", toBad: 0.02, toGood: 0.2, inGood: 0, inBad: 0.5 },
      7,
      200_000,
    );
    // In the bad state for toBad / (toBad + toGood) of the time
    expect(Math.abs(share(lost) - 0.5 * (0.02 / 0.22))).toBeLessThan(0.004);
    const followed =
      lost.filter((one, at) => one && lost[at + 1]).length / lost.filter(Boolean).length;
    expect(Math.abs(followed - 0.8 * 0.5)).toBeLessThan(0.02);
  });

  it("go by a script, of all packets or of those with data", () => {
    const all = new Losses({ kind: "scripted", packets: [1, 3] });
    const data = new Losses({ kind: "scripted", packets: [1], of: "data" });
    for (let again = 0; again < 2; again++) {
      all.restart(0);
      data.restart(0);
      const carries = [false, true, false, true, true];
      expect(carries.map((one) => all.next(one))).toEqual([false, true, false, true, false]);
      expect(carries.map((one) => data.next(one))).toEqual([false, false, false, true, false]);
    }
  });

  it("begin anew with each key, and differ between keys", () => {
    const loss: Loss = {
      kind: "gilbert-elliott",
      toBad: 0.3,
      toGood: 0.3,
      inGood: 0.1,
      inBad: 0.9,
    };
    const losses = new Losses(loss);
    for (const key of [5, 6, 5]) {
      losses.restart(key);
      expect(Array.from({ length: 50 }, () => losses.next(false))).toEqual(pattern(loss, key, 50));
    }
    expect(pattern(loss, 5, 50)).not.toEqual(pattern(loss, 6, 50));
  });
});

describe("seedFor", () => {
  it("gives every repetition, network and seed its own, and the same again", () => {
    const seeds = new Set<number>();
    for (const seed of ["a", "b", 1, 2]) {
      for (const network of ["x", "y", ""]) {
        for (let repetition = 0; repetition < 500; repetition++)
          seeds.add(seedFor(seed, network, repetition));
      }
    }
    expect(seeds.size).toBe(4 * 3 * 500);
    expect(Math.max(...seeds)).toBeLessThan(2 ** 53);
    expect(seedFor("kemistry", "rtt 31", 7)).toBe(seedFor("kemistry", "rtt 31", 7));
  });
});
