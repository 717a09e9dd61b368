import type { Provider, SignatureName, Oid } from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import { type ErrorDetail, TlsError } from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { findingsOf } from "../certificate/certificate-findings.ts";
import type { CertificateCache } from "./certificate-cache.ts";
import {
  Budget,
  defaultLimits,
  LimitExceeded,
  type Path,
  type PathLimits,
  tryPaths,
} from "./path-building.ts";
import { describe } from "../certificate/describe.ts";
import * as option from "../certificate/option-checks.ts";
import { validatePath } from "./path-validation.ts";
import { type OcspResponse, parseOcspResponse } from "../revocation/ocsp.ts";
import type { PolicyOptions } from "./policy.ts";
import {
  checkRevocation,
  type RevocationOptions,
  revocationTable,
} from "../revocation/revocation.ts";
import { type Signed, verifySignature } from "../certificate/signed.ts";
import { createTrustStore, type TrustStore } from "./trust.ts";

/** What finding and validating a path depends on, whatever the certificate is for. */
export interface PathSearch {
  /** As the peer sent it: the leaf first, the rest in any order (RFC 9846 §4.5.1). */
  readonly chain: readonly Certificate[];
  /** Where a path may end. */
  readonly trust: TrustStore;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When the certificates of the path must be valid, if not now. Lists and responses must be current anyhow. */
  readonly validAt?: number;
  /** Verifies signatures. */
  readonly provider: Provider;
  /** Certificate policies that the path must be valid for (RFC 5280 §6.1.1). Absent: any. */
  readonly policy?: PolicyOptions;
  /** Algorithms that are accepted on the certificates of the path. Absent: all that are supported. */
  readonly signatures?: readonly (SignatureName | Oid)[];
  /** Refuses what breaks any rule for issuers too: see {@link findingsOf}. Default: false. */
  readonly strict?: boolean;
  /** Absent: revocation is not checked, but by a response that is stapled. */
  readonly revocation?: RevocationOptions;
  /** The OCSP response that the peer sent for its leaf, in DER: it must be acceptable (RFC 6066 §8). */
  readonly stapled?: Uint8Array;
  /** How far the search may go; what is left out is the default of {@link PathLimits}. */
  readonly limits?: Partial<PathLimits>;
  /** Remembers signatures that were right; all else is checked each time. */
  readonly cache?: CertificateCache;
  /** A path that was found before, the anchor last: its signatures were right, and still are. */
  readonly known?: readonly Certificate[];
}

export const searchTable = {
  chain: check.listOf(option.certificate),
  trust: check.like("a store: createTrustStore(…)", "anchors", "find", "has"),
  now: check.time,
  validAt: check.time,
  provider: option.provider,
  policy: check.options({
    acceptable: check.listOf(check.text),
    requireExplicitPolicy: check.flag,
    inhibitPolicyMapping: check.flag,
    inhibitAnyPolicy: check.flag,
  } satisfies check.OptionTable<PolicyOptions>),
  signatures: check.listOf(option.signatureName),
  strict: check.flag,
  revocation: check.options(revocationTable),
  stapled: check.bytes,
  limits: check.options({
    length: check.whole(1),
    candidates: check.whole(1),
    signatures: check.whole(1),
  } satisfies check.OptionTable<PathLimits>),
  cache: check.like("a cache: new CertificateCache()", "parse", "isVerified"),
  known: check.listOf(option.certificate),
} satisfies check.OptionTable<PathSearch>;

export interface ValidPath {
  /** Leaf first, trust anchor last. */
  readonly path: Path;
  readonly policies: readonly string[];
}

/**
 * The first path that is valid. If there is none, the first one's error tells most, because the
 * likeliest comes first.
 * @param examine what more is asked of a path
 * @throws TlsError
 */
export function findValidPath(search: PathSearch, examine: (path: Path) => void): ValidPath {
  const limits = { ...defaultLimits, ...search.limits };
  const signatures = new SignatureCheck(
    search,
    new Budget("signatures to check", limits.signatures),
  );
  const candidates = new Budget("possible issuers", limits.candidates);
  const valid = find(search, examine, { signatures, candidates, pending: [] });
  signatures.remember(valid.path);
  return valid;
}

/** What a search has in common with those that it begins, for the signers of lists and responses. */
interface Shared {
  readonly signatures: SignatureCheck;
  readonly candidates: Budget;
  /** The certificates whose paths are being looked for, so that no search waits for itself. */
  readonly pending: readonly Certificate[];
}

function find(search: PathSearch, examine: (path: Path) => void, shared: Shared): ValidPath {
  const { signatures, candidates, pending } = shared;
  const { chain, trust, now, revocation } = search;
  const { stapled: _, validAt = now, ...withoutStaple } = search;
  const { length } = { ...defaultLimits, ...search.limits };
  let first: TlsError | undefined;
  const building = { length, now, candidates };
  const valid = tryPaths(chain, trust, building, (path): ValidPath | undefined => {
    let isSigned = false;
    try {
      if (search.signatures !== undefined)
        checkAlgorithms(path, search.signatures, search.provider);
      // Signatures first: what no one above has signed is not worth a look.
      signatures.verifyPath(path);
      isSigned = true;
      const policies = validatePath(path, { ...search, now: validAt });
      if (search.strict === true) checkIssuerRules(path);
      examine(path);
      if (revocation !== undefined || search.stapled !== undefined) {
        const others = [...chain, ...(revocation?.issuers ?? [])];
        checkRevocation(path, {
          ...(revocation ?? stapledOnly),
          stapled: search.stapled && signatures.readStapled(search.stapled, path[0]),
          now,
          others,
          isSignedBy: (signed, issuer) => signatures.isSignedBy(signed, issuer),
          isTrusted: (certificate, anchor) =>
            !pending.includes(certificate) &&
            succeeds(() =>
              find(
                {
                  ...withoutStaple,
                  chain: [certificate, ...others],
                  trust: createTrustStore([anchor]),
                },
                () => {},
                { ...shared, pending: [...pending, certificate] },
              ),
            ),
        });
      }
      return { path, policies };
    } catch (error) {
      const failure = toFailure(error);
      first ??= !isSigned && isBySomebodyElse(path) ? unknownCa(search) : failure;
      return undefined;
    }
  });
  if (valid === undefined) throw first ?? unknownCa(search);
  return valid;
}

/**
 * RFC 5280 §4.2.1.1: an issuer of the right name whose key is not the one that signed. Nothing says that a
 * key identifier must be right, so that such a path is tried; but where no signature fits, this is why.
 */
const isBySomebodyElse = (path: Path): boolean =>
  path.some(({ authorityKeyIdentifier: wanted }, index) => {
    const issuer = path[index + 1]?.subjectKeyIdentifier;
    return wanted !== undefined && issuer !== undefined && !equal(wanted, issuer);
  });

/** RFC 9846 §4.3.3: nothing but what the peer was told. The anchor's own signature does not count. */
function checkAlgorithms(
  path: Path,
  accepted: readonly (SignatureName | Oid)[],
  { signatures }: Provider,
): void {
  for (const [index, { signatureAlgorithm: name }] of path.slice(0, -1).entries()) {
    if (name === undefined || accepted.includes(name)) continue;
    // What is not known at all has an error of its own, as above
    if (signatures[name] === undefined) continue;
    throw new TlsError("unsupported_certificate", "signed with an algorithm that is not accepted", {
      expected: accepted.join(", "),
      received: name,
      where: describe(path, index),
      section: "RFC 9846 §4.3.3",
    });
  }
}

function checkIssuerRules(path: Path): void {
  for (const [index, certificate] of path.entries()) {
    const [finding] = findingsOf(certificate);
    if (finding === undefined) continue;
    throw new TlsError("bad_certificate", `breaks a rule for issuers: ${finding.rule}`, {
      where: describe(path, index),
      section: finding.section,
    });
  }
}

/** Without options of the caller, what the peer itself says is all that counts. */
const stapledOnly: RevocationOptions = { of: "leaf", whenUnknown: "accept" };

/** Verifies signatures, each only once, and not more than its budget allows. */
class SignatureCheck {
  readonly #provider: Provider;
  readonly #cache: CertificateCache | undefined;
  readonly #budget: Budget;
  /** What this search found to be right: few, and gone with it. */
  #verified: { readonly signed: Signed; readonly issuer: Certificate }[] = [];
  #stapled: OcspResponse | undefined;

  constructor({ provider, cache, known = [] }: PathSearch, budget: Budget) {
    this.#provider = provider;
    this.#cache = cache;
    this.#budget = budget;
    for (const [index, issuer] of known.slice(1).entries()) {
      this.#verified.push({ signed: known[index]!, issuer });
    }
  }

  /** From the anchor down, so that nothing is computed below a signature that is wrong. */
  verifyPath(path: Path): void {
    for (let index = path.length - 2; index >= 0; index--) {
      this.#verify(path[index]!, path[index + 1]!, describe(path, index));
    }
  }

  isSignedBy(signed: Signed, issuer: Certificate): boolean {
    return succeeds(() => this.#verify(signed, issuer, "crl"));
  }

  readStapled(der: Uint8Array, leaf: Certificate): OcspResponse {
    this.#stapled ??= this.#cache?.parseStapled(der, leaf) ?? parseOcspResponse(der);
    return this.#stapled;
  }

  /** A path that was found to be valid: its certificates are worth to be kept, but for the anchor, which is there. */
  remember(path: Path): void {
    if (this.#cache === undefined) return;
    this.#cache.keep(path.slice(0, -1));
    if (this.#stapled !== undefined) this.#cache.keepStapled(this.#stapled, path[0]);
  }

  #verify(signed: Signed, issuer: Certificate, where: string): void {
    if (this.#cache?.isVerified(signed, issuer)) return;
    if (this.#verified.some((known) => known.signed === signed && known.issuer === issuer)) return;
    this.#budget.spend(1);
    verifySignature(signed, issuer.publicKey, this.#provider, where);
    this.#verified.push({ signed, issuer });
    this.#cache?.setVerified(signed, issuer);
  }
}

function succeeds(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    toFailure(error);
    return false;
  }
}

/** Tells a path that is not valid from a search that must end. */
function toFailure(error: unknown): TlsError {
  if (!(error instanceof TlsError) || error instanceof LimitExceeded) throw error;
  return error;
}

/** No chain of what the peer sent ends in a certificate that is trusted. */
export class NoPath extends TlsError {
  readonly #chain: readonly Certificate[];

  constructor(chain: readonly Certificate[], detail: ErrorDetail) {
    super("unknown_ca", "no path to a trust anchor", detail);
    this.#chain = chain;
  }

  /** As the peer sent it. */
  get chain(): readonly Certificate[] {
    return this.#chain;
  }
}

function unknownCa({ chain, trust }: PathSearch): NoPath {
  const [leaf] = chain;
  const [problem, ...more] = trust.unreadable ?? [];
  const unread =
    problem === undefined
      ? ""
      : ` (${more.length + 1} of them could not be read, the first: ${problem.message})`;
  return new NoPath(chain, {
    expected: `a chain that ends in a certificate of the trust store${unread}`,
    received: `${chain.length === 1 ? "1 certificate" : `${chain.length} certificates`} for "${leaf?.subject.text ?? ""}", issued by "${leaf?.issuer.text ?? ""}"`,
    where: "chain",
    section: "RFC 9846 §6.2",
  });
}
