/** A policy as judge of what came about: the last word, after the options have kept most of it away. */
import type { AuthenticationScheme } from "../crypto/index.ts";
import type { Finding } from "../detection/index.ts";
import {
  isThenable,
  type Negotiated,
  type PeerIdentity,
  type VerifyPeer,
} from "../handshake/index.ts";
import type { Certificate } from "../identity/index.ts";
import { type ErrorCode, TlsError } from "../registry/index.ts";
import { acceptsOrigin, acceptsScheme, isAllowed, isNamed } from "./narrow.ts";
import type { OwnRule, Policy, PolicyRule, ResolvedPolicy } from "./policy.ts";

/** What was negotiated breaks no rule. @throws TlsError `insufficient_security` that names the rule */
export function judgeNegotiated(policy: ResolvedPolicy, negotiated: Negotiated): void {
  const { cipherSuite, group, postQuantum, origin } = negotiated;
  if (!isNamed(policy.suites, cipherSuite)) throw breach(policy, "suites", cipherSuite);
  const exchange = group ?? "a pre-shared key alone";
  if (policy.groups !== "any" && !isAllowed(policy.groups, exchange, postQuantum)) {
    throw breach(policy, "groups", exchange);
  }
  for (const name of [negotiated.peerSignatureScheme, negotiated.signatureScheme]) {
    if (name !== undefined && !acceptsScheme(policy, name))
      throw breach(policy, "signatures", name);
  }
  if (negotiated.resumed && origin !== undefined && !acceptsOrigin(policy, origin)) {
    throw breach(policy, "resumption", `a key that stems from ${origin.group ?? "another PSK"}`);
  }
  if (negotiated.retried && policy.retry === "never") {
    throw breach(policy, "retry", `a HelloRetryRequest to ${exchange}`);
  }
  for (const rule of policy.rules ?? []) judgeByOwn(policy, rule, negotiated);
}

/** @throws TlsError `insufficient_security`; `misuse` for an answer that says neither yes nor no */
function judgeByOwn(policy: Policy, rule: OwnRule, negotiated: Negotiated): void {
  const broken: unknown = rule.judge(negotiated);
  if (broken === undefined) return;
  if (typeof broken === "string") throw breachOf(policy, rule, broken);
  throw new TlsError(
    "misuse",
    `the rule ${rule.name} of the policy ${policy.name} does not answer`,
    {
      expected: "a string that says what breaks it, or undefined, at once",
      received: typeof broken,
    },
  );
}

/** Findings that the policy does not put up with. @throws TlsError `insufficient_security` */
export function judgeFindings(policy: Policy, findings: readonly Finding[]): void {
  for (const finding of findings) {
    if (policy.retry === "not-weaker" && finding.kind === "retry-to-weaker") {
      throw breach(policy, "retry", finding.evidence);
    }
    if (finding.kind === "fallback" && policy.fallback === "post-quantum") {
      throw breach(policy, "fallback", finding.evidence);
    }
    if (policy.refuse.includes(finding.kind)) {
      throw breach(policy, "findings", `${finding.kind}: ${finding.evidence}`);
    }
  }
}

/** Looks at the chain before anything else is believed of it. */
export function withChainRule(policy: ResolvedPolicy, verify: VerifyPeer): VerifyPeer {
  if (policy.chains === "any") return verify;
  const judged = (identity: PeerIdentity): PeerIdentity => {
    judgeChain(policy, identity);
    return identity;
  };
  return (question) => {
    for (const { signatureAlgorithm } of question.chain) {
      const signing =
        signatureAlgorithm === undefined ? [] : policy.knownSchemes.bySignature(signatureAlgorithm);
      if (isOneAllowed(policy, signing)) continue;
      const received = signatureAlgorithm ?? "an algorithm that nobody should use";
      throw breach(policy, "chains", `a certificate signed with ${received}`, certificates);
    }
    const answer = verify(question);
    return isThenable(answer) ? Promise.resolve(answer).then(judged) : judged(answer);
  };
}

/** What signs a certificate that the peer sent; a root among them is signed by its own kind. */
const isOneAllowed = ({ chains }: Policy, fitting: readonly AuthenticationScheme[]): boolean =>
  fitting.some(({ name, postQuantum }) => isAllowed(chains, name, postQuantum));

/** The keys of the path, the trust anchor's included. @throws TlsError `insufficient_security` */
function judgeChain(policy: ResolvedPolicy, { chain, verified, rawPublicKey }: PeerIdentity): void {
  const path: readonly Certificate[] = verified?.path ?? chain;
  const keyTypes = path.map((certificate) => certificate.publicKey.type);
  if (rawPublicKey !== undefined) keyTypes.push(rawPublicKey.type);
  for (const keyType of keyTypes) {
    if (isOneAllowed(policy, policy.knownSchemes.provingBy(keyType))) continue;
    throw breach(policy, "chains", `a key of type ${keyType}`, certificates);
  }
}

const certificates = "certificate.certificateList";

const rules: Readonly<Partial<Record<ErrorCode, PolicyRule>>> = {
  no_common_cipher_suite: "suites",
  no_common_group: "groups",
  no_common_signature_scheme: "signatures",
};

/**
 * RFC 9846 §6.2: where negotiation failed because we ask for more than the peer offers, the alert is
 * insufficient_security. Any other error stays as it is.
 */
export function explainByPolicy(policy: Policy, error: TlsError): TlsError {
  const rule = rules[error.code];
  if (rule === undefined) return error;
  const weaker = rule === "suites" ? policy.suites !== "any" : policy[rule as "groups"] !== "any";
  if (!weaker) return error;
  return breach(policy, rule, error.detail.received ?? "nothing", error.detail.where, error);
}

function breach(
  policy: Policy,
  rule: PolicyRule,
  received: string,
  where?: string,
  cause?: unknown,
): TlsError {
  const said = { name: rule, expected: `${rule}: ${expectedOf(policy, rule)}` };
  return breachOf(policy, said, received, {
    ...(where === undefined ? {} : { where }),
    ...(cause === undefined ? {} : { cause }),
  });
}

const breachOf = (
  policy: Policy,
  { name: rule, expected }: Pick<OwnRule, "name" | "expected">,
  received: string,
  more: { readonly where?: string; readonly cause?: unknown } = {},
): TlsError =>
  new TlsError("insufficient_security", `the policy ${policy.name} does not allow it`, {
    rule,
    expected,
    received,
    ...more,
  });

function expectedOf(policy: Policy, rule: PolicyRule): string {
  if (rule === "findings") return `none of ${policy.refuse.join(", ")}`;
  const value = policy[rule];
  return typeof value === "string" ? value : value.join(", ");
}
