import { type ErrorCode, TlsError } from "../../registry/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { describe } from "../certificate/describe.ts";
import { sameName } from "../certificate/distinguished-name.ts";
import type { NameConstraints } from "../certificate/extensions.ts";
import { usagesOf } from "../certificate/key-usage.ts";
import { checkNames } from "./name-constraints.ts";
import { type PolicyOptions, PolicyState } from "./policy.ts";

/**
 * Path validation after RFC 5280 §6.1: given a path, is it valid? How paths are found is another
 * file's business, and so is what TLS asks of the leaf.
 */

export interface PathOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly policy?: PolicyOptions;
}

/** The state variables of RFC 5280 §6.1.2 that are not policies. */
interface State {
  maxPathLength: number;
  readonly constraints: NameConstraints[];
}

/**
 * Checks all of a path but signatures and revocation.
 *
 * The RFC takes no more than a name and a key from the trust anchor. Where the anchor is a
 * certificate, the limits that it sets for itself hold here too (RFC 5937), as in other TLS stacks.
 * @param path leaf first, trust anchor last
 * @returns the policies that the path is valid for (RFC 5280 §6.1.5 (g)), `2.5.29.32.0` for any
 * @throws TlsError that names the certificate and the rule
 */
export function validatePath(
  path: readonly Certificate[],
  options: PathOptions,
): readonly string[] {
  const state: State = { maxPathLength: Infinity, constraints: [] };
  const policies = new PolicyState(path.length - 1, options.policy);
  for (let index = path.length - 1; index >= 0; index--) {
    const certificate = path[index]!;
    const issuer = path[index + 1];
    const where = describe(path, index);
    checkValidity(certificate, options.now, where);
    if (issuer !== undefined) checkIssued(certificate, issuer, index, state, where);
    checkCritical(certificate, where);
    checkKeyUsage(certificate, where);
    if (index === 0 && issuer !== undefined) checkClaims(certificate, where);
    if (index > 0) prepareNext(certificate, issuer, state, where);
    if (issuer === undefined) continue;
    const selfIssued = isSelfIssued(certificate);
    policies.process(certificate, selfIssued && index > 0, where);
    if (index > 0) policies.prepareNext(certificate, selfIssued, where);
  }
  return policies.wrapUp(path[0]!, describe(path, 0));
}

/** RFC 5280 §6.1: subject and issuer are the same; a CA's step from one key or policy to the next. */
const isSelfIssued = (certificate: Certificate): boolean =>
  sameName(certificate.subject, certificate.issuer);

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

/** RFC 8410 §5, RFC 9881 §5, RFC 9909 §5, RFC 9935 §5: a key that can do one thing claims no other use. */
function checkKeyUsage({ keyUsage, publicKey }: Certificate, where: string): void {
  if (keyUsage === undefined || !ofOneKind.test(publicKey.type)) return;
  const others = [...keyUsage].filter((usage) => !usagesOf(publicKey.type).includes(usage));
  if (others.length > 0) {
    throw failure(
      "bad_certificate",
      `a key of type ${publicKey.type} for ${others.join(", ")}`,
      where,
      "RFC 9881 §5",
    );
  }
}

/** What only a CA may say: else it is not a CA that its issuer meant to make (RFC 5280 §4.2.1.3, §4.2.1.10). */
function checkClaims({ basicConstraints, keyUsage, nameConstraints }: Certificate, where: string) {
  if (basicConstraints?.ca === true) return;
  if (keyUsage?.has("keyCertSign") === true) {
    throw failure(
      "bad_certificate",
      "the key usage keyCertSign without being a CA",
      where,
      "RFC 5280 §4.2.1.3",
    );
  }
  if (nameConstraints !== undefined) {
    throw failure(
      "bad_certificate",
      "name constraints without being a CA",
      where,
      "RFC 5280 §4.2.1.10",
    );
  }
}

const ofOneKind = /^(?:x25519|ed25519|ed448|ML-KEM-.*|(?:ML|SLH)-DSA-.*)$/;

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
      "issued a certificate, but is not a CA",
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

const printTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

const failure = (code: ErrorCode, message: string, where: string, section?: string): TlsError =>
  new TlsError(code, message, section === undefined ? { where } : { where, section });
