import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/crypto/index.ts";
import {
  type RenewalEvent,
  Renewer,
  type RenewerOptions,
  type Validity,
  validityOf,
} from "../../src/rotation/index.ts";
import { serverCredential } from "../support/identities.ts";
import { VirtualClock } from "./virtual-clock.ts";

const minute = 60_000;
const hour = 60 * minute;

interface Special extends Partial<RenewerOptions<Validity>> {
  readonly clock?: VirtualClock;
  readonly first?: Validity;
}

/** A renewer in virtual time, of certificates of an hour. */
function renewer({ clock = new VirtualClock(0), first, ...special }: Special = {}) {
  const events: (RenewalEvent & { readonly at: number })[] = [];
  const installed: Validity[] = [];
  const calls: number[] = [];
  const issue = (life = hour) => ({ notBefore: clock.now, notAfter: clock.now + life });
  const { obtain = () => issue(), ...others } = special;
  const renewing = new Renewer<Validity>(first ?? issue(), {
    install: (next) => void installed.push(next),
    validity: (value) => value,
    random: () => 0,
    now: clock.read,
    onEvent: (event) => void events.push({ at: clock.now, ...event }),
    schedule: clock.schedule,
    obtain: (current, signal) => {
      calls.push(clock.now);
      return obtain(current, signal);
    },
    ...others,
  });
  return {
    renewing,
    installed,
    calls,
    clock,
    issue,
    /** What was said meanwhile, without plans. */
    async pass(duration: number): Promise<RenewalEvent[]> {
      await clock.pass(duration);
      return events.splice(0).filter(({ type }) => type !== "scheduled");
    },
    told: () => events.splice(0),
  };
}

const down = (): never => {
  throw new Error("the CA is down");
};

describe("a plan", () => {
  it("is two thirds of a life, again and again", async () => {
    const { pass, calls, installed } = renewer();
    expect(await pass(3 * hour)).toHaveLength(4);
    expect(calls).toEqual([40, 80, 120, 160].map((at) => at * minute));
    expect(installed.map(({ notBefore }) => notBefore)).toEqual(calls);
  });

  it("comes earlier by chance, never later", () => {
    const at = (special: Special) => renewer(special).told()[0];
    expect(at({ random: () => 0.999_999 })).toMatchObject({ at: expect.closeTo(34 * minute, -1) });
    expect(at({ after: 0.5 })).toMatchObject({ at: 30 * minute });
    expect(at({ after: 0, jitter: 1, random: () => 0.9 })).toMatchObject({ at: 1000 });
  });

  it.each([10_000, 60_000, 150_000])(
    "counts from the installation where notBefore is long ago: %i ms",
    async (life) => {
      const clock = new VirtualClock(hour);
      const issue = () => ({ notBefore: clock.now - 5 * minute, notAfter: clock.now + life });
      const { calls, pass } = renewer({ clock, first: issue(), obtain: issue });
      await pass(10 * life);
      expect(calls).toHaveLength(15);
      expect(calls[0]).toBe(hour + (2 / 3) * life);
    },
  );

  it("counts from notBefore where that is still to come", () => {
    const { told } = renewer({ first: { notBefore: hour, notAfter: 2 * hour } });
    expect(told()).toMatchObject([{ at: 100 * minute }]);
  });

  it("has a floor: neither an ended value nor a short life is renewed without pause", async () => {
    const ended = renewer({ first: { notBefore: -hour, notAfter: -1 } });
    expect(await ended.pass(999)).toMatchObject([{ type: "expired", notAfter: -1 }]);
    expect(await ended.pass(1)).toMatchObject([{ type: "renewed" }]);
    const short = renewer({ first: { notBefore: 0, notAfter: 9 } });
    const brief = renewer({
      clock: short.clock,
      first: { notBefore: 0, notAfter: 9 },
      obtain: () => short.issue(9),
    });
    await brief.pass(minute);
    expect(brief.calls).toHaveLength(60);
  });

  it("holds though the clock is set, or the machine has slept", async () => {
    const { clock, calls, pass } = renewer();
    await pass(minute);
    clock.jump(2 * hour);
    await pass(minute);
    expect(calls).toHaveLength(1);
  });

  it("is longer than a timer can be", async () => {
    const year = 365 * 24 * hour;
    const { pass, calls } = renewer({ first: { notBefore: 0, notAfter: 3 * year }, after: 1 / 36 });
    await pass(year / 12 - 1);
    expect(calls).toEqual([]);
    await pass(1);
    expect(calls).toHaveLength(1);
  });

  it("looks at the whole chain", () => {
    const [leaf] = serverCredential.chain;
    const short = { ...leaf!, notBefore: leaf!.notBefore + 1, notAfter: leaf!.notAfter - 1 };
    expect(validityOf({ ...serverCredential, chain: [leaf!, short] })).toEqual({
      notBefore: leaf!.notBefore + 1,
      notAfter: leaf!.notAfter - 1,
    });
  });

  it.each([
    [{ after: 1.5 }, /^Renewer: after must be from 0 to 1, not 1\.5$/],
    [{ jitter: -1 }, /Renewer: jitter/],
    [{ shortestDelay: 0 }, /Renewer: shortestDelay/],
    [{ longestDelay: Infinity }, /Renewer: longestDelay/],
    [{ timeout: Number.NaN }, /Renewer: timeout/],
    [{ timeout: "5" as unknown as number }, /Renewer: timeout must be a number/],
    [{ validity: "x" as unknown as () => Validity }, /Renewer: validity must be a function/],
    [{ now: () => Number.NaN }, /options\.now/],
    [{ first: { notBefore: 0, notAfter: Number.NaN } }, /options\.validity/],
  ])("is refused with %o", (special, message) => {
    expect(() => renewer(special)).toThrow(message);
  });
});

describe("what fails", () => {
  it("is tried again after ever longer delays, sooner before the end, and the end is told in time", async () => {
    const { pass } = renewer({ obtain: down, longestDelay: 4 * minute });
    const events = await pass(70 * minute);
    const gaps = events.flatMap((event) =>
      "retryAt" in event && "at" in event ? [(event.retryAt - Number(event.at)) / 1000] : [],
    );
    expect(gaps.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240]);
    // 240 s at most, half of what is left, and 240 s again when nothing is
    expect(gaps.slice(9).some((gap) => gap < 60)).toBe(true);
    expect(gaps.at(-1)).toBe(240);
    expect(Math.min(...gaps.slice(9))).toBeGreaterThanOrEqual(1);
    expect(events.filter(({ type }) => type === "expired")).toMatchObject([{ at: hour + 1 }]);
  });

  it("is no reason for haste where what is in use had ended from the start", async () => {
    const { pass, calls } = renewer({
      obtain: down,
      first: { notBefore: -2 * hour, notAfter: -1 },
    });
    await pass(hour);
    expect(calls.length).toBeLessThan(24);
  });

  it("starts over with short delays once it succeeded, and tells of the next end too", async () => {
    let isDown = true;
    const { pass, issue } = renewer({ obtain: () => (isDown ? down() : issue()) });
    await pass(70 * minute);
    isDown = false;
    expect((await pass(8 * minute)).map(({ type }) => type)).toEqual(["renewed"]);
    isDown = true;
    const events = await pass(2 * hour);
    expect(events[0]).toMatchObject({ type: "failed", attempts: 1 });
    expect(events.filter(({ type }) => type === "expired")).toHaveLength(1);
  });

  it.each([
    ["has ended", { notBefore: -hour, notAfter: 30 * minute }, /has ended already/],
    ["ends no later", { notBefore: 0, notAfter: hour }, /ends no later than what it should/],
    ["has no end", { notBefore: 0, notAfter: Number.NaN }, /a time that is none/],
  ])("keeps what is in use where the successor %s", async (_, next, message) => {
    const { pass, renewing, installed, calls } = renewer({ obtain: () => next });
    const [event] = await pass(50 * minute);
    expect(event).toMatchObject({
      type: "failed",
      error: { message: expect.stringMatching(message) },
    });
    expect([renewing.current, installed]).toEqual([{ notBefore: 0, notAfter: hour }, []]);
    expect(calls.length).toBeLessThan(12);
  });

  it("is also what cannot be installed", async () => {
    const { pass, renewing } = renewer({ install: () => Promise.reject(new Error("no room")) });
    expect(await pass(40 * minute)).toMatchObject([
      { type: "failed", error: { message: "no room" } },
    ]);
    expect(renewing.current).toEqual({ notBefore: 0, notAfter: hour });
  });

  it.each(["obtain", "install"] as const)("is %s that never answers", async (which) => {
    const signals: AbortSignal[] = [];
    const { pass } = renewer({
      [which]: (_: Validity, signal: AbortSignal) => {
        signals.push(signal);
        return new Promise(() => {});
      },
      timeout: 5000,
    });
    const [event] = await pass(40 * minute + 5000);
    expect(event).toMatchObject({ error: { message: "no successor within 5000 ms" } });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await pass(1000);
    expect(signals).toHaveLength(2);
  });

  it("is no busy authority: an attempt has five seconds, however short the life is", async () => {
    const clock = new VirtualClock(0);
    let delay = 4900;
    const { pass, installed, issue } = renewer({
      clock,
      first: { notBefore: 0, notAfter: 8000 },
      obtain: async () => {
        await clock.sleep(delay);
        return issue(8000);
      },
    });
    expect(await pass(11_000)).toMatchObject([{ type: "renewed" }]);
    expect(installed).toHaveLength(1);
    delay = 5100;
    expect(await pass(10_000)).toMatchObject([
      { type: "failed", error: { message: "no successor within 5000 ms" } },
      { type: "expired" },
    ]);
  });

  it("is not installed when it comes after its time", async () => {
    const clock = new VirtualClock(0);
    let delay = 10_000;
    const { pass, installed, issue, calls } = renewer({
      clock,
      obtain: async () => {
        const late = issue();
        await clock.sleep(delay);
        return late;
      },
      timeout: 5000,
    });
    await pass(40 * minute + 5500);
    delay = 1;
    await pass(minute);
    expect(calls).toHaveLength(2);
    expect(installed).toMatchObject([{ notBefore: 40 * minute + 6000 }]);
  });
});

describe("renew()", () => {
  it("renews at once, and plans anew", async () => {
    const { renewing, told, clock, installed } = renewer();
    await renewing.renew();
    expect(installed).toHaveLength(1);
    expect(told().map(({ type }) => type)).toEqual(["scheduled", "renewed", "scheduled"]);
    expect(clock.planned).toBe(1);
  });

  it("several times at once is one renewal, and the plan stays one", async () => {
    const { renewing, clock, calls, installed, pass } = renewer({
      obtain: async () => {
        const next = { notBefore: clock.now, notAfter: clock.now + hour };
        await clock.sleep(20);
        return next;
      },
      clock: new VirtualClock(0),
    });
    const all = [1, 2, 3, 4].map(() => renewing.renew());
    await pass(20);
    await Promise.all(all);
    expect([calls, installed]).toMatchObject([[0], [{ notBefore: 0 }]]);
    await pass(110 * minute);
    expect(calls).toHaveLength(3);
  });

  it("may be given what ends sooner, which a plan may not", async () => {
    const { renewing, issue, pass, calls } = renewer({ obtain: () => issue(30 * minute) });
    await renewing.renew();
    expect(renewing.current.notAfter).toBe(30 * minute);
    await pass(20 * minute);
    expect(renewing.current.notAfter).toBe(50 * minute);
    expect(calls).toHaveLength(2);
    const planned = renewer({ obtain: () => planned.issue(10 * minute) });
    await planned.pass(41 * minute);
    expect(planned.installed).toEqual([]);
    await planned.renewing.renew();
    expect(planned.installed).toHaveLength(1);
    expect((await planned.pass(8 * minute)).map(({ type }) => type)).toEqual([
      "renewed",
      "renewed",
    ]);
    // What was asked for once is no leave for later
    const later = renewer({ obtain: () => later.issue(later.calls.length === 1 ? hour : minute) });
    await later.renewing.renew();
    await later.pass(41 * minute);
    expect(later.installed).toHaveLength(1);
  });

  it("never comes again after stop(), which ends also what is under way", async () => {
    const signals: AbortSignal[] = [];
    const { renewing, clock, installed, told, issue } = renewer({
      obtain: (_, signal) => {
        signals.push(signal);
        return clock.sleep(50).then(() => issue());
      },
      clock: new VirtualClock(0),
    });
    told();
    const running = renewing.renew();
    renewing.stop();
    await running;
    await renewing.renew();
    await clock.pass(3 * hour);
    expect([installed, told(), clock.planned]).toEqual([[], [], 0]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe("onEvent", () => {
  it.each([
    ["throws", () => down()],
    ["rejects", (): unknown => Promise.reject(new Error("the log is full"))],
  ])("that %s changes nothing", async (_, onEvent) => {
    const { calls, pass } = renewer({ onEvent });
    await pass(3 * hour);
    expect(calls).toHaveLength(4);
  });

  it("may stop the renewer", async () => {
    const { calls, clock, renewing } = renewer({ onEvent: () => renewing?.stop() });
    await clock.pass(3 * hour);
    expect(calls).toHaveLength(1);
    expect(clock.planned).toBe(0);
  });
});

describe("a fleet of two hundred with certificates of a minute", () => {
  /** The authority is away from the second minute to the third. */
  async function outage(away: () => Promise<never>) {
    const clock = new VirtualClock(0);
    const random = seededRandom("fleet");
    let isAway = false;
    const calls: number[] = [];
    const issue = () => ({ notBefore: clock.now - 5 * minute, notAfter: clock.now + minute });
    const fleet = Array.from({ length: 200 }, () =>
      renewer({
        clock,
        first: issue(),
        random: () => random(4).reduce((sum, octet) => (sum + octet) / 256, 0),
        obtain: async () => {
          calls.push(clock.now);
          return isAway ? away() : issue();
        },
      }),
    );
    const valid = () => fleet.filter(({ renewing }) => renewing.current.notAfter > clock.now);
    await clock.pass(2 * minute);
    isAway = true;
    await clock.pass(minute);
    const atReturn = valid().length;
    isAway = false;
    await clock.pass(minute / 4);
    return { calls, atReturn, afterwards: valid().length };
  }

  it.each([
    ["refuses", () => Promise.reject(new Error("refused"))],
    ["answers nobody", () => new Promise<never>(() => {})],
  ])("recovers within a quarter of it when the authority %s for a minute", async (_, away) => {
    const { calls, atReturn, afterwards } = await outage(away);
    expect(atReturn).toBeLessThan(100);
    expect(afterwards).toBe(200);
    // Chance keeps them apart, and delays grow
    expect(calls.length).toBeLessThan(200 * 20);
    const perSecond = new Map<number, number>();
    for (const at of calls) {
      const second = Math.floor(at / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...perSecond.values())).toBeLessThan(200);
  });
});
