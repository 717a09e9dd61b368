/** Rules of the caller's own, and names of the caller's own in a policy. */
import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../../src/connection/index.ts";
import { defineGroup } from "../../src/groups/index.ts";
import { createDevelopmentCa, createTrustStore } from "../../src/identity/index.ts";
import { type OwnRule, policies, type Policy } from "../../src/policy/index.ts";
import { anyProvider as provider, connect, makeEnds } from "../support/ends.ts";
import { serverName, testTime } from "../support/identities.ts";
import { ownScheme, ownSuite } from "../support/own-parts.ts";

const named = (rules: Partial<Policy>): Policy => ({
  ...policies.compatible,
  name: "mine",
  ...rules,
});
const onlySni: OwnRule = {
  name: "server-name",
  expected: "a host name",
  judge: ({ serverName: name }) => (name === undefined ? "none" : undefined),
};

describe("a rule of one's own", () => {
  it("lets through what keeps to it, and ends what does not", () => {
    const policy = named({ rules: [onlySni] });
    expect(connect({ policy }).client.state).toBe("open");
    const { client } = connect({ policy, serverName: "192.0.2.1" });
    expect(client.error).toMatchObject({
      code: "insufficient_security",
      detail: { rule: "server-name", expected: "a host name", received: "none" },
    });
  });

  it("holds for servers too", () => {
    const policy = named({ rules: [onlySni] });
    expect(connect({ serverName: "192.0.2.1" }, { policy }).server.error?.detail.rule).toBe(
      "server-name",
    );
  });

  it.each([true, null, Promise.resolve(undefined), 0])(
    "that answers %o says neither yes nor no, and ends the connection",
    (answer) => {
      const rules = [{ ...onlySni, judge: () => answer as unknown as undefined }];
      expect(connect({ policy: named({ rules }) }).client.error).toMatchObject({
        code: "misuse",
        message: expect.stringContaining("the rule server-name of the policy mine"),
      });
    },
  );

  it.each([
    [{ name: "groups" }, /has another rule "groups"/],
    [{ judge: "yes" }, /judge must be a function/],
    [{ expected: undefined }, /lacks expected/],
  ])("is refused as %o", (change, message) => {
    const policy = named({ rules: [{ ...onlySni, ...change } as OwnRule] });
    expect(() => makeEnds({ policy })).toThrow(message);
  });

  it("has a name of its own", () => {
    expect(() => makeEnds({ policy: named({ rules: [onlySni, onlySni] }) })).toThrow(RangeError);
  });
});

describe("names in a policy", () => {
  const ca = createDevelopmentCa({ provider, algorithm: ownScheme, now: testTime });
  const credentials = [ca.issue({ names: [serverName] })];
  const group = defineGroup({ name: "mine", code: 0xfe55, kems: ["x25519"] });
  const own = {
    suites: [ownSuite],
    groups: [group],
    schemes: [ownScheme],
  };
  const trusting = { ...own, trust: createTrustStore([ca.certificate]) };

  it("may be those of one's own suites, groups and schemes", () => {
    const policy = named({
      suites: [ownSuite.name],
      groups: ["mine"],
      signatures: [ownScheme.name],
      chains: [ownScheme.name],
    });
    const { client } = connect({ ...trusting, policy }, { ...own, credentials });
    expect(client.negotiated).toMatchObject({
      group: "mine",
      peerSignatureScheme: ownScheme.name,
      cipherSuite: ownSuite.name,
    });
  });

  it("tell own schemes that withstand a quantum computer from those that do not", () => {
    const policy = named({ signatures: "post-quantum", chains: "post-quantum" });
    expect(connect({ ...trusting, policy }, { ...own, credentials }).client.state).toBe("open");
    const classical = { ...ownScheme, postQuantum: false };
    expect(() => makeEnds({ ...trusting, schemes: [classical], policy })).toThrow(
      /leaves nothing of the signatures: reversed25519/,
    );
  });

  it.each<[keyof Policy, Partial<ClientOptions>]>([
    ["suites", {}],
    ["groups", { groups: ["x25519"] }],
    ["signatures", {}],
    ["chains", {}],
    ["refuse", {}],
  ])("for %s must be known, so that no rule is written in vain", (rule, options) => {
    const policy = named({ [rule]: ["TLS_AES_128_GCM_SHA256", "x25519", "unheard-of"] });
    expect(() => makeEnds({ ...options, policy })).toThrow(
      /the policy mine names ".*" for its \w+, and nothing here has that name/,
    );
  });
});
