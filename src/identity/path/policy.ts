import { TlsError } from "../../registry/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import type { PolicyMapping } from "../certificate/extensions.ts";

/** The policy inputs of RFC 5280 §6.1.1 (c), (e), (f) and (g). Policies are identifiers in dotted form. */
export interface PolicyOptions {
  /** Which policies are acceptable. Default: any. */
  readonly acceptable?: readonly string[];
  /** The path must be valid for one of them. Default: false. */
  readonly requireExplicitPolicy?: boolean;
  /** Default: false. */
  readonly inhibitPolicyMapping?: boolean;
  /** Default: false. */
  readonly inhibitAnyPolicy?: boolean;
}

export const anyPolicy = "2.5.29.32.0";

/** A node of the policy graph (RFC 9618 §5.1). */
interface Node {
  /** What the next certificate must say to stay in this policy. */
  readonly expected: ReadonlySet<string>;
  /** The policies of the trust anchor's domain that lead here: all that is ever asked of the graph above. */
  readonly origins: ReadonlySet<string>;
}

const any: ReadonlySet<string> = new Set([anyPolicy]);
const initialLevel: ReadonlyMap<string, Node> = new Map([
  [anyPolicy, { expected: any, origins: any }],
]);

/**
 * Certificate policies along a path (RFC 5280 §6.1.2 to §6.1.5) in the form of RFC 9618, where the
 * tree of RFC 5280, which a hostile chain can make exponentially large, is a graph with at most one
 * node for each depth and policy. Of that graph only the lowest level is kept.
 */
export class PolicyState {
  /** valid_policy_graph: the nodes of the present depth by valid_policy. Empty is the RFC's NULL. */
  #level: ReadonlyMap<string, Node> = initialLevel;
  #acceptable: ReadonlySet<string>;
  #explicitPolicy: number;
  #policyMapping: number;
  #inhibitAnyPolicy: number;

  /** @param count n: the certificates of the path without the anchor */
  constructor(count: number, options: PolicyOptions = {}) {
    const start = (zero: boolean | undefined): number => (zero === true ? 0 : count + 1);
    this.#acceptable = options.acceptable === undefined ? any : new Set(options.acceptable);
    this.#explicitPolicy = start(options.requireExplicitPolicy);
    this.#policyMapping = start(options.inhibitPolicyMapping);
    this.#inhibitAnyPolicy = start(options.inhibitAnyPolicy);
  }

  /**
   * RFC 5280 §6.1.3 (d) to (f).
   * @param exempt whether inhibitAnyPolicy does not count here: self-issued, and not the last
   * @throws TlsError `bad_certificate`
   */
  process({ policies }: Certificate, exempt: boolean, where: string): void {
    this.#level = policies === undefined ? new Map() : this.#next(policies, exempt);
    if (this.#explicitPolicy === 0 && this.#level.size === 0) throw noPolicy(where);
  }

  /**
   * RFC 5280 §6.1.4 (a), (b), (h), (i) and (j).
   * @throws TlsError `bad_certificate`
   */
  prepareNext(certificate: Certificate, selfIssued: boolean, where: string): void {
    const { policyMappings, policyConstraints, inhibitAnyPolicy } = certificate;
    if (policyMappings !== undefined) this.#map(policyMappings, where);
    if (!selfIssued) {
      this.#explicitPolicy = Math.max(0, this.#explicitPolicy - 1);
      this.#policyMapping = Math.max(0, this.#policyMapping - 1);
      this.#inhibitAnyPolicy = Math.max(0, this.#inhibitAnyPolicy - 1);
    }
    const { requireExplicitPolicy, inhibitPolicyMapping } = policyConstraints ?? {};
    this.#explicitPolicy = Math.min(this.#explicitPolicy, requireExplicitPolicy ?? Infinity);
    this.#policyMapping = Math.min(this.#policyMapping, inhibitPolicyMapping ?? Infinity);
    this.#inhibitAnyPolicy = Math.min(this.#inhibitAnyPolicy, inhibitAnyPolicy ?? Infinity);
  }

  /**
   * RFC 5280 §6.1.5 (a), (b) and (g), with the sets of RFC 9618 §5.6.
   * @returns the acceptable policies that the path is valid for
   * @throws TlsError `bad_certificate`
   */
  wrapUp({ policyConstraints }: Certificate, where: string): readonly string[] {
    const explicit =
      policyConstraints?.requireExplicitPolicy === 0 ? 0 : Math.max(0, this.#explicitPolicy - 1);
    const authority = new Set([...this.#level.values()].flatMap(({ origins }) => [...origins]));
    const constrained = intersect(authority, this.#acceptable);
    if (explicit === 0 && constrained.length === 0) throw noPolicy(where);
    return constrained;
  }

  #next(policies: readonly string[], exempt: boolean): Map<string, Node> {
    const next = new Map<string, Node>();
    const expected = this.#originsByExpected();
    // (d)(1)
    for (const policy of policies) {
      if (policy === anyPolicy) continue;
      const origins = expected.get(policy);
      if (origins !== undefined) next.set(policy, node(policy, origins));
      else if (this.#level.has(anyPolicy)) next.set(policy, node(policy, new Set([policy])));
    }
    // (d)(2)
    if (policies.includes(anyPolicy) && (this.#inhibitAnyPolicy > 0 || exempt)) {
      for (const [policy, origins] of expected) {
        if (!next.has(policy)) next.set(policy, node(policy, origins));
      }
    }
    return next;
  }

  /** Each policy that nodes expect, and where these nodes come from: the level is walked once, and not for each. */
  #originsByExpected(): Map<string, ReadonlySet<string>> {
    const all = new Map<string, Set<string>>();
    for (const { expected, origins } of this.#level.values()) {
      for (const policy of expected) {
        const known = all.get(policy);
        if (known === undefined) all.set(policy, new Set(origins));
        else for (const origin of origins) known.add(origin);
      }
    }
    return all;
  }

  #map(mappings: readonly PolicyMapping[], where: string): void {
    const targets = new Map<string, Set<string>>();
    for (const { issuerDomainPolicy: from, subjectDomainPolicy: to } of mappings) {
      // (a)
      if (from === anyPolicy || to === anyPolicy) {
        throw new TlsError("bad_certificate", "maps anyPolicy", {
          where,
          section: "RFC 5280 §6.1.4 (a)",
        });
      }
      targets.set(from, (targets.get(from) ?? new Set()).add(to));
    }
    // (b)
    const level = new Map(this.#level);
    for (const [policy, expected] of targets) {
      const known = level.get(policy);
      if (this.#policyMapping === 0) level.delete(policy);
      else if (known !== undefined) level.set(policy, { expected, origins: known.origins });
      else if (level.has(anyPolicy)) level.set(policy, { expected, origins: new Set([policy]) });
    }
    this.#level = level;
  }
}

const node = (policy: string, origins: ReadonlySet<string>): Node => ({
  expected: new Set([policy]),
  origins,
});

/** anyPolicy on one side stands for all that is on the other. */
function intersect(authority: ReadonlySet<string>, acceptable: ReadonlySet<string>): string[] {
  if (acceptable.has(anyPolicy)) return [...authority];
  if (authority.has(anyPolicy)) return [...acceptable];
  return [...authority].filter((policy) => acceptable.has(policy));
}

const noPolicy = (where: string): TlsError =>
  new TlsError("bad_certificate", "the path is valid for no acceptable policy", {
    where,
    section: "RFC 5280 §6.1.5",
  });
