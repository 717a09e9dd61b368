import { describe, expect, it } from "vitest";
import { MemoryReplayGuard } from "../../../src/handshake/index.ts";
import { utf8 } from "../../../src/wire/index.ts";

const window = 50;

/** A flight that was sent at one time and comes at another; its age must seem right. */
const use = (now: number, sentAt = now, issuedAt = 0) => ({
  issuedAt,
  earliest: sentAt - window,
  now,
  until: now + 2 * window,
});

/** One that has remembered for long enough to know. */
const guardSince = (began: number, capacity?: number) =>
  new MemoryReplayGuard(() => began, capacity);

describe("a replay guard in memory", () => {
  it("says yes once for each identifier", () => {
    const guard = guardSince(0);
    expect(guard.firstUse(utf8("a"), use(100))).toBe(true);
    expect(guard.firstUse(utf8("b"), use(100))).toBe(true);
    expect(guard.firstUse(utf8("a"), use(100))).toBe(false);
    expect(guard.firstUse(utf8("a"), use(200))).toBe(false);
  });

  it("remembers for as long as the age of a replay could seem right", () => {
    const guard = guardSince(0);
    // Sent as late as can be
    expect(guard.firstUse(utf8("a"), use(1000, 1050))).toBe(true);
    for (const later of [1000, 1050, 1100]) {
      expect(guard.firstUse(utf8("a"), use(later, 1050))).toBe(false);
    }
    // What comes later than that is another flight
    expect(guard.firstUse(utf8("a"), use(1200))).toBe(true);
  });

  it("refuses what is new rather than forget what is not over", () => {
    const guard = guardSince(0, 2);
    expect(guard.firstUse(utf8("a"), use(100))).toBe(true);
    expect(guard.firstUse(utf8("b"), use(150))).toBe(true);
    expect(guard.firstUse(utf8("c"), use(150))).toBe(false);
    expect(guard.firstUse(utf8("a"), use(150))).toBe(false);
    expect(guard.firstUse(utf8("c"), use(230))).toBe(true);
    expect(guard.firstUse(utf8("d"), use(230))).toBe(false);
  });

  // RFC 9846 §8.2
  it("does not know what was used before its memory began", () => {
    const guard = guardSince(1000);
    // An older ticket, sent when it may have been used before
    expect(guard.firstUse(utf8("a"), use(1050, 1050, 999))).toBe(false);
    expect(guard.firstUse(utf8("a"), use(1051, 1051, 999))).toBe(true);
    // A younger ticket cannot have been
    expect(guard.firstUse(utf8("b"), use(1000, 1000, 1000))).toBe(true);
  });

  it("accepts no replay because the clock was wrong for a moment", () => {
    const year = 365 * 86_400_000;
    const guard = guardSince(0);
    expect(guard.firstUse(utf8("a"), use(1000))).toBe(true);
    expect(guard.firstUse(utf8("far away"), use(year, year, year))).toBe(true);
    // It has forgotten the first, and says no to all that may have been forgotten
    for (const now of [1000, 1025, 1050]) {
      expect(guard.firstUse(utf8("a"), use(now, 1000))).toBe(false);
    }
    // What was used in the moment is remembered
    expect(guard.firstUse(utf8("far away"), use(year, year, year))).toBe(false);
    // Soon all is as before
    expect(guard.firstUse(utf8("b"), use(1051))).toBe(true);
    expect(guard.firstUse(utf8("b"), use(1052, 1051))).toBe(false);
  });

  it("accepts no replay because the clock was set back", () => {
    const guard = guardSince(0);
    expect(guard.firstUse(utf8("a"), use(1000))).toBe(true);
    expect(guard.firstUse(utf8("later"), use(5000))).toBe(true);
    expect(guard.firstUse(utf8("a"), use(1001, 1000))).toBe(false);
    // To before it began, where it knows nothing
    expect(guard.firstUse(utf8("b"), use(-1000, -1000, -2000))).toBe(false);
  });

  it("is not filled up by what a wrong clock left", () => {
    const guard = guardSince(0, 10);
    expect(guard.firstUse(utf8("far away"), use(1e12, 1e12, 1e12))).toBe(true);
    for (let now = 1000; now < 100_000; now += 100) {
      expect(guard.firstUse(utf8(String(now)), use(now))).toBe(true);
    }
  });
});
