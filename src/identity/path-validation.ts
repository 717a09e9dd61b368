import { keyTypes } from "../crypto/parameters.ts";
import { InvalidKey, type Provider } from "../crypto/provider.ts";
import { type ErrorCode, TlsError } from "../registry/index.ts";
import type { Certificate } from "./certificate.ts";
import { sameName } from "./distinguished-name.ts";
import type { NameConstraints } from "./extensions.ts";
import { checkNames } from "./name-constraints.ts";
import { requiredHash } from "./public-key.ts";

/**
 * Path validation after RFC 5280 §6.1: given a path, is it valid? How paths are found is another
 * file's business, and so is what TLS asks of the leaf.
 */

export interface PathOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The state variables of RFC 5280 §6.1.2 that are no policies. */
interface State {
  maxPathLength: number;
  readonly constraints: NameConstraints[];
}

/**
 * Checks all of a path but its signatures, which cost more than the rest together: see
 * {@link verifySignature}.
 *
 * The RFC takes no more than a name and a key from the trust anchor. Where the anchor is a
 * certificate, the limits that it sets for itself hold here too (RFC 5937), as in other TLS stacks.
 * @param path leaf first, trust anchor last
 * @throws TlsError that names the certificate and the rule
 */
export function validatePath(path: readonly Certificate[], options: PathOptions): void {
  const state: State = { maxPathLength: Infinity, constraints: [] };
  for (let index = path.length - 1; index >= 0; index--) {
    const certificate = path[index]!;
    const issuer = path[index + 1];
    const where = describe(path, index);
    checkValidity(certificate, options.now, where);
    if (issuer !== undefined) checkIssued(certificate, issuer, index, state, where);
    checkCritical(certificate, where);
    checkKeyUsage(certificate, where);
    if (index > 0) prepareNext(certificate, issuer, state, where);
  }
}

/**
 * RFC 5280 §6.1.3 (a)(1).
 * @throws TlsError `bad_certificate`, or `unsupported_certificate` for an algorithm that is not known
 */
export function verifySignature(
  certificate: Certificate,
  issuer: Certificate,
  provider: Provider,
  where: string,
): void {
  const { signatureAlgorithm: name, signatureOid, tbs, signature } = certificate;
  if (name === undefined) throw unusableAlgorithm(signatureOid, where);
  const key = issuer.publicKey;
  const hash = requiredHash(key);
  if (!keyTypes[name].includes(key.type) || (hash !== undefined && !name.endsWith(hash))) {
    throw failure(
      "bad_certificate",
      `signed with ${name}, but the issuer's key is ${key.type}`,
      where,
    );
  }
  if (!isSigned(provider, name, key, tbs, signature)) {
    throw failure(
      "bad_certificate",
      "the issuer's signature is wrong",
      where,
      "RFC 5280 §6.1.3 (a)(1)",
    );
  }
}

/** RFC 5280 §6.1: subject and issuer are the same; a CA's step from one key or policy to the next. */
export const isSelfIssued = (certificate: Certificate): boolean =>
  sameName(certificate.subject, certificate.issuer);

/** `path[1] "CN=…"`, counted from the leaf. */
export const describe = (path: readonly Certificate[], index: number): string =>
  `path[${index}] "${path[index]?.subject.text ?? ""}"`;

function isSigned(
  provider: Provider,
  name: NonNullable<Certificate["signatureAlgorithm"]>,
  key: Certificate["publicKey"],
  tbs: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return provider.signatures[name].verifier(key)(tbs, signature);
  } catch (error) {
    if (error instanceof InvalidKey) return false;
    throw error;
  }
}

function checkValidity({ notBefore, notAfter }: Certificate, now: number, where: string): void {
  // RFC 5280 §6.1.3 (a)(2), §4.1.2.5: both ends are inclusive, to the second.
  if (now < notBefore || now >= notAfter + 1000) {
    throw new TlsError("certificate_expired", now < notBefore ? "not valid yet" : "expired", {
      expected: `a time from ${printTime(notBefore)} to ${printTime(notAfter)}`,
      received: printTime(now),
      where,
      section: "RFC 5280 §6.1.3 (a)(2)",
    });
  }
}

function checkIssued(
  certificate: Certificate,
  issuer: Certificate,
  index: number,
  state: State,
  where: string,
): void {
  if (!sameName(certificate.issuer, issuer.subject)) {
    throw failure("bad_certificate", "not issued by the next one", where, "RFC 5280 §6.1.3 (a)(4)");
  }
  // RFC 5280 §6.1.3 (b): self-issued certificates are exempt, unless they are the last.
  if (index === 0 || !isSelfIssued(certificate)) {
    checkNames(certificate, state.constraints, where);
  }
}

/** RFC 5280 §6.1.4 (o), §6.1.5 (f). */
function checkCritical({ criticalUnknown }: Certificate, where: string): void {
  if (criticalUnknown.length > 0) {
    throw failure(
      "unsupported_certificate",
      `critical extension ${criticalUnknown.join(", ")} is not known`,
      where,
      "RFC 5280 §4.2",
    );
  }
}

/** RFC 8410 §5, RFC 9881 §5: a key that can only sign claims no other use. */
function checkKeyUsage({ keyUsage, publicKey }: Certificate, where: string): void {
  if (keyUsage === undefined || !signatureOnly.test(publicKey.type)) return;
  const others = otherUsages.filter((usage) => keyUsage.has(usage));
  if (others.length > 0) {
    throw failure(
      "bad_certificate",
      `a key of type ${publicKey.type} for ${others.join(", ")}`,
      where,
      "RFC 9881 §5",
    );
  }
}

const signatureOnly = /^(?:ed25519|ed448|ML-DSA-\d\d)$/;
const otherUsages = [
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "encipherOnly",
  "decipherOnly",
] as const;

/** RFC 5280 §6.1.4: what a certificate must be to issue the next, and what it demands of it. */
function prepareNext(
  certificate: Certificate,
  issuer: Certificate | undefined,
  state: State,
  where: string,
): void {
  const { version, basicConstraints, keyUsage, nameConstraints } = certificate;
  if (nameConstraints !== undefined) state.constraints.push(nameConstraints);
  // (k): only a trust anchor may be of a version that cannot say that it is a CA.
  const old = issuer === undefined && version < 3;
  if (basicConstraints?.ca !== true && !old) {
    throw failure(
      "bad_certificate",
      "issued a certificate, but is no CA",
      where,
      "RFC 5280 §6.1.4 (k)",
    );
  }
  // (l): the anchor itself is not part of the path that is counted.
  if (issuer !== undefined && !isSelfIssued(certificate)) {
    if (state.maxPathLength === 0) {
      throw failure(
        "bad_certificate",
        "a CA above allows no further CA (pathLenConstraint)",
        where,
        "RFC 5280 §6.1.4 (l)",
      );
    }
    state.maxPathLength--;
  }
  // (m)
  state.maxPathLength = Math.min(state.maxPathLength, basicConstraints?.pathLength ?? Infinity);
  // (n)
  if (keyUsage !== undefined && !keyUsage.has("keyCertSign")) {
    throw failure(
      "bad_certificate",
      "issued a certificate without the key usage keyCertSign",
      where,
      "RFC 5280 §6.1.4 (n)",
    );
  }
}

/** Signatures with MD5 and SHA-1, which RFC 9846 §4.5.1.3 answers with bad_certificate. */
const brokenHashes = new Set([
  "1.2.840.113549.1.1.2",
  "1.2.840.113549.1.1.4",
  "1.2.840.113549.1.1.5",
  "1.2.840.10040.4.3",
  "1.2.840.10045.4.1",
]);

function unusableAlgorithm(oid: string, where: string): TlsError {
  return brokenHashes.has(oid)
    ? failure("bad_certificate", `signed with a broken hash (${oid})`, where, "RFC 9846 §4.5.1.3")
    : failure("unsupported_certificate", `signature algorithm ${oid} is not supported`, where);
}

const printTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

const failure = (code: ErrorCode, message: string, where: string, section?: string): TlsError =>
  new TlsError(code, message, section === undefined ? { where } : { where, section });
