import { describe, expect, it } from "vitest";
import { isExpired, obfuscatedTicketAge, type Psk } from "../../src/handshake/psk.ts";
import { utf8 } from "../../src/wire/index.ts";

const external: Psk = { secret: utf8("key"), hash: "sha256", kind: "external" };
const session: Psk = {
  ...external,
  kind: "resumption",
  origin: {
    suite: 0x1301,
    group: undefined,
    postQuantum: false,
    issuedAt: 1_000_000,
    lifetime: 10,
    ageAdd: 0xffff_fff0,
    maxEarlyData: 0,
  },
};

// RFC 9846 §4.7.1
describe("a ticket's lifetime", () => {
  it("ends with its last second", () => {
    expect(isExpired(session, 1_000_000)).toBe(false);
    expect(isExpired(session, 1_009_999)).toBe(false);
    expect(isExpired(session, 1_010_000)).toBe(true);
  });

  it("is endless for an external key", () => {
    expect(isExpired(external, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});

// RFC 9846 §4.3.11.1
describe("a ticket's obfuscated age", () => {
  it("is milliseconds, added modulo 2^32", () => {
    expect(obfuscatedTicketAge(session, 1_000_000)).toBe(0xffff_fff0);
    expect(obfuscatedTicketAge(session, 1_000_015)).toBe(0xffff_ffff);
    expect(obfuscatedTicketAge(session, 1_000_016)).toBe(0);
    expect(obfuscatedTicketAge(session, 1_005_016)).toBe(5000);
  });

  it("is a whole number, and never negative", () => {
    expect(obfuscatedTicketAge(session, 1_000_016.4)).toBe(0);
    expect(obfuscatedTicketAge(session, 999_000)).toBe(0xffff_fff0);
  });

  it("is 0 for an external key", () => {
    expect(obfuscatedTicketAge(external, 1_000_000)).toBe(0);
  });
});
