/** The policy's last word: what no option has kept away. */
import { describe, expect, it } from "vitest";
import { namedSchemes } from "../../src/crypto/index.ts";
import type { Finding } from "../../src/detection/index.ts";
import type { Negotiated, PeerIdentity, PeerQuestion } from "../../src/handshake/index.ts";
import {
  judgeFindings,
  judgeNegotiated,
  type Policy,
  policies,
  withChainRule,
} from "../../src/policy/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { connect } from "../support/ends.ts";
import { thrownBy } from "../support/errors.ts";

const { negotiated } = connect().client;
const judge = (rules: Partial<Policy>, facts: Partial<Negotiated> = {}) =>
  judgeNegotiated(
    { ...policies.compatible, name: "a test's", knownSchemes: namedSchemes, ...rules },
    { ...negotiated!, ...facts },
  );
const origin = { postQuantum: false, group: "x25519" } as NonNullable<Negotiated["origin"]>;
const hybrid = { group: "X25519MLKEM768", postQuantum: true };

describe("what was negotiated", () => {
  it.each<[Partial<Policy>, Partial<Negotiated>, string, string]>([
    [{ suites: ["TLS_AES_256_GCM_SHA384"] }, {}, "suites", "TLS_AES_128_GCM_SHA256"],
    [{ groups: "post-quantum" }, {}, "groups", "x25519"],
    [{ groups: "post-quantum" }, { group: undefined }, "groups", "a pre-shared key alone"],
    [{ groups: ["MLKEM1024"] }, hybrid, "groups", "X25519MLKEM768"],
    [{ signatures: "post-quantum" }, {}, "signatures", "ed25519"],
    [{ signatures: ["mldsa87"] }, { peerSignatureScheme: "mldsa44" }, "signatures", "mldsa44"],
    [{ retry: "never" }, { retried: true }, "retry", "a HelloRetryRequest to x25519"],
    [
      { resumption: "post-quantum" },
      { resumed: true, origin },
      "resumption",
      "a key that stems from x25519",
    ],
    [
      { signatures: "post-quantum" },
      {
        resumed: true,
        peerSignatureScheme: undefined,
        signatureScheme: undefined,
        origin: { ...origin, peerSignatureScheme: "ed25519" },
      },
      "resumption",
      "a key that stems from x25519",
    ],
    [
      { resumption: "none" },
      { resumed: true, origin: { ...origin, postQuantum: true } },
      "resumption",
      "a key that stems from x25519",
    ],
  ])("that breaks %j by %j ends with the rule %s", (rules, facts, rule, received) => {
    const error = thrownBy(TlsError, () => judge(rules, facts));
    expect(error).toMatchObject({ code: "insufficient_security", detail: { rule, received } });
    // And not without that fact, or without that rule
    expect(() => judge({}, facts)).not.toThrow();
  });

  it("by the rules of CNSA 2.0 is signed with ML-DSA-87", () => {
    const facts = { cipherSuite: "TLS_AES_256_GCM_SHA384", group: "MLKEM1024", postQuantum: true };
    const judgeStrictly = (scheme: string) =>
      judge(policies.cnsa2, { ...facts, peerSignatureScheme: scheme, signatureScheme: undefined });
    judgeStrictly("mldsa87");
    for (const weaker of ["mldsa65", "ed25519"]) {
      expect(thrownBy(TlsError, () => judgeStrictly(weaker)).detail.rule).toBe("signatures");
    }
  });

  it("that keeps to the rules passes", () => {
    judge({ groups: "post-quantum" }, hybrid);
    judge({ groups: ["X25519MLKEM768"] }, hybrid);
    judge({ signatures: "post-quantum" }, { peerSignatureScheme: "mldsa44" });
    judge({ retry: "never" });
    judge(
      { resumption: "post-quantum" },
      { resumed: true, origin: { ...origin, postQuantum: true } },
    );
    judge({ resumption: "none" }, { resumed: false, origin });
  });
});

describe("what was found", () => {
  const found = (kind: Finding["kind"]): Finding[] => [
    { kind, severity: "warning", evidence: "seen" },
  ];

  it.each<[Partial<Policy>, Finding["kind"], string, string]>([
    [{ retry: "not-weaker" }, "retry-to-weaker", "retry", "seen"],
    [{ fallback: "post-quantum" }, "fallback", "fallback", "seen"],
    [{ refuse: ["hybrid-declined"] }, "hybrid-declined", "findings", "hybrid-declined: seen"],
  ])("that breaks %j by %s ends with the rule %s", (rules, kind, rule, received) => {
    const policy = { ...policies.compatible, name: "a test's", ...rules };
    const error = thrownBy(TlsError, () => judgeFindings(policy, found(kind)));
    expect(error).toMatchObject({ code: "insufficient_security", detail: { rule, received } });
    expect(() => judgeFindings(policies.compatible, found(kind))).not.toThrow();
    expect(() => judgeFindings(policy, found("ends-disagree"))).not.toThrow();
  });
});

describe("a chain under a policy", () => {
  const policy: Policy = { ...policies.compatible, name: "a test's", chains: ["mldsa87"] };
  const certificate = (signatureAlgorithm: string, type = "ML-DSA-87") => ({
    signatureAlgorithm,
    publicKey: { type },
  });
  const good = certificate("ML-DSA-87");
  const judgeChain = (chain: readonly object[], path: readonly object[]) =>
    withChainRule(
      { ...policy, knownSchemes: namedSchemes },
      () => ({ chain, verified: { path } }) as unknown as PeerIdentity,
    )({
      chain,
    } as unknown as PeerQuestion);

  it("keeps to it in every signature and key", () => {
    expect(judgeChain([good], [good, good])).toMatchObject({ chain: [good] });
  });

  it.each<[string, object[], object[], string]>([
    [
      "the signature of a certificate",
      [good, certificate("ecdsa_sha256")],
      [good],
      "a certificate signed with ecdsa_sha256",
    ],
    [
      "the key of the leaf",
      [certificate("ML-DSA-87", "ed25519")],
      [certificate("ML-DSA-87", "ed25519"), good],
      "a key of type ed25519",
    ],
    [
      "the key of the trust anchor",
      [good],
      [good, certificate("ML-DSA-87", "secp256r1")],
      "a key of type secp256r1",
    ],
  ])("is refused for %s", (_, chain, path, received) => {
    const error = thrownBy(TlsError, () => judgeChain(chain, path));
    expect(error.detail).toMatchObject({ rule: "chains", received });
  });
});

describe("an end with a policy", () => {
  const policy = { ...policies.compatible, name: "a test's" };

  it("ends a retry that its policy forbids, though both ends agree on all else", () => {
    const groups = ["x25519", "secp256r1"];
    for (const retry of ["never", "any"] as const) {
      const { client, server } = connect(
        { groups, policy: { ...policy, retry } },
        { groups: ["secp256r1"] },
      );
      const isRefused = retry === "never";
      expect(client.error?.detail.rule).toBe(isRefused ? "retry" : undefined);
      expect(client.state).toBe(isRefused ? "failed" : "open");
      expect(server.error?.detail.received).toBe(
        isRefused ? "alert insufficient_security (71)" : undefined,
      );
    }
  });
});
