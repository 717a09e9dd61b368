import { describe, expect, it, vi } from "vitest";
import { bundleOf, parseBundle } from "../../src/authority/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import {
  createDevelopmentCa,
  type DevelopmentCa,
  encodePem,
  issueCrl,
} from "../../src/identity/index.ts";
import { Knowledge } from "../../src/mesh/agent/knowledge.ts";

const now = Date.now();
const makeCa = (): DevelopmentCa =>
  createDevelopmentCa({ provider: native, algorithm: "secp256r1", now });
const [one, other] = [makeCa(), makeCa()];
const leaf = one.issue({ names: ["a.example"] }).chain[0]!;

const list = (ca: DevelopmentCa, number: number, isRevoked = false): string =>
  encodePem(
    "X509 CRL",
    issueCrl({
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      revoked: isRevoked ? [{ serialNumber: leaf.serialNumber, revokedAt: now }] : [],
      number,
      thisUpdate: now,
      nextUpdate: now + 60_000,
      provider: native,
    }).der,
  );

const bundle = (sequence: number, ...cas: readonly DevelopmentCa[]): string =>
  bundleOf(
    cas.map(({ certificate }) => certificate),
    { sequence, refreshHint: 10 },
  );

describe("what an agent knows", () => {
  it("is the newest bundle, and never an older one", () => {
    const knowledge = new Knowledge();
    expect(knowledge.trust.anchors).toEqual([]);
    expect(knowledge.learnBundle(bundle(2, one))).toBe(true);
    expect(knowledge.trust.has(one.certificate)).toBe(true);
    expect(knowledge.learnBundle(bundle(2, one))).toBe(false);
    expect(() => knowledge.learnBundle(bundle(1, other))).toThrow(/bundle 2 was before 1/);
    expect(() => knowledge.learnBundle(bundle(3))).toThrow(/trust nobody/);
    expect(() => knowledge.learnBundle("{}")).toThrow(/not a bundle/);
    expect(knowledge.trust.has(other.certificate)).toBe(false);
    expect(knowledge.learnBundle(bundle(3, one, other))).toBe(true);
    expect(knowledge.learnBundle(bundle(4, other))).toBe(true);
    expect(knowledge.trust.has(one.certificate)).toBe(false);
  });

  // RFC 5280 §5.2.3
  it("is of each issuer the list with the highest number", () => {
    const knowledge = new Knowledge();
    const [older, newer] = [list(one, 1), list(one, 2, true)];
    expect(knowledge.learnLists(newer)).toBe(true);
    expect([knowledge.isRevoked(leaf), knowledge.learnLists(newer)]).toEqual([true, false]);
    knowledge.learnLists(older);
    expect(knowledge.isRevoked(leaf)).toBe(true);
    knowledge.learnLists(older + list(other, 1));
    expect(knowledge.crls.map(({ number }) => number).toSorted()).toEqual([1n, 2n]);
    knowledge.learnLists(list(one, 3));
    expect(knowledge.isRevoked(leaf)).toBe(false);
    expect(knowledge.learnLists("")).toBe(true);
  });

  it("is a list that has not ended, though it does not come again", () => {
    const knowledge = new Knowledge();
    knowledge.learnLists(list(one, 2, true));
    knowledge.learnLists("");
    expect(knowledge.isRevoked(leaf)).toBe(true);
    knowledge.learnLists(list(one, 1));
    expect(knowledge.isRevoked(leaf)).toBe(true);
    vi.useFakeTimers({ now: now + 60_000 });
    try {
      knowledge.learnLists(list(other, 1));
    } finally {
      vi.useRealTimers();
    }
    expect(knowledge.crls.map(({ number }) => number)).toEqual([1n]);
  });

  it("is the same after a restart, whatever came last", () => {
    const before = new Knowledge();
    before.learnBundle(bundle(1, one));
    before.learnLists(list(one, 2, true));
    before.learnLists(list(one, 1));
    const after = new Knowledge();
    after.goOn(before.texts);
    expect(after.isRevoked(leaf)).toBe(true);
    expect(after.texts).toEqual(before.texts);
  });

  it("has no more lists than can be compared with each other", () => {
    const knowledge = new Knowledge();
    const text = list(one, 1);
    knowledge.learnLists(text);
    expect(() => knowledge.learnLists(text.repeat(257))).toThrow("257 lists, where 256 are kept");
    expect(knowledge.crls).toHaveLength(1);
  });
});

describe("a SPIFFE bundle", { timeout: 60_000 }, () => {
  it("has one key for each root, with its certificate, whatever the algorithm", () => {
    const rsaFree = (["ML-DSA-44", "ed25519", "secp384r1"] as const).map((algorithm) =>
      createDevelopmentCa({ provider: noble, algorithm, now }),
    );
    const text = bundle(7, ...rsaFree);
    const { keys } = JSON.parse(text) as { keys: Record<string, unknown>[] };
    expect(keys.map(({ kty, alg, crv }) => [kty, alg ?? crv])).toEqual([
      ["AKP", "ML-DSA-44"],
      ["OKP", "Ed25519"],
      ["EC", "P-384"],
    ]);
    const { roots, sequence, refreshHint } = parseBundle(text);
    expect(roots.map(({ der }) => der)).toEqual(rsaFree.map(({ certificate }) => certificate.der));
    expect([sequence, refreshHint]).toEqual([7, 10]);
  });

  it.each([
    ["no JSON", "{", /not JSON/],
    ["no keys", "{}", /keys/],
    [
      "a key without a certificate",
      '{"keys":[{"use":"x509-svid"}]}',
      /has 0 certificates and not one/,
    ],
    ["a key with two", '{"keys":[{"use":"x509-svid","x5c":["",""]}]}', /has 2 certificates/],
    [
      "too many",
      JSON.stringify({ keys: Array.from({ length: 65 }, () => ({ use: "x509-svid", x5c: [] })) }),
      /65 roots, where 64 are read/,
    ],
  ])("is none with %s", (_, text, message) => {
    expect(() => parseBundle(text)).toThrow(message);
  });

  // SPIFFE Trust Domain and Bundle §4.2.2
  it("may have keys for other uses, which are passed over", () => {
    expect(parseBundle('{"keys":[{"use":"jwt-svid","kid":"a"}]}').roots).toEqual([]);
  });
});
