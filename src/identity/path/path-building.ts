import { TlsError } from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { sameName } from "../certificate/distinguished-name.ts";
import type { TrustStore } from "./trust.ts";

/** Bounds on the search, which a peer could otherwise make as long as it likes. */
export interface PathLimits {
  /** Certificates of a path, the anchor included. */
  readonly length: number;
  /** Issuers that are tried in all, for signers of lists and responses too. */
  readonly candidates: number;
  /** Signatures that are verified in all, on lists and responses too. */
  readonly signatures: number;
}

export const defaultLimits: PathLimits = { length: 10, candidates: 200, signatures: 32 };

/** The search is given up: an outcome of its own, so that no one takes it for "not found". */
export class LimitExceeded extends TlsError {
  constructor(what: string, limit: number) {
    super("bad_certificate", `too many ${what}`, {
      expected: `at most ${limit}`,
      where: "chain",
      section: "RFC 9846 §4.5.1",
    });
  }
}

/** What a search may do so often, together with all searches that it begins. */
export class Budget {
  readonly #what: string;
  readonly #limit: number;
  #spent = 0;

  constructor(what: string, limit: number) {
    this.#what = what;
    this.#limit = limit;
  }

  /** @throws LimitExceeded */
  spend(count: number): void {
    this.#spent += count;
    if (this.#spent > this.#limit) throw new LimitExceeded(this.#what, this.#limit);
  }
}

/** At least a leaf; the trust anchor last. */
export type Path = readonly [Certificate, ...Certificate[]];

interface Search extends Pick<PathLimits, "length"> {
  readonly now: number;
  readonly candidates: Budget;
}

/**
 * Tries the paths from the leaf to a trust anchor by names alone, the likeliest first, until one is good.
 * What the peer sent after the leaf may be in any order, hold cross-certificates and such as do not belong
 * (RFC 9846 §4.5.1).
 * @param attempt what comes of a path; `undefined` to go on
 * @throws LimitExceeded
 */
export function tryPaths<T>(
  chain: readonly Certificate[],
  trust: TrustStore,
  search: Search,
  attempt: (path: Path) => T | undefined,
): T | undefined {
  const [leaf, ...rest] = chain;
  if (leaf === undefined) throw new TlsError("empty_certificate", "the chain is empty");
  // A leaf that is trusted itself needs no issuer.
  const found = trust.has(leaf) ? attempt([leaf]) : undefined;
  if (found !== undefined) return found;
  const others = rest.filter((certificate) => !trust.has(certificate));
  let attempts = 0;
  let isCut = false;

  /** The possible issuers of the last certificate that are not part of the path yet. */
  function issuersAmong(certificates: readonly Certificate[], path: Path): readonly Certificate[] {
    const issuers = rank(certificates, path.at(-1)!, search.now).filter(
      (issuer) => !path.some((certificate) => isSameEntity(certificate, issuer)),
    );
    search.candidates.spend(issuers.length);
    return issuers;
  }

  function extend(path: Path): T | undefined {
    if (path.length >= search.length) {
      isCut = true;
      return undefined;
    }
    for (const anchor of issuersAmong(trust.find(path.at(-1)!.issuer), path)) {
      attempts++;
      const outcome = attempt([...path, anchor]);
      if (outcome !== undefined) return outcome;
    }
    for (const issuer of issuersAmong(others, path)) {
      const outcome = extend([...path, issuer]);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }
  const outcome = extend([leaf]);
  if (outcome === undefined && attempts === 0 && isCut) throw tooLong(search.length);
  return outcome;
}

/** Other than a {@link LimitExceeded} it says that this chain is not valid, and ends no other search. */
const tooLong = (limit: number): TlsError =>
  new TlsError("unknown_ca", "the chain is too long", {
    expected: `at most ${limit} certificates, the trust anchor included`,
    where: "chain",
    section: "RFC 9846 §4.5.1",
  });

/** RFC 4158 §2.4.1: a loop is a subject that comes again with the same key. */
const isSameEntity = (a: Certificate, b: Certificate): boolean =>
  a === b || (equal(a.spki, b.spki) && sameName(a.subject, b.subject));

/** The possible issuers of a certificate: those whose key identifier fits first, then those in time. */
function rank(
  candidates: readonly Certificate[],
  subject: Certificate,
  now: number,
): readonly Certificate[] {
  const score = ({ subjectKeyIdentifier, notBefore, notAfter }: Certificate): number => {
    const { authorityKeyIdentifier: wanted } = subject;
    const known = wanted !== undefined && subjectKeyIdentifier !== undefined;
    const key = known ? (equal(wanted, subjectKeyIdentifier) ? 4 : 0) : 2;
    return key + (now >= notBefore && now <= notAfter ? 1 : 0);
  };
  const named = candidates.filter((candidate) => sameName(candidate.subject, subject.issuer));
  return named.length < 2 ? named : named.toSorted((a, b) => score(b) - score(a));
}
