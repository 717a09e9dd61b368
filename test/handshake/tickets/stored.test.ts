import { describe, expect, it } from "vitest";
import {
  MemoryTicketStore,
  type Psk,
  storedTickets,
  type TicketStore,
} from "../../../src/handshake/index.ts";
import { toHex, utf8 } from "../../../src/wire/index.ts";
import { anyProvider, connect, makeEnds } from "../../support/ends.ts";
import { joinInMemoryAsync } from "../../../src/connection/pair.ts";
import { isResumed, sessionFrom, sessionsFrom } from "../../support/sessions.ts";

const psk = (name: string): Psk => ({ secret: utf8(name), hash: "sha256", kind: "resumption" });

describe("a ticket store in memory", () => {
  it("gives a key out once", () => {
    const store = new MemoryTicketStore();
    store.put("a", psk("a"));
    expect(store.take("b")).toBeUndefined();
    expect(store.take("a")).toEqual(psk("a"));
    expect(store.take("a")).toBeUndefined();
  });

  it("forgets the oldest when it is full", () => {
    const store = new MemoryTicketStore(2);
    for (const name of ["a", "b", "c"]) store.put(name, psk(name));
    expect(["a", "b", "c"].map((name) => store.take(name) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe("stored tickets", () => {
  it("are names, and each is used once", () => {
    const tickets = storedTickets(new MemoryTicketStore(), anyProvider.random);
    const psks = sessionsFrom({ tickets });
    expect(psks.map(({ identity }) => identity.length)).toEqual([32, 32]);
    const [first, second] = psks;
    expect(isResumed(connect({ psks: [first!] }, { tickets }))).toBe(true);
    expect(isResumed(connect({ psks: [first!] }, { tickets }))).toBe(false);
    expect(isResumed(connect({ psks: [first!, second!] }, { tickets }))).toBe(true);
  });

  it("do not ask the store for what is no name of theirs", () => {
    const asked: string[] = [];
    const store: TicketStore = {
      put: () => {},
      take: (identifier) => void asked.push(identifier),
    };
    const tickets = storedTickets(store, anyProvider.random);
    for (const length of [0, 31, 33]) {
      expect(tickets.redeem(new Uint8Array(length))).toBeUndefined();
    }
    expect(asked).toEqual([]);
    void tickets.redeem(new Uint8Array(32));
    expect(asked).toEqual([toHex(new Uint8Array(32))]);
  });

  it("may be far away", async () => {
    const memory = new MemoryTicketStore();
    const store: TicketStore = {
      put: async (identifier, key) => memory.put(identifier, key),
      take: async (identifier) => memory.take(identifier),
    };
    const tickets = storedTickets(store, anyProvider.random, { count: 3 });
    const first = makeEnds({}, { tickets });
    const events = await joinInMemoryAsync(first.client, first.server);
    const psks = events.client.flatMap((event) => (event.type === "session" ? event.session : []));
    expect(psks).toHaveLength(3);
    for (const isFirst of [true, false]) {
      const again = makeEnds({ psks: psks.slice(0, 1) }, { tickets });
      await joinInMemoryAsync(again.client, again.server);
      expect(isResumed(again)).toBe(isFirst);
    }
  });

  it("end the connection where the store fails", async () => {
    const store: TicketStore = {
      put: async () => {
        throw new Error("the store is full");
      },
      take: () => undefined,
    };
    const ends = makeEnds({}, { tickets: storedTickets(store, anyProvider.random) });
    await joinInMemoryAsync(ends.client, ends.server);
    expect(ends.server.error).toMatchObject({ code: "internal", alert: "internal_error" });
    expect(ends.client.error).toMatchObject({ code: "peer_alert" });
  });

  it("check their options as sealed ones do", () => {
    const store = new MemoryTicketStore();
    expect(() => storedTickets(store, anyProvider.random, { lifetime: 0 })).toThrow(RangeError);
    expect(() => storedTickets(store, anyProvider.random, { count: 256 })).toThrow(RangeError);
    const { identity } = sessionFrom({ tickets: storedTickets(store, anyProvider.random) });
    expect(store.take(toHex(identity))).toBeDefined();
  });
});
