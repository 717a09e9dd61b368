import { describe, expect, it } from "vitest";
import { allow, type AuthorizationQuestion, type Rule } from "../../src/authorization/index.ts";
import { printNames } from "../../src/identity/index.ts";

const id = (path: string) => `spiffe://example.org/${path}`;
const question = (special: Partial<AuthorizationQuestion>): AuthorizationQuestion => ({
  role: "server",
  self: id("ledger"),
  spiffeId: id("billing/api"),
  names: printNames(undefined),
  chain: [],
  vouchedBy: "a trust anchor",
  peer: undefined,
  group: "x25519",
  postQuantum: false,
  scheme: "ed25519",
  resumed: false,
  serverName: undefined,
  alpn: undefined,
  ...special,
});
const ask = (rules: readonly Rule[], special: Partial<AuthorizationQuestion> = {}) =>
  allow(rules)(question(special));

describe("rules", () => {
  it.each<[string, Rule]>([
    ["the exact ID", { from: id("billing/api") }],
    ["a path above it", { from: id("billing/*") }],
    ["its trust domain", { from: "spiffe://example.org/*", to: id("ledger") }],
    ["a path above the server", { from: id("billing/api"), to: "spiffe://example.org/*" }],
  ])("allow a client by %s", (_, rule) => {
    expect(ask([rule])).toBe(true);
  });

  it.each<[string, Rule]>([
    ["another ID", { from: id("billing") }],
    ["a path that only begins alike", { from: id("bill/*") }],
    ["a pattern's own path", { from: id("billing/api/*") }],
    ["another trust domain", { from: "spiffe://example.com/*" }],
    ["another server", { from: id("billing/api"), to: id("vault") }],
    ["the reverse", { from: id("ledger"), to: id("billing/api") }],
  ])("do not allow it by %s", (_, rule) => {
    expect(ask([rule])).toEqual({
      refused: `no rule allows ${id("billing/api")} to call ${id("ledger")}`,
    });
  });

  it("are a client's too: it looks its server up under `to`", () => {
    const rules = [{ from: id("billing/*"), to: id("ledger") }];
    const client = { role: "client", self: id("billing/api") } as const;
    expect(ask(rules, { ...client, spiffeId: id("ledger") })).toBe(true);
    expect(ask(rules, { ...client, spiffeId: id("vault") })).toHaveProperty("refused");
    expect(ask([{ from: id("billing/*") }], { ...client, spiffeId: id("ledger") })).toHaveProperty(
      "refused",
    );
  });

  it("give the role of the first that fits", () => {
    const rules = [
      { from: id("audit/*"), role: "auditor" },
      { from: id("billing/*"), role: "writer" },
      { from: "spiffe://example.org/*", role: "reader" },
    ];
    expect(ask(rules)).toEqual({ role: "writer" });
    expect(ask(rules, { spiffeId: id("x") })).toEqual({ role: "reader" });
  });

  it("can ask for a post-quantum key exchange", () => {
    const rules = [{ from: id("billing/*"), postQuantum: true }];
    expect(ask(rules, { postQuantum: true })).toBe(true);
    expect(ask(rules)).toEqual({
      refused: `only a post-quantum key exchange allows ${id("billing/api")} to call ${id("ledger")}`,
    });
  });

  it("allow nobody without a SPIFFE ID, and nobody where there are none", () => {
    expect(ask([{ from: id("billing/*") }], { spiffeId: undefined })).toEqual({
      refused: "nobody in particular has no SPIFFE ID",
    });
    expect(ask([])).toHaveProperty("refused");
  });

  it.each(["*", "spiffe://*", "spiffe://example.org/*/b", "spiffe://example.org/b*", "billing"])(
    "are not made of %j",
    (from) => {
      expect(() => allow([{ from }])).toThrow("a SPIFFE ID");
    },
  );
});
