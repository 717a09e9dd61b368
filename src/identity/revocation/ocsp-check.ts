import { TlsError } from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { sameName } from "../certificate/distinguished-name.ts";
import { hasNoCheck, type OcspResponse, type SingleResponse } from "./ocsp.ts";
import { type CertId, isMeant, responderKeyHash } from "./ocsp-cert-id.ts";
import { KeyPurpose } from "../der/oids.ts";
import { type Signed, whyNotSigned } from "../certificate/signed.ts";

/** What a response is checked against. */
export interface OcspContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly certificate: Certificate;
  /** Its issuer in a path that is valid but for revocation. */
  readonly issuer: Certificate;
  readonly isSignedBy: (signed: Signed, signer: Certificate) => boolean;
  /** Whether a list says that a responder was revoked. */
  readonly isRevoked: (responder: Certificate) => boolean;
}

/**
 * What an acceptable response says of the certificate (RFC 6960 §3.2).
 * @param where the certificate's place in its path, for an error
 * @throws TlsError `bad_certificate_status` that says why it is not acceptable
 */
export function checkOcsp(
  response: OcspResponse,
  context: OcspContext,
  where: string,
): SingleResponse {
  const found = findStatement(response, context);
  if (typeof found === "string") throw unacceptable(found, where);
  const problem = timeProblem(found, context.now);
  if (problem !== undefined) throw unacceptable(problem, where);
  return found;
}

/** What a response has to say of others is not a problem of its own. */
export const elsewhere = "it is about another certificate";

/**
 * What somebody who may speak for the issuer said of the certificate, whenever that was; otherwise why
 * the response does not count.
 */
export function findStatement(
  response: OcspResponse,
  context: OcspContext,
): SingleResponse | string {
  const { certificate, issuer } = context;
  // (1)
  const single = response.responses
    .filter(({ certId }) => isAbout(certId, certificate, issuer))
    .reduce<SingleResponse | undefined>(newer, undefined);
  if (single === undefined) return elsewhere;
  const unknown = [...response.criticalUnknown, ...single.criticalUnknown];
  // §4.4
  if (unknown.length > 0) return `critical extension ${unknown.join(", ")} is not known`;
  // (2) to (4)
  return signerProblem(response, context) ?? single;
}

/** (5), (6): both ends are inclusive, to the second, as those of certificates. */
export function timeProblem(
  { thisUpdate, nextUpdate = thisUpdate + withoutNextUpdate }: SingleResponse,
  now: number,
): string | undefined {
  if (now < thisUpdate) return `it is from the future (${printTime(thisUpdate)})`;
  return now >= nextUpdate + 1000 ? `it is out of date since ${printTime(nextUpdate)}` : undefined;
}

/** A responder takes the issuer's name from the certificate, or from the issuer's own: it may be written in two ways. */
const isAbout = (
  id: CertId,
  { serialNumber, issuer: name }: Certificate,
  issuer: Certificate,
): boolean => isMeant(id, serialNumber, issuer) || isMeant(id, serialNumber, issuer, name);

/**
 * A response without nextUpdate was true when it was made, and says that there is newer information
 * (RFC 6960 §4.2.2.1): it counts for a day, in milliseconds.
 */
const withoutNextUpdate = 86_400_000;

/** Why nobody who may speak for the issuer signed the response; `undefined` if somebody did. */
function signerProblem(response: OcspResponse, context: OcspContext): string | undefined {
  const { issuer, isSignedBy } = context;
  const candidates = [issuer, ...response.certificates].filter((each) => isNamed(response, each));
  let problem = "its signer is neither the issuer nor enclosed";
  for (const signer of candidates) {
    const refusal = signer === issuer ? undefined : delegationProblem(signer, context);
    if (refusal === undefined && isSignedBy(response, signer)) return undefined;
    problem = refusal ?? whyNotSigned(response);
  }
  return problem;
}

const isNamed = ({ responder }: OcspResponse, signer: Certificate): boolean =>
  "name" in responder
    ? sameName(responder.name, signer.subject)
    : equal(responder.keyHash, responderKeyHash(signer));

/** RFC 6960 §4.2.2.2: a responder of its own has a certificate from this very issuer that says so. */
function delegationProblem(signer: Certificate, context: OcspContext): string | undefined {
  const { now, issuer, isSignedBy, isRevoked } = context;
  const { extendedKeyUsage, keyUsage, notBefore, notAfter, criticalUnknown } = signer;
  if (extendedKeyUsage?.includes(KeyPurpose.OCSPSigning) !== true) {
    return "its signer's certificate lacks the extended key usage OCSPSigning";
  }
  if (keyUsage?.has("digitalSignature") === false) {
    return "its signer's certificate lacks the key usage digitalSignature";
  }
  if (criticalUnknown.length > 0)
    return "its signer's certificate has an unknown critical extension";
  if (now < notBefore || now >= notAfter + 1000) return "its signer's certificate is not valid now";
  if (!sameName(signer.issuer, issuer.subject) || !isSignedBy(signer, issuer)) {
    return "its signer's certificate is not from the issuer";
  }
  // RFC 6960 §4.2.2.2.1
  if (!hasNoCheck(signer) && isRevoked(signer)) return "its signer's certificate was revoked";
  return undefined;
}

/** Of two from one moment a revoked one counts. */
function newer(best: SingleResponse | undefined, each: SingleResponse): SingleResponse {
  if (best === undefined || each.thisUpdate > best.thisUpdate) return each;
  return each.thisUpdate === best.thisUpdate && each.status.kind === "revoked" ? each : best;
}

const printTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

const unacceptable = (reason: string, where: string): TlsError =>
  new TlsError("bad_certificate_status", `the OCSP response is not acceptable: ${reason}`, {
    where,
    section: "RFC 6960 §3.2",
  });
