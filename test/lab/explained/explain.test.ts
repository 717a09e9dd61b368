import { describe, expect, it } from "vitest";
import { kemSchemes, noble, schemes, suites } from "../../../src/crypto/index.ts";
import { groups } from "../../../src/groups/index.ts";
import { sealedTickets, TicketKeys } from "../../../src/handshake/index.ts";
import { resumed } from "../../../src/lab/resume.ts";
import { setUp } from "../../../src/lab/scenario.ts";
import { watchExchange } from "../../../src/lab/explained/exchange.ts";
import {
  explain,
  type Explained,
  type FlownItem,
  ticketKeys,
} from "../../../src/lab/explained/explain.ts";
import { type HandshakeRun, runHandshake } from "../../../src/lab/run.ts";
import type { Trace, TraceEvent } from "../../../src/lab/trace/trace.ts";
import { providers } from "../../crypto/providers.ts";
import { experiment } from "../experiment.ts";

const itemsOf = ({ flights }: Explained): FlownItem[] => flights.flatMap(({ items }) => items);

/** What arrives at the server, changed on the way. */
function withClientsBytes(
  { trace }: HandshakeRun,
  change: (bytes: Uint8Array, nth: number) => Uint8Array | undefined,
): Trace {
  let nth = 0;
  const events = trace.events.flatMap((event): TraceEvent[] => {
    if (event.kind !== "bytes" || event.end !== "server" || event.direction !== "received") {
      return [event];
    }
    const bytes = change(event.bytes.slice(), nth++);
    return bytes === undefined ? [] : [{ ...event, bytes }];
  });
  return { ...trace, events };
}

/** Secrets that the page shows, by id. */
const valuesOf = ({ schedule }: Explained) =>
  Object.fromEntries(schedule.map(({ id, value }) => [id, value]));

describe.each(providers)("an explained handshake, $name", ({ provider }) => {
  const watched = watchExchange(provider);
  const run = runHandshake(experiment({ provider }, { provider: watched.provider }));
  const explained = explain(run.trace, { secretOf: watched.secretOf });

  it("has every byte in one field, in order, and all as it was sent", () => {
    const items = itemsOf(explained);
    expect(items.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["client_hello", "server_hello", "certificate", "finished"]),
    );
    for (const { raw, fields, fate, malformed } of items) {
      expect([fate, malformed]).toEqual(["as sent", undefined]);
      let at = 0;
      for (const { offset, bytes } of fields) {
        expect(offset).toBe(at);
        at += bytes.length;
      }
      expect(at).toBe(raw.length);
    }
  });

  it("has all bytes of the wire in its records", () => {
    const sent = run.trace.events.filter(({ direction }) => direction === "sent");
    const total = (from: string) =>
      sent.reduce(
        (sum, event) =>
          sum + (event.kind === "bytes" && event.end === from ? event.bytes.length : 0),
        0,
      );
    for (const role of ["client", "server"]) {
      const flights = explained.flights.filter(({ from }) => from === role);
      expect(flights.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(total(role));
    }
  });

  it("cuts shares and secret into the parts of the hybrid", () => {
    expect(explained.exchange).toMatchObject({ group: "X25519MLKEM768", isHybrid: true });
    expect(explained.exchange?.parts).toMatchObject([
      { kem: "ML-KEM-768", postQuantum: true, client: 1184, server: 1088, secret: 32 },
      { kem: "x25519", postQuantum: false, client: 32, server: 32, secret: 32 },
    ]);
    for (const { secretBytes } of explained.exchange!.parts) expect(secretBytes?.length).toBe(32);
    const [hello] = itemsOf(explained);
    expect(
      hello?.fields.flatMap(({ part, bytes }) => (part ? [[part, bytes.length]] : [])),
    ).toEqual([
      ["post-quantum", 1184],
      ["classical", 32],
    ]);
  });

  it("computes the secrets that the key logs say", () => {
    const agreed = explained.schedule.filter(({ agrees }) => agrees !== null);
    expect(agreed.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["c-hs-traffic", "s-hs-traffic", "c-ap-traffic", "s-ap-traffic"]),
    );
    expect(agreed.every(({ agrees }) => agrees)).toBe(true);
  });

  it("sees that another secret is not that of the key logs", () => {
    const { schedule } = explain(run.trace, { secretOf: () => new Uint8Array(32) });
    expect(schedule.find(({ id }) => id === "c-hs-traffic")?.agrees).toBe(false);
  });

  it("takes no line of a key log for a secret that is none", () => {
    const broken = run.trace.keyLog.map(({ end, line }) => ({
      end,
      line: `${line.slice(0, -1)}?`,
    }));
    const { schedule } = explain({ ...run.trace, keyLog: broken });
    expect(schedule.filter(({ value }) => value !== undefined)).toEqual([]);
  });

  it("knows no secrets but those of the key logs without it", () => {
    const { schedule, exchange } = explain(run.trace);
    const known = schedule.filter(({ value }) => value !== undefined).map(({ id }) => id);
    expect(known).toContain("c-hs-traffic");
    expect(known).not.toContain("handshake");
    expect(exchange?.parts[0]?.secretBytes).toBeUndefined();
  });

  it("shows what was changed on the way, beside what was sent", () => {
    const flip = (bytes: Uint8Array, nth: number): Uint8Array => {
      if (nth === 0) bytes[11]! ^= 1;
      return bytes;
    };
    const [hello] = itemsOf(explain(withClientsBytes(run, flip)));
    expect(hello).toMatchObject({ id: "client_hello", fate: "changed" });
    const random = (item: { fields: FlownItem["fields"] } | undefined) =>
      item?.fields.find(({ name }) => name === "random")?.bytes[0];
    expect(random(hello?.delivered)).toBe(random(hello)! ^ 1);
  });

  it("shows what never arrives, and what nobody sent", () => {
    const dropped = itemsOf(
      explain(withClientsBytes(run, (bytes, nth) => (nth === 0 ? bytes : undefined))),
    );
    expect(dropped.filter(({ fate }) => fate === "dropped").map(({ name }) => name)).toEqual([
      "change_cipher_spec",
      "finished",
    ]);
    const alert = Uint8Array.of(21, 3, 3, 0, 2, 2, 40);
    const inserted = itemsOf(
      explain(
        withClientsBytes(run, (bytes, nth) =>
          nth === 0 ? Uint8Array.of(...bytes, ...alert) : bytes,
        ),
      ),
    ).filter(({ fate }) => fate === "inserted");
    expect(inserted).toMatchObject([{ name: "alert", from: "client" }]);
    expect(inserted[0]?.fields.map(({ note }) => note)).toEqual(["fatal", "handshake_failure"]);
  });

  it("shows a malformed message as bytes, and says why", () => {
    const cut = (bytes: Uint8Array, nth: number): Uint8Array => {
      // The length of the session id
      if (nth === 0) bytes[43] = 33;
      return bytes;
    };
    const [hello] = itemsOf(explain(withClientsBytes(run, cut)));
    expect(hello?.delivered?.malformed).toMatch(/legacySessionId.*33/);
    expect(hello?.delivered?.fields).toHaveLength(1);
  });

  it("shows records that cannot be opened as what everybody sees", () => {
    const closed = explain({ ...run.trace, keyLog: [] });
    const names = new Set(itemsOf(closed).map(({ name }) => name));
    expect(names).toEqual(
      new Set(["client_hello", "server_hello", "change_cipher_spec", "sealed"]),
    );
  });
});

describe("ids", () => {
  it("are unique, also where a type comes twice", () => {
    const both = ["x25519", "secp256r1"];
    const { trace } = runHandshake(experiment({ groups: both }, { groups: ["secp256r1"] }));
    const ids = itemsOf(explain(trace)).map(({ id }) => id);
    expect(ids).toContain("client_hello-2");
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("options", () => {
  it("that are not known are refused", () => {
    const trace = { events: [], keyLog: [] };
    expect(explain(trace).flights).toEqual([]);
    expect(() => explain(trace, { secrets: [] } as never)).toThrow(/secrets/);
  });
});

describe.each(providers)("a handshake that goes on with a session, $name", ({ provider }) => {
  const watched = watchExchange(provider);
  const scenario = experiment({ provider }, { provider: watched.provider });
  const first = runHandshake({
    ...scenario,
    server: { ...scenario.server, tickets: sealedTickets(new TicketKeys(provider)) },
  });
  const { secretOf } = watched;

  it("has the key of the ticket before it in its schedule, and none that was not used", () => {
    const psks = first.client
      .takeEvents()
      .flatMap((event) => (event.type === "session" ? [event.session] : []));
    const keys = ticketKeys(first.trace, { secretOf });
    expect(keys).toEqual(psks.map(({ secret }) => secret));
    expect(ticketKeys(first.trace, {})).toEqual([]);
    const { trace } = runHandshake(resumed(scenario));
    expect(valuesOf(explain(trace, { secretOf, psks: keys })).psk).toBeUndefined();
  });

  it("computes all of the schedule, and the key log says the same", () => {
    const again = resumed(scenario);
    const { trace } = runHandshake(again);
    const psks = [new Uint8Array(32), ...(again.client.psks ?? []).map(({ secret }) => secret)];
    const explained = explain(trace, { secretOf, psks });
    expect(valuesOf(explained).psk).toEqual(psks[1]);
    expect(valuesOf(explained).main).toBeDefined();
    expect(explained.schedule.filter(({ agrees }) => agrees === true).length).toBeGreaterThan(4);
    expect(valuesOf(explain(trace, { secretOf })).main).toBeUndefined();
  });
});

describe("a handshake by AuthKEM", () => {
  it("has its own schedule, which says nothing that is wrong", () => {
    const watched = watchExchange(noble);
    const { trace } = runHandshake(
      setUp({
        provider: noble,
        providers: { client: noble, server: watched.provider },
        group: groups[0]!,
        suite: suites[0]!,
        scheme: schemes[0]!,
        kem: kemSchemes[0]!,
      }),
    );
    const { schedule } = explain(trace, { secretOf: watched.secretOf });
    expect(schedule.find(({ id }) => id === "main")?.from).toEqual(["authenticated", "kem-client"]);
    const values = schedule.map(({ id, value, agrees }) => [id, value !== undefined, agrees]);
    expect(values).toEqual(
      expect.arrayContaining([
        ["handshake", true, null],
        ["c-hs-traffic", true, true],
        ["c-ahs-traffic", true, null],
        ["s-ap-traffic", true, null],
        ["main", false, null],
      ]),
    );
  });

  it("and another where the client knew the server's key", () => {
    const watched = watchExchange(noble);
    const { trace } = runHandshake(
      setUp({
        provider: noble,
        providers: { client: noble, server: watched.provider },
        group: groups[0]!,
        suite: suites[0]!,
        scheme: schemes[0]!,
        kem: kemSchemes[0]!,
        storedKey: true,
        mutual: true,
      }),
    );
    const { schedule } = explain(trace, { secretOf: watched.secretOf });
    const rows = schedule.map(({ id, label, value, agrees }) => [
      id,
      label,
      value !== undefined,
      agrees,
    ]);
    expect(rows).toEqual(
      expect.arrayContaining([
        ["psk", "SSs", false, null],
        ["c-e-hs-traffic", "c e hs traffic", true, null],
        ["c-hs-traffic", "c hs traffic", true, null],
        ["kem-client", "SSc", false, null],
        ["s-ap-traffic", "s ap traffic", true, null],
      ]),
    );
    expect(schedule.find(({ id }) => id === "main")?.from).toEqual(["handshake", "kem-client"]);
    expect(schedule.some(({ agrees }) => agrees === false)).toBe(false);
  });
});
