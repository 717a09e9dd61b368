import { equal } from "../wire/index.ts";
import type { Certificate } from "./certificate.ts";
import type { Crl, CrlReason } from "./crl.ts";
import { sameName } from "./distinguished-name.ts";
import {
  allReasons,
  type DistributionPoint,
  generalKeys,
  pointKeys,
  type Reasons,
} from "./distribution-point.ts";
import type { Signed } from "./signed.ts";

/** What is known of a certificate: revoked for that reason, or not, or nothing. */
export type Status = CrlReason | "unrevoked" | "undetermined";

export interface ListContext {
  /** The newest list of a scope first, which is the one that counts. */
  readonly crls: readonly Crl[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Certificates that may have signed a list, beyond those of the path. */
  readonly others: readonly Certificate[];
  readonly isSignedBy: (signed: Signed, issuer: Certificate) => boolean;
  /** Whether there is a valid path to the anchor, and its search is not under way. */
  readonly isTrusted: (certificate: Certificate, anchor: Certificate) => boolean;
}

/** What the lists say of a certificate of a path whose upper part was checked (RFC 5280 §6.3.3). */
export function statusByLists(
  path: readonly Certificate[],
  index: number,
  context: ListContext,
): Status {
  const certificate = path[index]!;
  const covered = new Set<number>();
  // At the end one more point that stands for the issuer itself, with all its reasons.
  for (const point of [...(certificate.crlDistributionPoints ?? []), {}]) {
    for (const crl of context.crls) {
      if (crl.baseNumber !== undefined || !isInScope(crl, certificate, point)) continue;
      // (d), (e)
      const reasons = interimReasons(crl, point);
      if ([...reasons].every((reason) => covered.has(reason))) continue;
      if (!isUsable(crl, path, index, point, context)) continue;
      const delta = context.crls.find(
        (each) => isDeltaOf(each, crl) && isUsable(each, path, index, point, context),
      );
      // (i) to (k): what the delta says holds, removeFromCRL too.
      const { issuer, serialNumber } = certificate;
      const reason = delta?.find(issuer, serialNumber) ?? crl.find(issuer, serialNumber);
      if (reason !== undefined && reason !== "removeFromCRL") return reason;
      // (l)
      for (const each of reasons) covered.add(each);
    }
    if (covered.size === allReasons.size) return "unrevoked";
  }
  return "undetermined";
}

/** (b): whether the list is one of those that the distribution point speaks of. */
function isInScope(crl: Crl, certificate: Certificate, point: DistributionPoint): boolean {
  const { issuingDistributionPoint: issuing } = crl;
  if (point.crlIssuer === undefined) {
    if (!sameName(crl.issuer, certificate.issuer)) return false;
  } else {
    const named = generalKeys(point.crlIssuer).includes(`directory ${crl.issuer.key}`);
    if (!named || issuing?.indirectCrl !== true) return false;
  }
  if (issuing === undefined) return true;
  const isCa = certificate.basicConstraints?.ca === true;
  return (
    namesMeet(crl, point) &&
    !(issuing.onlyContainsUserCerts && isCa) &&
    !(issuing.onlyContainsCaCerts && !isCa) &&
    !issuing.onlyContainsAttributeCerts
  );
}

/** (b)(2)(i) */
function namesMeet({ issuer, issuingDistributionPoint }: Crl, point: DistributionPoint): boolean {
  if (issuingDistributionPoint?.name === undefined) return true;
  const own = pointKeys(issuingDistributionPoint.name, issuer);
  if (point.name !== undefined) return overlap(own, pointKeys(point.name, issuer));
  // Without either, the point stands for the issuer's name.
  const issuers =
    point.crlIssuer === undefined ? [`directory ${issuer.key}`] : generalKeys(point.crlIssuer);
  return overlap(own, issuers);
}

/** (d) */
function interimReasons(
  { issuingDistributionPoint }: Crl,
  { reasons = allReasons }: DistributionPoint,
): Reasons {
  const some = issuingDistributionPoint?.onlySomeReasons ?? allReasons;
  return new Set([...reasons].filter((reason) => some.has(reason)));
}

/** (c), and RFC 5280 §5.2.4: a delta adds to a base that is not older than the one it was made for. */
function isDeltaOf(delta: Crl, base: Crl): boolean {
  const [from, at, to] = [delta.baseNumber, base.number, delta.number];
  if (from === undefined || at === undefined || to === undefined) return false;
  return (
    from <= at &&
    at <= to &&
    sameName(delta.issuer, base.issuer) &&
    sameScope(delta, base) &&
    sameBytes(delta.authorityKeyIdentifier, base.authorityKeyIdentifier)
  );
}

/** (c)(2): the same distribution point; its fields are compared as they are written. */
function sameScope(a: Crl, b: Crl): boolean {
  const print = ({ issuingDistributionPoint: point, issuer }: Crl): string =>
    JSON.stringify(
      point && {
        ...point,
        name: point.name && pointKeys(point.name, issuer),
        onlySomeReasons: point.onlySomeReasons && [...point.onlySomeReasons],
      },
    ) ?? "";
  return print(a) === print(b);
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : equal(a, b);

/** (a), (f), (g): in time, nothing critical unknown, and signed by someone who may. */
function isUsable(
  crl: Crl,
  path: readonly Certificate[],
  index: number,
  point: DistributionPoint,
  { now, others, isSignedBy, isTrusted }: ListContext,
): boolean {
  if (crl.criticalUnknown.length > 0 || now < crl.thisUpdate) return false;
  // RFC 5280 §5.1.2.5: conforming CRLs have a nextUpdate; one without is never fresh.
  if (crl.nextUpdate === undefined || now >= crl.nextUpdate + 1000) return false;
  const above = path.slice(index + 1);
  const anchor = path.at(-1)!;
  return [...above, ...others].some(
    (signer) =>
      sameName(signer.subject, crl.issuer) &&
      // (f): cRLSign, if the certificate says what its key may do.
      (signer.keyUsage?.has("cRLSign") ?? true) &&
      isSignedBy(crl, signer) &&
      // Whoever signs lists can speak for itself only if its CA says so by naming it as the cRLIssuer.
      (above.includes(signer) ||
        (signer === path[index] && point.crlIssuer !== undefined) ||
        isTrusted(signer, anchor)),
  );
}

const overlap = (a: readonly string[], b: readonly string[]): boolean =>
  a.some((each) => b.includes(each));
