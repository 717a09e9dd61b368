import { type FindingKind, findingKinds } from "../detection/index.ts";
import * as check from "../registry/check.ts";

/** The rules that a {@link Policy} consists of; a breach names one of them in `error.detail.rule`. */
export type PolicyRule =
  | "versions"
  | "suites"
  | "groups"
  | "signatures"
  | "chains"
  | "retry"
  | "resumption"
  | "fallback"
  | "findings";

/** All, those that are believed to withstand a quantum computer, or those with these names. */
export type Allowed = "any" | "post-quantum" | readonly string[];

/** What a connection may come to, as data. It holds for either role. */
export interface Policy {
  readonly name: string;
  /** The engine speaks no other. */
  readonly versions: readonly "TLS 1.3"[];
  /** Names of cipher suites. */
  readonly suites: "any" | readonly string[];
  /** Names of key-exchange groups. */
  readonly groups: Allowed;
  /** Whether post-quantum groups are put before the others, whatever the caller's order. */
  readonly order: "as-given" | "post-quantum-first";
  /** Names of signature schemes, for either end's CertificateVerify. */
  readonly signatures: Allowed;
  /** Names of signature schemes, for every signature in the peer's chain but the trust anchor's own. */
  readonly chains: Allowed;
  /** What a HelloRetryRequest may lead to: any group, none weaker than the best share that was sent, or nothing. */
  readonly retry: "any" | "not-weaker" | "never";
  /** What the key exchange must have been that a resumption key stems from; `none`: sessions are not resumed. */
  readonly resumption: "any" | "post-quantum" | "none";
  /** What a client may offer after offers with a post-quantum group stayed without an answer. */
  readonly fallback: "any" | "post-quantum";
  /** Findings that end the connection; all others are only reported. */
  readonly refuse: readonly FindingKind[];
}

const compatible: Policy = {
  name: "compatible",
  versions: ["TLS 1.3"],
  suites: "any",
  groups: "any",
  order: "as-given",
  signatures: "any",
  chains: "any",
  retry: "any",
  resumption: "any",
  fallback: "any",
  refuse: [],
};

/** Policies by name. */
export const policies = {
  /** All that the options allow. */
  compatible,
  /** Hybrids first, and a word about every connection that could have had one. */
  "prefer-post-quantum": {
    ...compatible,
    name: "prefer-post-quantum",
    order: "post-quantum-first",
  },
  /** A post-quantum key exchange or no connection; certificates may be classical. */
  "require-post-quantum": {
    ...compatible,
    name: "require-post-quantum",
    groups: "post-quantum",
    order: "post-quantum-first",
    retry: "not-weaker",
    resumption: "post-quantum",
    fallback: "post-quantum",
    refuse: ["continuity-lost", "fallback"],
  },
  /** The algorithms of CNSA 2.0: ML-KEM-1024, ML-DSA-87, AES-256-GCM. */
  cnsa2: {
    ...compatible,
    name: "cnsa2",
    suites: ["TLS_AES_256_GCM_SHA384"],
    groups: ["MLKEM1024", "SecP384r1MLKEM1024"],
    signatures: ["mldsa87"],
    chains: ["mldsa87"],
    retry: "not-weaker",
    resumption: "post-quantum",
    fallback: "post-quantum",
    refuse: ["continuity-lost", "fallback", "weaker-than-before"],
  },
} as const satisfies Readonly<Record<string, Policy>>;

/** The name of a policy that is built in. */
export type PolicyName = keyof typeof policies;

const named = check.listOf(check.text);
const allowed = check.nameOr(check.oneOf("any", "post-quantum"), named);

const policyTable = {
  name: check.text,
  versions: check.listOf(check.oneOf("TLS 1.3"), 1),
  suites: check.nameOr(check.oneOf("any"), named),
  groups: allowed,
  order: check.oneOf("as-given", "post-quantum-first"),
  signatures: allowed,
  chains: allowed,
  retry: check.oneOf("any", "not-weaker", "never"),
  resumption: check.oneOf("any", "post-quantum", "none"),
  fallback: check.oneOf("any", "post-quantum"),
  refuse: check.listOf(check.oneOf(...findingKinds)),
} satisfies check.OptionTable<Policy>;

/** A preset's name, or a policy in which nothing is missing or misspelt. */
export const checkPolicy = check.nameOr(
  check.oneOf(...Object.keys(policies)),
  check.complete(policyTable, "write { ...policies.compatible, … }"),
);

/** @throws RangeError that lists the names */
export function policyOf(policy: PolicyName | Policy): Policy {
  if (typeof policy !== "string") return policy;
  if (!Object.hasOwn(policies, policy)) {
    throw new RangeError(
      `there is no policy ${JSON.stringify(policy)}: ${Object.keys(policies).join(", ")}`,
    );
  }
  return policies[policy];
}
