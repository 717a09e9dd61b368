import { describe, expect, it } from "vitest";
import { MemoryReplayGuard } from "../../../src/handshake/index.ts";
import { utf8 } from "../../../src/wire/index.ts";
import { clockAt } from "../../support/sessions.ts";

describe("a replay guard in memory", () => {
  it("says yes once for each identifier", () => {
    const guard = new MemoryReplayGuard(() => 0);
    expect(guard.firstUse(utf8("a"), 100)).toBe(true);
    expect(guard.firstUse(utf8("b"), 100)).toBe(true);
    expect(guard.firstUse(utf8("a"), 100)).toBe(false);
    expect(guard.firstUse(utf8("a"), 200)).toBe(false);
  });

  it("remembers until the time that it was told, inclusive", () => {
    const clock = clockAt(0);
    const guard = new MemoryReplayGuard(clock.read);
    guard.firstUse(utf8("a"), 100);
    clock.now = 100;
    expect(guard.firstUse(utf8("a"), 199)).toBe(false);
    clock.now = 101;
    expect(guard.firstUse(utf8("a"), 200)).toBe(true);
  });

  it("refuses what is new rather than forget what is not over", () => {
    const clock = clockAt(0);
    const guard = new MemoryReplayGuard(clock.read, 2);
    expect(guard.firstUse(utf8("a"), 100)).toBe(true);
    expect(guard.firstUse(utf8("b"), 150)).toBe(true);
    expect(guard.firstUse(utf8("c"), 150)).toBe(false);
    expect(guard.firstUse(utf8("a"), 150)).toBe(false);
    clock.now = 120;
    expect(guard.firstUse(utf8("c"), 220)).toBe(true);
    expect(guard.firstUse(utf8("d"), 220)).toBe(false);
  });

  it("says when its memory begins", () => {
    expect(new MemoryReplayGuard(() => 42).since).toBe(42);
  });
});
