import { describe, expect, it } from "vitest";
import {
  createClientConnection,
  createServerContext,
  joinInMemory,
  rotatingTickets,
} from "../../../src/node.ts";
import { anyProvider, connect } from "../../support/ends.ts";
import { serverCredential, serverName, testTime, trust } from "../../support/identities.ts";
import { clockAt, isResumed, seconds, sessionFrom } from "../../support/sessions.ts";

const hour = 3600 * seconds;

describe("tickets under keys that rotate", () => {
  it("resume for as long as they are sealed or their key is kept", () => {
    const clock = clockAt();
    const tickets = rotatingTickets(anyProvider, { lifetime: 86_400 }, clock.read);
    const old = sessionFrom({ tickets });
    const resumes = (psk = old) => isResumed(connect({ psks: [psk] }, { tickets }));
    // Nothing of this depends on the clock of the ends, which stands still
    clock.now += 36 * hour - 1;
    expect(resumes()).toBe(true);
    const young = sessionFrom({ tickets });
    clock.now += 1;
    expect(resumes()).toBe(false);
    expect(resumes(young)).toBe(true);
    clock.now += 24 * hour - 1;
    expect(resumes(young)).toBe(true);
    clock.now += 1;
    expect(resumes(young)).toBe(false);
  });

  it("rotate when the time has come, however few tickets there are", () => {
    const clock = clockAt();
    const options = { rotateAfter: 60, keptKeys: 2, lifetime: 60 };
    const tickets = rotatingTickets(anyProvider, options, clock.read);
    const old = sessionFrom({ tickets });
    clock.now += 1_000_000 * hour;
    expect(isResumed(connect({ psks: [old] }, { tickets }))).toBe(false);
    const young = sessionFrom({ tickets });
    expect(isResumed(connect({ psks: [young] }, { tickets }))).toBe(true);
  });

  it("rotate by a clock of their own, whatever the time is said to be", () => {
    let elapsed = 0;
    const options = { rotateAfter: 60, keptKeys: 2, lifetime: 60 };
    const tickets = rotatingTickets(anyProvider, options, () => elapsed);
    const clock = clockAt();
    const timed = { now: clock.read };
    const session = sessionFrom({ tickets, ...timed }, timed);
    // A clock that is wrong for a moment takes no key away
    clock.now += hour;
    sessionFrom({ tickets, ...timed }, timed);
    clock.now = testTime;
    expect(isResumed(connect({ ...timed, psks: [session] }, { tickets, ...timed }))).toBe(true);
    // One that was set back keeps none
    clock.now -= hour;
    elapsed += 120 * seconds;
    expect(isResumed(connect({ ...timed, psks: [session] }, { tickets, ...timed }))).toBe(false);
  });

  it("do not rotate by the clock of a server's context", async () => {
    const clock = clockAt();
    const context = createServerContext({
      credentials: [serverCredential],
      tickets: { rotateAfter: 60, keptKeys: 2, lifetime: 60 },
      now: clock.read,
    });
    const server = () => context.connection({ onProgress: () => {} });
    const client = { trust, serverName, provider: anyProvider };
    const first = createClientConnection({ ...client, now: clock.read });
    const { client: events } = joinInMemory(first, server());
    const psks = events.flatMap((event) => (event.type === "session" ? [event.session] : []));
    clock.now += hour;
    joinInMemory(createClientConnection({ ...client, now: clock.read }), server());
    clock.now = testTime;
    const again = createClientConnection({ ...client, now: clock.read, psks });
    joinInMemory(again, server());
    expect(again.negotiated?.resumed).toBe(true);
  });

  it("do not outlive their keys", () => {
    const make = (lifetime: number, rotateAfter: number, keptKeys: number) => () =>
      rotatingTickets(anyProvider, { lifetime, rotateAfter, keptKeys });
    expect(make(7200, 3600, 3)).not.toThrow();
    expect(make(7201, 3600, 3)).toThrow("3 keys of 3600 seconds");
    expect(make(60, 60, 1)).toThrow(RangeError);
    expect(make(60, Number.NaN, 3)).toThrow(RangeError);
    expect(make(604_801, 604_801, 3)).toThrow(RangeError);
  });
});
