import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { createDevelopmentCa, createTrustStore } from "../../src/identity/index.ts";
import { Rotating, rotatingTrust } from "../../src/rotation/index.ts";
import { connect } from "../support/ends.ts";
import { ca, serverName, testTime, trust } from "../support/identities.ts";

describe("a rotating value", () => {
  it("honours what it replaced for the overlap, and no longer", () => {
    let now = 0;
    const value = new Rotating("a", { overlap: 100, now: () => now });
    expect(value.honoured).toEqual(["a"]);
    value.replace("b");
    now = 60;
    value.replace("c");
    expect(value.current).toBe("c");
    expect(value.honoured).toEqual(["c", "b", "a"]);
    now = 100;
    expect(value.honoured).toEqual(["c", "b"]);
    now = 160;
    expect(value.honoured).toEqual(["c"]);
    now = 1e9;
    expect(value.honoured).toEqual(["c"]);
  });

  it("can forget at once", () => {
    const value = new Rotating("a", { overlap: Infinity });
    value.replace("b");
    value.forget();
    expect(value.honoured).toEqual(["b"]);
  });
});

describe("rotating trust", () => {
  const other = createDevelopmentCa({ provider: noble, now: testTime });
  const moved = { credentials: [other.issue({ names: [serverName] })] };

  it("takes a server of the old root and one of the new, until the overlap ends", () => {
    let now = 0;
    const stores = new Rotating(trust, { overlap: 100, now: () => now });
    const client = { trust: rotatingTrust(stores) };
    const accepts = (server: object) => connect(client, server).client.error?.code ?? "accepted";
    expect([accepts({}), accepts(moved)]).toEqual(["accepted", "unknown_ca"]);
    stores.replace(createTrustStore([other.certificate]));
    expect([accepts({}), accepts(moved)]).toEqual(["accepted", "accepted"]);
    now = 100;
    expect([accepts({}), accepts(moved)]).toEqual(["unknown_ca", "accepted"]);
  });

  it("has a root once that both stores have", () => {
    const stores = new Rotating(trust, { overlap: 100, now: () => 0 });
    stores.replace(createTrustStore([ca.certificate.der, other.certificate.der]));
    const all = rotatingTrust(stores);
    expect(all.anchors).toHaveLength(2);
    expect(all.find(ca.certificate.subject)).toHaveLength(1);
    expect(all.has(ca.certificate)).toBe(true);
    expect(all.unreadable).toEqual([]);
  });

  it("says what could not be read of any store that is honoured", () => {
    let now = 0;
    const spoilt = createTrustStore([other.certificate.der, Uint8Array.of(0x30, 0)]);
    const stores = new Rotating(spoilt, { overlap: 100, now: () => now });
    stores.replace(createTrustStore([other.certificate]));
    const client = { trust: rotatingTrust(stores) };
    expect(client.trust.unreadable).toEqual(spoilt.unreadable);
    const refusal = () => connect(client, {}).client.error?.message;
    expect(refusal()).toContain("no path to a trust anchor");
    expect(refusal()).toContain("1 of them could not be read");
    now = 100;
    expect(client.trust.unreadable).toEqual([]);
    expect(refusal()).not.toContain("could not be read");
  });
});
