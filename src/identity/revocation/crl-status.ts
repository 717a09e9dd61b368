import { equal } from "../../wire/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import type { Crl, CrlReason } from "./crl.ts";
import { sameName } from "../certificate/distinguished-name.ts";
import {
  allReasons,
  type DistributionPoint,
  generalKeys,
  pointKeys,
  type Reasons,
} from "../certificate/distribution-point.ts";
import { type Signed, whyNotSigned } from "../certificate/signed.ts";

/** What is known of a certificate: revoked for that reason, or not, or nothing. */
export type Status = CrlReason | "unrevoked" | "undetermined";

export interface Finding {
  readonly status: Status;
  /** Why lists and responses that are there do not tell. */
  readonly problems: readonly string[];
}

export interface ListContext {
  readonly crls: readonly Crl[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Certificates that may have signed a list, beyond those of the path. */
  readonly others: readonly Certificate[];
  readonly isSignedBy: (signed: Signed, issuer: Certificate) => boolean;
  /** Whether there is a valid path to the anchor, and its search is not under way. */
  readonly isTrusted: (certificate: Certificate, anchor: Certificate) => boolean;
}

/**
 * What the lists say of a certificate of a path whose upper part was checked (RFC 5280 §6.3.3). Of each
 * scope the list with the highest number counts (§5.2.3), also where a later one has a lower number, and
 * of several with the same number the worse. A list that is out of date, or breaks a rule for its number,
 * does not tell that a certificate is good; that it is revoked it does.
 */
export function statusByLists(
  path: readonly Certificate[],
  index: number,
  context: ListContext,
): Finding {
  const certificate = path[index]!;
  const covered = new Set<number>();
  const problems: string[] = [];
  // At the end one more point that stands for the issuer itself, with all its reasons.
  for (const point of [...(certificate.crlDistributionPoints ?? []), {}]) {
    const question = { path, index, point, context, problems };
    const inScope = context.crls.filter(
      (crl) => crl.baseNumber === undefined && isInScope(crl, certificate, point),
    );
    for (const scope of scopesOf(inScope)) {
      const counting = newestOf(scope, question);
      for (const crl of counting) {
        const reason = reasonOn(crl, question);
        if (reason !== undefined) return { status: reason, problems: [] };
      }
      // (d), (l)
      if (!counting.some((crl) => vouches(crl, question))) continue;
      for (const each of interimReasons(scope[0]!, point)) covered.add(each);
    }
    if (covered.size === allReasons.size) return { status: "unrevoked", problems: [] };
  }
  return { status: "undetermined", problems: [...new Set(problems)] };
}

/** A certificate of a path, a point that speaks of it, and where to note what does not count. */
interface Question {
  readonly path: readonly Certificate[];
  readonly index: number;
  readonly point: DistributionPoint;
  readonly context: ListContext;
  readonly problems: string[];
}

/** Lists that follow each other: of one issuer, key and scope. */
function scopesOf(crls: readonly Crl[]): Crl[][] {
  const scopes: Crl[][] = [];
  for (const crl of crls) {
    const scope = scopes.find(([first]) => isOfSameScope(first!, crl));
    if (scope === undefined) scopes.push([crl]);
    else scope.push(crl);
  }
  return scopes;
}

/**
 * The lists of a scope that somebody signed who may, and that no other supersedes; those from the future
 * too, which supersede none.
 */
function newestOf(scope: readonly Crl[], question: Question): Crl[] {
  const counting: Crl[] = [];
  let newest: Crl | undefined;
  for (const crl of scope.toSorted(byNumber)) {
    if (newest !== undefined && byNumber(newest, crl) < 0) break;
    const problem = speakerProblem(crl, question);
    if (problem !== undefined) {
      question.problems.push(`${describeList(crl)}: ${problem}`);
      continue;
    }
    counting.push(crl);
    if (crl.thisUpdate <= question.context.now) newest = crl;
  }
  return counting;
}

/** The newest first (RFC 5280 §5.2.3). Lists without a number come last, and are told apart by their time. */
function byNumber(a: Crl, b: Crl): number {
  const [x, y] = [a.number ?? -1n, b.number ?? -1n];
  if (x !== y) return x > y ? -1 : 1;
  return a.number === undefined ? b.thisUpdate - a.thisUpdate : 0;
}

/** (i) to (k): what the delta says holds, removeFromCRL too. */
function reasonOn(crl: Crl, question: Question): CrlReason | undefined {
  const { path, index, context } = question;
  const { issuer, serialNumber } = path[index]!;
  const deltas = newestOf(
    context.crls.filter((each) => isDeltaOf(each, crl)),
    question,
  );
  let isRemoved = false;
  for (const delta of deltas) {
    const reason = delta.find(issuer, serialNumber);
    if (reason === undefined) continue;
    if (reason !== "removeFromCRL") return reason;
    isRemoved ||= vouches(delta, question);
  }
  const reason = isRemoved ? undefined : crl.find(issuer, serialNumber);
  return reason === "removeFromCRL" ? undefined : reason;
}

/** (a), and the rules for a list whose silence means something; what breaks one is noted. */
function vouches(crl: Crl, { context, problems }: Question): boolean {
  const problem = validityProblem(crl, context.now);
  if (problem !== undefined) problems.push(`${describeList(crl)}: ${problem}`);
  return problem === undefined;
}

function validityProblem(crl: Crl, now: number): string | undefined {
  const { thisUpdate, nextUpdate } = crl;
  if (now < thisUpdate) return `it is from the future (${printTime(thisUpdate)})`;
  // RFC 5280 §5.1.2.5: conforming CRLs have a nextUpdate; one without is never fresh.
  if (nextUpdate === undefined) return "it does not say until when it counts";
  if (now >= nextUpdate + 1000) return `it is out of date since ${printTime(nextUpdate)}`;
  // RFC 5280 §5.2.3: each list has a number, in an extension that is not critical.
  if (crl.number === undefined) return "it has no number";
  return crl.isNumberCritical ? "its number is marked critical" : undefined;
}

const describeList = ({ issuer, number }: Crl): string =>
  `list ${number ?? "without a number"} of "${issuer.text}"`;

const printTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

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
  return from <= at && at <= to && isOfSameScope(delta, base);
}

const isOfSameScope = (a: Crl, b: Crl): boolean =>
  sameName(a.issuer, b.issuer) &&
  sameScope(a, b) &&
  sameBytes(a.authorityKeyIdentifier, b.authorityKeyIdentifier);

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

/** (f), (g), §5.2: nothing critical that is unknown, and signed by someone who may; else why not. */
function speakerProblem(
  crl: Crl,
  { path, index, point, context: { others, isSignedBy, isTrusted } }: Question,
): string | undefined {
  if (crl.criticalUnknown.length > 0) {
    return `critical extension ${crl.criticalUnknown.join(", ")} is not known`;
  }
  const above = path.slice(index + 1);
  const anchor = path.at(-1)!;
  let problem = "its issuer's certificate is not there";
  for (const signer of [...above, ...others]) {
    if (!sameName(signer.subject, crl.issuer)) continue;
    // (f): cRLSign, if the certificate says what its key may do.
    if (signer.keyUsage?.has("cRLSign") === false) {
      problem = "its issuer's key may not sign lists (RFC 5280 §6.3.3 (f))";
      continue;
    }
    if (!isSignedBy(crl, signer)) {
      problem = whyNotSigned(crl);
      continue;
    }
    // Whoever signs lists can speak for itself only if its CA says so by naming it as the cRLIssuer.
    const maySpeak =
      above.includes(signer) ||
      (signer === path[index] && point.crlIssuer !== undefined) ||
      isTrusted(signer, anchor);
    if (maySpeak) return undefined;
    problem = "its issuer's certificate is not trusted";
  }
  return problem;
}

const overlap = (a: readonly string[], b: readonly string[]): boolean =>
  a.some((each) => b.includes(each));
