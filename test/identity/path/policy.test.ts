import { describe, expect, it } from "vitest";
import {
  createTrustStore,
  type RawExtension,
  verifyChain,
  type PolicyOptions,
} from "../../../src/identity/index.ts";
import { primitive } from "../../../src/identity/der/der-tags.ts";
import { der, oid, sequence, unsigned } from "../../../src/identity/der/der-writer.ts";
import { ExtensionOid } from "../../../src/identity/der/oids.ts";
import { anyPolicy } from "../../../src/identity/path/policy.ts";
import { providers } from "../../crypto/providers.ts";
import { certificates, type Entity, errorOf, now, Pki } from "../pki.ts";

/** What NIST's suite (`pkits.test.ts`) does not ask; the rules themselves are held there. */
const { provider } = providers[0]!;
const pki = new Pki(provider);
const root = pki.root("Root");
const trust = createTrustStore(certificates(root));

const extension = (id: string, value: Uint8Array): RawExtension => ({
  oid: id,
  critical: true,
  value,
});
const policies = (...ids: string[]) =>
  extension(ExtensionOid.certificatePolicies, sequence(...ids.map((id) => sequence(oid(id)))));
const mappings = (...pairs: (readonly [string, string])[]) =>
  extension(
    ExtensionOid.policyMappings,
    sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to)))),
  );
const constraints = (requireExplicit: number) =>
  extension(
    ExtensionOid.policyConstraints,
    sequence(der(primitive(0), Uint8Array.of(requireExplicit))),
  );
const inhibitAny = (skip: number) => extension(ExtensionOid.inhibitAnyPolicy, unsigned(skip));

const verify = (policy: PolicyOptions | undefined, ...chain: Entity[]) =>
  verifyChain({
    chain: certificates(...chain),
    trust,
    usage: "server",
    now,
    provider,
    ...(policy === undefined ? {} : { policy }),
  }).policies;
const refusal = expect.objectContaining({
  code: "bad_certificate",
  message: expect.stringMatching(/policy|anyPolicy/),
});

describe("certificate policies (RFC 5280 §6.1, RFC 9618)", () => {
  it("returns what the path is valid for", () => {
    const ca = pki.ca("CA", root, { extensions: [policies("1.2.3", "1.2.4")] });
    const leaf = pki.leaf("a.example", ca, { extensions: [policies("1.2.4", "1.2.5")] });
    expect(verify(undefined, leaf, ca)).toEqual(["1.2.4"]);
    expect(verify({ acceptable: ["1.2.4", "1.2.9"] }, leaf, ca)).toEqual(["1.2.4"]);
    expect(verify({ acceptable: ["1.2.9"] }, leaf, ca)).toEqual([]);
    expect(
      errorOf(() => verify({ acceptable: ["1.2.9"], requireExplicitPolicy: true }, leaf, ca)),
    ).toEqual(refusal);
    const without = pki.leaf("a.example", ca);
    expect(verify(undefined, without, ca)).toEqual([]);
    expect(errorOf(() => verify({ requireExplicitPolicy: true }, without, ca))).toEqual(refusal);
  });

  it("takes anyPolicy for all that is acceptable", () => {
    const ca = pki.ca("CA", root, { extensions: [policies(anyPolicy)] });
    const leaf = pki.leaf("a.example", ca, { extensions: [policies(anyPolicy)] });
    expect(verify(undefined, leaf, ca)).toEqual([anyPolicy]);
    expect(verify({ acceptable: ["1.2.3"] }, leaf, ca)).toEqual(["1.2.3"]);
    expect(
      errorOf(() => verify({ inhibitAnyPolicy: true, requireExplicitPolicy: true }, leaf, ca)),
    ).toEqual(refusal);
    const inhibiting = pki.ca("CA", root, {
      extensions: [policies(anyPolicy), inhibitAny(0), constraints(0)],
    });
    const below = pki.leaf("a.example", inhibiting, { extensions: [policies(anyPolicy)] });
    expect(errorOf(() => verify(undefined, below, inhibiting))).toEqual(refusal);
  });

  it("names policies as the anchor's domain does, whatever they were mapped to", () => {
    const ca = pki.ca("CA", root, {
      extensions: [policies("1.2.3"), mappings(["1.2.3", "1.5.5"])],
    });
    const leaf = pki.leaf("a.example", ca, { extensions: [policies("1.5.5")] });
    expect(verify({ acceptable: ["1.2.3"], requireExplicitPolicy: true }, leaf, ca)).toEqual([
      "1.2.3",
    ]);
    expect(
      errorOf(() => verify({ acceptable: ["1.5.5"], requireExplicitPolicy: true }, leaf, ca)),
    ).toEqual(refusal);
    expect(
      errorOf(() => verify({ inhibitPolicyMapping: true, requireExplicitPolicy: true }, leaf, ca)),
    ).toEqual(refusal);
  });

  it("a leaf that demands a policy has one (§6.1.5 (b))", () => {
    const leaf = (...extensions: RawExtension[]) => pki.leaf("a.example", root, { extensions });
    expect(errorOf(() => verify(undefined, leaf(constraints(0))))).toEqual(refusal);
    expect(verify(undefined, leaf(constraints(0), policies("1.2.3")))).toEqual(["1.2.3"]);
  });

  it("does not grow without end: the tree of RFC 5280 would have 2^depth leaves here", () => {
    // RFC 9618 §1: each CA maps two policies to the same two.
    const both = ["1.2.3", "1.2.4"] as const;
    const cross = mappings(...both.flatMap((from) => both.map((to) => [from, to] as const)));
    const chain = [root];
    for (let depth = 0; depth < 40; depth++) {
      chain.unshift(pki.ca(`CA ${depth}`, chain[0]!, { extensions: [policies(...both), cross] }));
    }
    const leaf = pki.leaf("a.example", chain[0]!, { extensions: [policies(...both)] });
    const options = { trust, usage: "server", now, provider } as const;
    const path = certificates(leaf, ...chain);
    const limits = { length: 50, signatures: 50 };
    expect(verifyChain({ ...options, chain: path, limits }).policies).toEqual(both);
    const many = Array.from({ length: 257 }, (_, at) => `1.2.${at}`);
    expect(
      pki.root("x", { extensions: [policies(...many.slice(1))] }).certificate.policies,
    ).toHaveLength(256);
    for (const each of [policies(...many), mappings(...many.map((id) => [id, id] as const))]) {
      expect(() => pki.root("x", { extensions: [each] })).toThrow(/more than 256 items, our limit/);
    }
  });
});
