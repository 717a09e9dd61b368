import { describe, expect, it } from "vitest";
import { noble } from "../../../src/crypto/index.ts";
import {
  createDevelopmentCa,
  createTrustStore,
  parseSpiffeId,
  spiffeIdOf,
  verifyChain,
} from "../../../src/identity/index.ts";
import { providers } from "../../crypto/providers.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { certificates, type Change, now, Pki } from "../pki.ts";

describe("a SPIFFE ID", () => {
  it.each([
    ["spiffe://example.org", "example.org", ""],
    ["spiffe://example.org/billing/api", "example.org", "/billing/api"],
    ["spiffe://a_b-c.1/A.b/_-..x", "a_b-c.1", "/A.b/_-..x"],
  ])("%s has a trust domain and a path", (text, trustDomain, path) => {
    expect(parseSpiffeId(text)).toEqual({ text, trustDomain, path });
  });

  it.each([
    ["https://example.org/a", "§2)"],
    ["SPIFFE://example.org/a", "§2)"],
    ["spiffe:example.org/a", "§2)"],
    ["spiffe:///a", "§2.1"],
    ["spiffe://Example.org/a", "§2.1"],
    ["spiffe://example.org:8443/a", "§2.1"],
    ["spiffe://user@example.org/a", "§2.1"],
    ["spiffe://example.org?x", "§2.1"],
    [`spiffe://${"a".repeat(256)}/a`, "§2.1"],
    ["spiffe://example.org/", "§2.2"],
    ["spiffe://example.org/a/", "§2.2"],
    ["spiffe://example.org/a//b", "§2.2"],
    ["spiffe://example.org/a/../b", "§2.2"],
    ["spiffe://example.org/./b", "§2.2"],
    ["spiffe://example.org/a%2fb", "§2.2"],
    ["spiffe://example.org/a?b", "§2.2"],
    ["spiffe://example.org/a#b", "§2.2"],
    ["spiffe://example.org/a\n", "§2.2"],
    ["spiffe://example.org/é", "§2.2"],
    [`spiffe://example.org/${"a".repeat(2048)}`, "§2.3"],
  ])("is not %j", (text, section) => {
    expect(() => parseSpiffeId(text)).toThrow(section);
  });
});

describe.each(providers)("an X509-SVID, with $name", ({ provider }) => {
  const pki = new Pki(provider);
  const root = pki.root("Root");
  const id = "spiffe://example.org/a";
  const svid = (change: Change = {}) => pki.leaf("a", root, { names: { uri: [id] }, ...change });
  const verify = (change: Change) =>
    verifyChain({
      chain: certificates(svid(change)),
      trust: createTrustStore(certificates(root)),
      usage: "client",
      now,
      provider,
    }).leaf;

  it("is verified, with other names and usages too", () => {
    for (const change of [
      {},
      { names: { uri: [id], dns: ["a.example"] } },
      { type: "secp256r1", keyUsage: ["digitalSignature", "keyAgreement"] },
    ] as const) {
      expect(spiffeIdOf(verify(change))?.text).toBe(id);
    }
    // What names no SPIFFE ID is bound by no rule for them.
    expect(spiffeIdOf(verify({ names: { uri: ["https://a/", "https://b/"] } }))).toBeUndefined();
  });

  it.each<[string, Change, RegExp]>([
    ["two URIs", { names: { uri: [id, "spiffe://example.org/b"] } }, /several URIs .*§2\)/],
    ["another URI", { names: { uri: ["https://example.org/", id] } }, /several URIs .*§2\)/],
    ["a malformed ID", { names: { uri: ["SPIFFE://example.org/a"] } }, /not a SPIFFE ID .*§2\)/],
    ["no path", { names: { uri: ["spiffe://example.org"] } }, /names a trust domain.*§3\.1\)/],
    ["a CA's powers", { ca: {}, keyUsage: ["digitalSignature"] }, /is a CA .*§4\.1\)/],
    ["no key usage", { keyUsage: [] }, /no key usage .*§4\.3\)/],
    ["cRLSign", { keyUsage: ["digitalSignature", "cRLSign"] }, /usage cRLSign .*§4\.3\)/],
    ["keyCertSign", { keyUsage: ["digitalSignature", "keyCertSign"] }, /keyCertSign/],
  ])("is refused with %s", (_, change, text) => {
    expect(tlsErrorOf(() => verify(change))).toMatchObject({
      code: "bad_certificate",
      message: expect.stringMatching(text),
    });
    expect(spiffeIdOf(svid(change).certificate)).toBeUndefined();
  });

  it("has no ID without digitalSignature", () => {
    const { certificate } = svid({ type: "secp256r1", keyUsage: ["keyAgreement"] });
    expect(spiffeIdOf(certificate)).toBeUndefined();
  });
});

describe("a certificate's SPIFFE ID", () => {
  const ca = createDevelopmentCa({ provider: noble, algorithm: "ed25519", now: 0 });
  const idOf = (...names: string[]) => spiffeIdOf(ca.issue({ names }).chain[0]!)?.text;

  it("is its one URI", () => {
    expect(idOf("localhost", "spiffe://example.org/a")).toBe("spiffe://example.org/a");
  });

  it.each([
    ["no URI", ["localhost"]],
    ["two URIs", ["spiffe://example.org/a", "spiffe://example.org/b"]],
    ["another URI beside it", ["spiffe://example.org/a", "https://example.org/"]],
    ["a URI that is none", ["https://example.org/a"]],
    ["a trust domain's own ID", ["spiffe://example.org"]],
  ])("is not there with %s", (_, names) => {
    expect(idOf(...names)).toBeUndefined();
  });
});
