/** The policy's last word: what no option has kept away. */
import { describe, expect, it } from "vitest";
import type { Negotiated } from "../../src/handshake/index.ts";
import { judgeNegotiated, type Policy, policies } from "../../src/policy/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { connect } from "../support/ends.ts";
import { thrownBy } from "../support/errors.ts";

const { negotiated } = connect().client;
const judge = (rules: Partial<Policy>, facts: Partial<Negotiated> = {}) =>
  judgeNegotiated(
    { ...policies.compatible, name: "a test's", ...rules },
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
