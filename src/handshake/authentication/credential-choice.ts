/** Which certificate an end presents (RFC 9846 §4.5.1.2), as pure functions. */
import type { KemScheme, PublicKeyInfo, Scheme, SchemeTable } from "../../crypto/index.ts";
import { requestedHost } from "../../extensions/index.ts";
import {
  type Certificate,
  type Credential,
  type Decapsulator,
  type Delegation,
  delegationEnd,
  matchesName,
  type OidFilter,
  passesFilter,
  type Signer,
} from "../../identity/index.ts";
import { nameOf, SignatureScheme, TlsError } from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";

/** What a peer says of the certificates that it takes: a ClientHello's or CertificateRequest's extensions. */
export interface CertificateWishes {
  readonly signature_algorithms?: readonly number[];
  /** In certificates; absent: the same as `signature_algorithms` (§4.3.3). */
  readonly signature_algorithms_cert?: readonly number[];
  readonly certificate_authorities?: readonly Uint8Array[];
  readonly server_name?: readonly { readonly nameType: number; readonly name: string }[];
  readonly oid_filters?: readonly OidFilter[];
  /** Schemes of delegated keys (RFC 9345 §4.1.1). */
  readonly delegated_credential?: readonly number[];
}

/** What an end proves itself with: it signs, or it decapsulates. */
export type CredentialChoice = SigningChoice | KemChoice;

export interface SigningChoice {
  readonly credential: Credential;
  readonly signer: Signer;
  readonly decapsulator?: undefined;
  readonly scheme: Scheme;
  /** Goes with the certificate, if it is a delegated key that signs. */
  readonly delegation?: Delegation;
}

/** AuthKEM's (draft-celi-wiggers-tls-authkem-07 §4.1). */
export interface KemChoice {
  readonly credential: Credential;
  readonly signer?: undefined;
  readonly decapsulator: Decapsulator;
  readonly scheme: KemScheme;
}

/**
 * The best credential for the peer at this time, in milliseconds since the epoch, with the first of its
 * schemes that the peer accepts. Those for the name that the client asks for come first, and where there
 * are any the others do not come at all; of these, such as have only signatures in their chain that the
 * peer takes; of these, such as come from an authority that it names; then the order in which they are
 * given. A chain with other signatures is better than none (§4.5.1.2): the peer may trust a certificate of it.
 */
export function findCredential(
  credentials: readonly Credential[],
  wishes: CertificateWishes,
  now: number,
  known: SchemeTable,
): CredentialChoice | undefined {
  const candidates = named(credentials, requestedHost(wishes.server_name));
  let best: { readonly choice: CredentialChoice; readonly rank: number } | undefined;
  for (const credential of candidates) {
    const choice = provingBy(credential, wishes, now);
    if (choice === undefined || !passesFilters(credential, wishes)) continue;
    const isNamed = isFromNamedAuthority(credential, wishes);
    if (credential.onlyForNamedAuthority === true && !isNamed) continue;
    if (candidates.length === 1) return choice;
    const rank =
      (hasAcceptedSignatures(credential.chain, wishes, known) ? 2 : 0) + (isNamed ? 1 : 0);
    if (best === undefined || rank > best.rank) best = { choice, rank };
  }
  return best?.choice;
}

/** A client's, for a server that signs. A server that does not asks for KEMs, and those are all that is shown to it. */
export const findSigning = (
  ...asked: Parameters<typeof findCredential>
): SigningChoice | undefined => {
  const [credentials, ...rest] = asked;
  const found = findCredential(
    credentials.filter(({ decapsulator }) => decapsulator === undefined),
    ...rest,
  );
  return found?.decapsulator === undefined ? found : undefined;
};

/** As {@link findSigning}, of AuthKEM (draft-celi-wiggers-tls-authkem-07 §3.1). */
export const findDecapsulating = (
  ...asked: Parameters<typeof findCredential>
): KemChoice | undefined => {
  const [credentials, ...rest] = asked;
  const found = findCredential(
    credentials.filter(({ decapsulator }) => decapsulator !== undefined),
    ...rest,
  );
  return found?.decapsulator === undefined ? undefined : found;
};

/**
 * A server's, whose key a client knew before it was shown (draft-wiggers-tls-authkem-psk-05 §4.2.1): one for the name
 * that the client asks for, by a scheme that it takes.
 */
export function findStored(
  credentials: readonly Credential[],
  wishes: CertificateWishes,
  isMeant: (key: PublicKeyInfo) => boolean,
): KemChoice | undefined {
  for (const credential of named(credentials, requestedHost(wishes.server_name))) {
    const key = credential.chain[0]?.publicKey ?? credential.rawPublicKey;
    if (credential.decapsulator === undefined || key === undefined || !isMeant(key)) continue;
    const choice = provingBy(credential, wishes, 0);
    if (choice?.decapsulator !== undefined) return choice;
  }
  return undefined;
}

/** What would prove it: a delegated key if the peer takes it (RFC 9345 §4.1.1), else its own. */
function provingBy(
  credential: Credential,
  { signature_algorithms: theirs = [], delegated_credential: delegated = [] }: CertificateWishes,
  now: number,
): CredentialChoice | undefined {
  const {
    delegation,
    signer,
    decapsulator,
    chain: [leaf],
  } = credential;
  if (decapsulator !== undefined) {
    const scheme = decapsulator.schemes.find((entry) => theirs.includes(entry.code));
    return scheme && { credential, decapsulator, scheme };
  }
  if (
    delegation !== undefined &&
    leaf !== undefined &&
    delegated.includes(delegation.scheme.code) &&
    theirs.includes(delegation.algorithm) &&
    now < delegationEnd(leaf, delegation)
  ) {
    return { credential, signer: delegation.signer, scheme: delegation.scheme, delegation };
  }
  const scheme = signer?.schemes.find((entry) => theirs.includes(entry.code));
  return signer && scheme && { credential, signer, scheme };
}

/** A server's. @throws TlsError `no_common_signature_scheme`, or `missing_extension` if the client named none */
export function chooseCredential(
  credentials: readonly Credential[],
  wishes: CertificateWishes,
  now: number,
  known: SchemeTable,
): CredentialChoice {
  const theirs = wishes.signature_algorithms;
  // §4.3.3: who authenticates by certificate must know them, also where an offered PSK was not taken
  if (theirs === undefined) {
    throw new TlsError("missing_extension", "the client sent no signature_algorithms", {
      where: "client_hello.extensions.signature_algorithms",
      section: "RFC 9846 §9.2",
    });
  }
  // RFC 9963 §2: never a server's signature
  const takes = theirs.filter((code) => known.byCode(code)?.clientOnly !== true);
  const found = findCredential(credentials, { ...wishes, signature_algorithms: takes }, now, known);
  if (found === undefined) {
    const ours = named(credentials, requestedHost(wishes.server_name)).flatMap(whatItTakes);
    throw new TlsError("no_common_signature_scheme", "no certificate that the peer could verify", {
      expected: `one of ${[...new Set(ours)].join(", ") || "no certificate at all"}`,
      received: theirs.map((code) => nameOf(SignatureScheme, code)).join(", "),
      where: "client_hello.extensions.signature_algorithms",
      section: "RFC 9846 §4.5.1.2",
    });
  }
  return found;
}

/** For an error: what a peer must accept to be shown it. */
function whatItTakes({
  signer,
  delegation,
  decapsulator,
  onlyForNamedAuthority,
}: Credential): string[] {
  const authority = onlyForNamedAuthority === true ? " with its authority named" : "";
  return [
    ...(delegation === undefined ? [] : [`${delegation.scheme.name} of a delegated credential`]),
    ...(signer?.schemes.map((scheme) => scheme.name) ?? []),
    ...(decapsulator?.schemes.map((scheme) => scheme.name) ?? []),
  ].map((scheme) => scheme + authority);
}

/**
 * Whether the peer takes every signature of a chain. That of a self-signed certificate does not count:
 * nobody verifies it (§4.5.1.2).
 */
export function hasAcceptedSignatures(
  chain: readonly Certificate[],
  { signature_algorithms: inHandshake, signature_algorithms_cert }: CertificateWishes,
  known: SchemeTable,
): boolean {
  const theirs = signature_algorithms_cert ?? inHandshake ?? [];
  return chain.every((certificate, index) => {
    const { subject, issuer, signatureAlgorithm } = certificate;
    if (equal(subject.der, issuer.der)) return true;
    const next = chain[index + 1];
    const isIssuer = next !== undefined && equal(next.subject.der, issuer.der);
    if (signatureAlgorithm === undefined) return false;
    // Where the key is not at hand, for any key that could have made it
    const keyType = isIssuer ? next.publicKey.type : undefined;
    return known
      .bySignature(signatureAlgorithm)
      .some(
        (scheme) =>
          theirs.includes(scheme.code) &&
          (keyType ?? scheme.keyType) === scheme.keyType &&
          scheme.clientOnly !== true,
      );
  });
}

/** The credentials for a name, or all of them if none is for it: the first is then the default. */
function named(
  credentials: readonly Credential[],
  host: string | undefined,
): readonly Credential[] {
  if (host === undefined || credentials.length < 2) return credentials;
  const fitting = credentials.filter(
    ({ chain: [leaf], rawPublicKey }) =>
      // A key without a certificate has no name, and may have any
      rawPublicKey !== undefined ||
      (leaf !== undefined && matchesName(leaf, { kind: "dns", host })),
  );
  return fitting.length === 0 ? credentials : fitting;
}

/** §4.3.4. */
const isFromNamedAuthority = (
  { chain }: Credential,
  { certificate_authorities: authorities = [] }: CertificateWishes,
): boolean =>
  authorities.length > 0 &&
  chain.some(({ issuer }) => authorities.some((name) => equal(name, issuer.der)));

/** §4.3.5: a client's certificate has all that the server lists of extensions that we know. */
function passesFilters(
  { chain: [leaf] }: Credential,
  { oid_filters: filters = [] }: CertificateWishes,
): boolean {
  return leaf === undefined || filters.every((filter) => passesFilter(leaf, filter));
}
