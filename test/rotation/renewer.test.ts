import { describe, expect, it } from "vitest";
import {
  type RenewalEvent,
  Renewer,
  type RenewerOptions,
  type Validity,
  validityOf,
} from "../../src/rotation/index.ts";
import { serverCredential } from "../support/identities.ts";

/** A renewer whose time passes when the test says so. */
function renewer(special: Partial<RenewerOptions<Validity>> = {}) {
  const events: RenewalEvent[] = [];
  const timers: { action: () => void; at: number }[] = [];
  const clock = { now: 0 };
  const installed: Validity[] = [];
  const renewing = new Renewer<Validity>(
    { notBefore: 0, notAfter: 9000 },
    {
      obtain: () => ({ notBefore: clock.now, notAfter: clock.now + 9000 }),
      install: (next) => void installed.push(next),
      validity: (value) => value,
      jitter: 0.1,
      random: () => 0,
      now: () => clock.now,
      onEvent: (event) => events.push(event),
      schedule: (action, delay) => {
        const entry = { action, at: clock.now + delay };
        timers.push(entry);
        return () => void timers.splice(timers.indexOf(entry), 1);
      },
      ...special,
    },
  );
  return {
    renewing,
    installed,
    timers,
    clock,
    /** Runs the next timer, at its time. Returns what was said. */
    async next(): Promise<RenewalEvent[]> {
      const timer = timers.shift();
      if (timer === undefined) throw new Error("nothing is planned");
      clock.now = timer.at;
      timer.action();
      await new Promise((resolve) => setTimeout(resolve, 0));
      return events.splice(0);
    },
    told: () => events.splice(0),
  };
}

describe("a renewer", () => {
  it("acts after two thirds of a life, again and again", async () => {
    const { next, told, installed } = renewer();
    expect(told()).toEqual([{ type: "scheduled", at: 6000 }]);
    expect(await next()).toEqual([
      { type: "renewed", notAfter: 15_000 },
      { type: "scheduled", at: 12_000 },
    ]);
    expect(await next()).toMatchObject([{ type: "renewed" }, { type: "scheduled", at: 18_000 }]);
    expect(installed).toHaveLength(2);
  });

  it("comes earlier by chance, never later", () => {
    expect(renewer({ random: () => 0.999_999 }).told()).toMatchObject([
      { at: expect.closeTo(5100, 0) },
    ]);
    expect(renewer({ after: 0.5 }).told()).toMatchObject([{ at: 4500 }]);
  });

  it("tries again after ever longer delays, and says so once when it is too late", async () => {
    let isDown = true;
    const { next, told, clock } = renewer({
      obtain: () => {
        if (isDown) throw new Error("the CA is down");
        return { notBefore: clock.now, notAfter: clock.now + 9000 };
      },
      longestDelay: 3000,
    });
    told();
    const times: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const events = await next();
      times.push(...events.map((event) => ("retryAt" in event ? event.retryAt : event.type)));
    }
    expect(times).toEqual([7000, 9000, 12_000, "expired", 15_000]);
    isDown = false;
    expect(await next()).toEqual([
      { type: "renewed", notAfter: 24_000 },
      { type: "scheduled", at: 21_000 },
    ]);
    isDown = true;
    expect(await next()).toMatchObject([{ type: "failed", attempts: 1, retryAt: 22_000 }]);
  });

  it("keeps what it has if the successor has ended, or cannot be installed", async () => {
    const stale = renewer({ obtain: () => ({ notBefore: 0, notAfter: 5000 }) });
    stale.told();
    expect(await stale.next()).toMatchObject([
      { type: "failed", error: new Error("the successor has ended already") },
    ]);
    const stuck = renewer({ install: () => Promise.reject(new Error("no room")) });
    stuck.told();
    expect(await stuck.next()).toMatchObject([{ type: "failed", error: new Error("no room") }]);
    expect(stuck.renewing.current).toEqual({ notBefore: 0, notAfter: 9000 });
  });

  it("renews at once when it is asked to, and plans anew", async () => {
    const { renewing, told, timers, installed } = renewer();
    await renewing.renew();
    expect(installed).toHaveLength(1);
    expect(told().map(({ type }) => type)).toEqual(["scheduled", "renewed", "scheduled"]);
    expect(timers).toHaveLength(1);
  });

  it("stops, also in the middle", async () => {
    const { renewing, timers, installed } = renewer();
    const running = renewing.renew();
    renewing.stop();
    await running;
    await renewing.renew();
    expect([timers, installed]).toEqual([[], []]);
  });

  it("waits longer than a timer can", async () => {
    const year = 365 * 86_400_000;
    const { next, clock } = renewer({
      validity: (value) => ({ notBefore: 0, notAfter: value.notAfter * 1e9 }),
      after: year / 9e12,
    });
    const passed: number[] = [];
    for (let events: RenewalEvent[] = []; !events.some(({ type }) => type === "renewed");) {
      events = await next();
      passed.push(clock.now);
    }
    expect(passed.length).toBe(15);
    expect(passed.at(-1)).toBe(year);
  });

  it("looks at the whole chain", () => {
    const [leaf] = serverCredential.chain;
    const short = { ...leaf!, notBefore: leaf!.notBefore + 1, notAfter: leaf!.notAfter - 1 };
    expect(validityOf({ ...serverCredential, chain: [leaf!, short] })).toEqual({
      notBefore: leaf!.notBefore + 1,
      notAfter: leaf!.notAfter - 1,
    });
  });
});
