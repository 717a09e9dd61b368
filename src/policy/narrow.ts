/** A policy as configuration: what it forbids is not offered, and not accepted. */
import type { AuthenticationScheme, KemScheme, Scheme, Suite } from "../crypto/index.ts";
import { type Group, isPostQuantum } from "../groups/index.ts";
import type { Psk, SessionOrigin } from "../handshake/index.ts";
import type { Credential, Decapsulator, Signer } from "../identity/index.ts";
import type { Allowed, Policy, PolicyRule, ResolvedPolicy } from "./policy.ts";

/** @throws RangeError if nothing is left */
export const allowedSuites = (policy: Policy, suites: readonly Suite[]): readonly Suite[] =>
  atLeastOne(policy, "suites", suites, (suite) => isNamed(policy.suites, suite.name));

/** In the policy's order. @throws RangeError if nothing is left */
export function allowedGroups(policy: Policy, groups: readonly Group[]): readonly Group[] {
  const allowed = atLeastOne(policy, "groups", groups, (group) =>
    isAllowed(policy.groups, group.name, isPostQuantum(group)),
  );
  if (policy.order === "as-given") return allowed;
  return [...allowed.filter(isPostQuantum), ...allowed.filter((group) => !isPostQuantum(group))];
}

/** Schemes for CertificateVerify. @throws RangeError if nothing is left */
export const allowedSchemes = (policy: Policy, schemes: readonly Scheme[]): readonly Scheme[] =>
  atLeastOne(policy, "signatures", schemes, (scheme) =>
    isAllowed(policy.signatures, scheme.name, scheme.postQuantum),
  );

/** KEM schemes, where they are offered at all. @throws RangeError if nothing is left */
export const allowedKemSchemes = (
  policy: Policy,
  kemSchemes: readonly KemScheme[],
): readonly KemScheme[] =>
  kemSchemes.length === 0
    ? kemSchemes
    : atLeastOne(policy, "signatures", kemSchemes, (scheme) =>
        isAllowed(policy.signatures, scheme.name, scheme.postQuantum),
      );

/** Our own credentials, with the schemes that the policy lets them sign with. @throws RangeError if nothing is left */
export function allowedCredentials(
  policy: Policy,
  credentials: readonly Credential[],
): readonly Credential[] {
  if (policy.signatures === "any" || credentials.length === 0) return credentials;
  const mayUse = ({ name, postQuantum }: AuthenticationScheme): boolean =>
    isAllowed(policy.signatures, name, postQuantum);
  const kept = credentials.flatMap((credential): Credential[] => {
    const { signer, delegation, decapsulator, ...presented } = credential;
    if (decapsulator !== undefined) {
      const kemSchemes = decapsulator.schemes.filter(mayUse);
      if (kemSchemes.length === 0) return [];
      return [{ ...presented, decapsulator: decapsulatorWith(kemSchemes, decapsulator) }];
    }
    const mayDelegate = delegation !== undefined && mayUse(delegation.scheme);
    const schemes = signer?.schemes.filter(mayUse) ?? [];
    if (signer !== undefined && schemes.length > 0) {
      const narrowed = { ...presented, signer: limitedTo(schemes, signer) };
      return [mayDelegate ? { ...narrowed, delegation } : narrowed];
    }
    return mayDelegate ? [{ ...presented, delegation }] : [];
  });
  if (kept.length > 0) return kept;
  const names = credentials
    .flatMap(({ signer, delegation, decapsulator }) => [
      ...(signer?.schemes ?? decapsulator?.schemes ?? []),
      delegation?.scheme,
    ])
    .flatMap((scheme) => scheme?.name ?? []);
  throw nothingLeft(policy, "signatures", names);
}

const limitedTo = (schemes: readonly Scheme[], signer: Signer): Signer => ({
  backend: signer.backend,
  schemes,
  sign: (...asked) => signer.sign(...asked),
});

const decapsulatorWith = (
  schemes: readonly KemScheme[],
  decapsulator: Decapsulator,
): Decapsulator => ({
  backend: decapsulator.backend,
  schemes,
  decapsulate: (...asked) => decapsulator.decapsulate(...asked),
});

/** Schemes in certificates; `undefined` where the policy lets the others stand for them. */
export function allowedChainSchemes(
  policy: Policy,
  schemes: readonly Scheme[],
): readonly Scheme[] | undefined {
  if (policy.chains === "any") return undefined;
  return atLeastOne(policy, "chains", schemes, (scheme) =>
    isAllowed(policy.chains, scheme.name, scheme.postQuantum),
  );
}

/** Whether a session may be resumed. An external key has no origin, and is its owner's business. */
export const mayResume = (policy: ResolvedPolicy, { origin }: Pick<Psk, "origin">): boolean =>
  origin === undefined || acceptsOrigin(policy, origin);

/** By the exchange that it stems from, and by the signature that its peer was known by. */
export const acceptsOrigin = (policy: ResolvedPolicy, origin: SessionOrigin): boolean =>
  (policy.resumption === "any" || (policy.resumption === "post-quantum" && origin.postQuantum)) &&
  (origin.peerSignatureScheme === undefined || acceptsScheme(policy, origin.peerSignatureScheme));

/** A signature scheme of the peer's CertificateVerify, by name. */
export const acceptsScheme = (policy: ResolvedPolicy, name: string): boolean =>
  isAllowed(policy.signatures, name, policy.knownSchemes.anyByName(name)?.postQuantum === true);

export const isNamed = (allowed: "any" | readonly string[], name: string): boolean =>
  allowed === "any" || allowed.includes(name);

export const isAllowed = (allowed: Allowed, name: string, postQuantum: boolean): boolean =>
  allowed === "post-quantum" ? postQuantum : isNamed(allowed, name);

function atLeastOne<T extends { readonly name: string }>(
  policy: Policy,
  rule: PolicyRule,
  given: readonly T[],
  keep: (entry: T) => boolean,
): readonly T[] {
  const kept = given.filter(keep);
  if (kept.length > 0 || given.length === 0) return kept;
  throw nothingLeft(
    policy,
    rule,
    given.map((entry) => entry.name),
  );
}

const nothingLeft = (policy: Policy, rule: PolicyRule, names: readonly string[]): RangeError =>
  new RangeError(`the policy ${policy.name} leaves nothing of the ${rule}: ${names.join(", ")}`);
