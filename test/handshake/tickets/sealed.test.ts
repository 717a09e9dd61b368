import { describe, expect, it } from "vitest";
import type { Psk } from "../../../src/handshake/index.ts";
import { sealedTickets, TicketKeys } from "../../../src/handshake/index.ts";
import { concat, utf8 } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { anyProvider, connect } from "../../support/ends.ts";
import { testTime } from "../../support/identities.ts";
import { changed } from "../../support/raw.ts";
import { seeded } from "../../support/random.ts";
import { isResumed, sessionFrom } from "../../support/sessions.ts";

const random = seeded("ticket keys");

describe.each(providers)("ticket keys with $name", ({ provider }) => {
  const secret = utf8("what the ticket holds");

  it("open what they sealed, and nothing that is changed or cut", () => {
    const keys = new TicketKeys(provider);
    const sealed = keys.seal(secret);
    expect(keys.open(sealed)).toEqual(secret);
    for (let at = 0; at < sealed.length; at++) {
      expect(keys.open(changed(sealed, (copy) => (copy[at]! ^= 0x10)))).toBeUndefined();
      expect(keys.open(sealed.subarray(0, at))).toBeUndefined();
    }
    expect(keys.open(concat(sealed, Uint8Array.of(0)))).toBeUndefined();
    expect(new TicketKeys(provider).open(sealed)).toBeUndefined();
  });

  it("seal the same twice in different ways", () => {
    const keys = new TicketKeys(provider);
    expect(keys.seal(secret)).not.toEqual(keys.seal(secret));
  });

  it.each([1, 2, 3])("open for %d rotations in all", (kept) => {
    const keys = new TicketKeys(provider, kept);
    const sealed = keys.seal(secret);
    for (let rotation = 1; rotation < kept; rotation++) {
      keys.rotate();
      expect(keys.open(sealed)).toEqual(secret);
    }
    keys.rotate();
    expect(keys.open(sealed)).toBeUndefined();
    expect(keys.open(keys.seal(secret))).toEqual(secret);
  });

  it("may be shared", () => {
    const [one, other] = [new TicketKeys(provider), new TicketKeys(provider)];
    const material = random.bytes(48);
    one.add(material);
    expect(other.open(one.seal(secret))).toBeUndefined();
    other.add(material);
    expect(other.open(one.seal(secret))).toEqual(secret);
    expect(() => one.add(material.subarray(1))).toThrow("48 bytes, not 47");
  });

  it("resume sessions until the last of them is gone", () => {
    const keys = new TicketKeys(provider, 2);
    const tickets = sealedTickets(keys);
    const psks = [sessionFrom({ tickets })];
    keys.rotate();
    expect(isResumed(connect({ psks }, { tickets }))).toBe(true);
    keys.rotate();
    expect(isResumed(connect({ psks }, { tickets }))).toBe(false);
  });
});

describe("sealed tickets", () => {
  const keys = new TicketKeys(anyProvider);

  it("are two, for two hours, unless somebody says otherwise", () => {
    expect(sealedTickets(keys)).toMatchObject({ count: 2, lifetime: 7200 });
    expect(sealedTickets(keys, { count: 0, lifetime: 1 })).toMatchObject({ count: 0, lifetime: 1 });
  });

  // RFC 9846 §4.7.1
  it.each([0, 604_801, 1.5, Number.NaN])("do not live for %d seconds", (lifetime) => {
    expect(() => sealedTickets(keys, { lifetime })).toThrow(RangeError);
    expect(() => sealedTickets(keys, { lifetime: 604_800 })).not.toThrow();
  });

  it.each([-1, 256, 0.5])("are not %d", (count) => {
    expect(() => sealedTickets(keys, { count })).toThrow(RangeError);
    expect(() => sealedTickets(keys, { count: 255 })).not.toThrow();
  });

  it("hold the key, and can be used again", () => {
    const tickets = sealedTickets(keys);
    const psk: Psk = {
      secret: utf8("the secret"),
      hash: "sha256",
      kind: "resumption",
      origin: {
        suite: 0x1301,
        group: "x25519",
        postQuantum: false,
        issuedAt: testTime,
        lifetime: 60,
        ageAdd: 1,
        maxEarlyData: 0,
      },
    };
    const ticket = tickets.issue(psk) as Uint8Array;
    expect(Buffer.from(ticket).includes("the secret")).toBe(false);
    expect(tickets.redeem(ticket)).toMatchObject({ secret: psk.secret, origin: psk.origin! });
    expect(tickets.redeem(ticket)).toMatchObject({ secret: psk.secret });
  });
});
