import type { SchemeTable, Suite } from "../crypto/index.ts";
import type { Group } from "../groups/index.ts";
import type { Negotiated } from "../handshake/index.ts";
import * as check from "../registry/check.ts";

/** A rule of the caller's own about what was negotiated. */
export interface OwnRule {
  /** For `error.detail.rule`. */
  readonly name: string;
  /** What the rule wants, for the error: "a group of our own". */
  readonly expected: string;
  /** What breaks the rule, in a few words; `undefined` if nothing does. Answers at once. */
  readonly judge: (negotiated: Negotiated) => string | undefined;
}

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
  /** The policy's name, which errors and findings say. */
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
  /** Findings that end the connection; all others are only reported. Those of own detectors have names too. */
  readonly refuse: readonly string[];
  /** Rules of the caller's own, which are judged last. Default: none. */
  readonly rules?: readonly OwnRule[];
}

/** A policy of one configuration, whose names have their meaning there. */
export interface ResolvedPolicy extends Policy {
  readonly knownSchemes: SchemeTable;
}

/** What a policy may name. */
export interface PolicyNames {
  readonly suites: readonly Suite[];
  readonly groups: readonly Group[];
  readonly schemes: SchemeTable;
  /** Kinds of findings. */
  readonly kinds: readonly string[];
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
  refuse: check.listOf(check.text),
  rules: check.listOf(
    check.complete(
      {
        name: check.text,
        expected: check.text,
        judge: check.callable,
      } satisfies check.OptionTable<OwnRule>,
      "write { name, expected, judge }",
    ),
  ),
} satisfies check.OptionTable<Policy>;

/** A preset's name, or a policy in which nothing is missing or misspelt. */
export const checkPolicy = check.nameOr(
  check.oneOf(...Object.keys(policies)),
  check.complete(
    policyTable,
    "write { ...policies.compatible, … }",
    Object.keys(policyTable).filter((name) => name !== "rules"),
  ),
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

/**
 * Gives a policy's names their meaning: all that it names must be known to the configuration.
 * @throws RangeError for a name that nothing here has, so that no rule is written in vain
 */
export function resolvePolicy(given: PolicyName | Policy, known: PolicyNames): ResolvedPolicy {
  const policy = policyOf(given);
  const nameOf = ({ name }: { readonly name: string }): string => name;
  const { suites, groups, signatures, chains, refuse, rules = [] } = policy;
  const hasScheme = (name: string): boolean => known.schemes.anyByName(name) !== undefined;
  const checks: readonly (readonly [PolicyRule, Allowed, (name: string) => boolean])[] = [
    ["suites", suites, (name) => known.suites.map(nameOf).includes(name)],
    ["groups", groups, (name) => known.groups.map(nameOf).includes(name)],
    ["signatures", signatures, hasScheme],
    ["chains", chains, hasScheme],
    ["findings", refuse, (name) => known.kinds.includes(name)],
  ];
  for (const [rule, names, isKnown] of checks) {
    const unknown = typeof names === "string" ? undefined : names.find((name) => !isKnown(name));
    if (unknown === undefined) continue;
    throw new RangeError(
      `the policy ${policy.name} names ${JSON.stringify(unknown)} for its ${rule}, and nothing here has that name; ` +
        "give one of your own in the options, too",
    );
  }
  const taken: readonly string[] = Object.keys(policyTable);
  const twice = rules.find(
    ({ name }, at) => taken.includes(name) || rules.findIndex((rule) => rule.name === name) < at,
  );
  if (twice === undefined) return { ...policy, knownSchemes: known.schemes };
  throw new RangeError(`the policy ${policy.name} has another rule ${JSON.stringify(twice.name)}`);
}
