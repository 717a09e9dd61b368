import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { createDevelopmentCa, parseSpiffeId, spiffeIdOf } from "../../src/identity/index.ts";

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
