import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Receiver } from "../../../src/lab/network/receiver.ts";
import { check } from "../../support/property.ts";

function fresh(): Receiver {
  const receiver = new Receiver(100);
  receiver.restart();
  return receiver;
}

const rangesOf = (receiver: Receiver): number[] => [
  ...receiver.ranges.subarray(0, 2 * receiver.rangeCount),
];

describe("Receiver", () => {
  it("keeps what came beyond a gap, and reports the last first (RFC 2018 §4)", () => {
    const receiver = fresh();
    expect(receiver.take(200, 300)).toBe(true);
    expect(receiver.take(400, 500)).toBe(true);
    expect(rangesOf(receiver)).toEqual([400, 500, 200, 300]);
    expect(receiver.take(200, 300)).toBe(false);
    expect(rangesOf(receiver)).toEqual([200, 300, 400, 500]);
    expect(receiver.take(300, 400)).toBe(true);
    expect(rangesOf(receiver)).toEqual([200, 500]);
    expect(receiver.next).toBe(0);
    expect(receiver.take(0, 200)).toBe(true);
    expect([receiver.next, receiver.rangeCount]).toEqual([500, 0]);
    expect(receiver.take(0, 200)).toBe(false);
  });

  it("ends with all bytes, in whatever order segments come, however often", () => {
    check(
      fc.property(
        fc.shuffledSubarray([...Array(30).keys()], { minLength: 30 }),
        fc.array(fc.nat(29)),
        (order, again) => {
          const receiver = fresh();
          const seen = new Set<number>();
          for (const index of [...again.slice(0, 5), ...order, ...again]) {
            expect(receiver.take(100 * index, 100 * index + 100)).toBe(!seen.has(index));
            seen.add(index);
            let next = 0;
            while (seen.has(next)) next++;
            expect(receiver.next).toBe(100 * next);
            const beyond = rangesOf(receiver).reduce(
              (sum, edge, at) => sum + (at % 2 ? edge : -edge),
              0,
            );
            expect(beyond).toBe(100 * (seen.size - next));
          }
          expect(receiver.rangeCount).toBe(0);
        },
      ),
    );
  });

  it("lets its window grow with what a round trip brings, once in each", () => {
    const receiver = new Receiver(1448, { initial: 65_535, maximum: 300_000 });
    receiver.restart();
    receiver.take(0, 28_960);
    receiver.adjust(5, 10);
    expect(receiver.window).toBe(65_535);
    receiver.adjust(10, 10);
    expect(receiver.window).toBe(243_264);
    receiver.take(28_960, 100_000);
    receiver.adjust(11, 10);
    expect(receiver.window).toBe(243_264);
    receiver.adjust(20, 10);
    expect(receiver.window).toBe(300_000);
    receiver.restart();
    expect(receiver.window).toBe(65_535);
  });
});
