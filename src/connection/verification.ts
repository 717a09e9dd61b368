/** How a peer is verified where the caller does not do it. */
import { type Scheme, signatureNameIn } from "../crypto/index.ts";
import {
  isThenable,
  type PeerIdentity,
  type PeerQuestion,
  type VerifyPeer,
} from "../handshake/index.ts";
import {
  type CertificateCache,
  type PathLimits,
  type PolicyOptions,
  type RevocationOptions,
  searchTable,
  type SpiffeId,
  spiffeIdOf,
  TrustedKey,
  type TrustStore,
  VerifiedChain,
} from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { TlsError } from "../registry/index.ts";
import { cache, revocation, trust as trustStore } from "./option-table.ts";

/** What a path to a trust anchor must satisfy beside the rules of RFC 5280. */
export interface VerificationOptions {
  /** Remembers signatures that were right, across connections. */
  readonly cache?: CertificateCache | undefined;
  /** A function is asked for every peer, so that lists can be replaced. Absent: stapled responses only. */
  readonly revocation?: RevocationOptions | (() => RevocationOptions) | undefined;
  /** Schemes whose signatures are accepted in certificates. Absent: all that are supported. */
  readonly schemes?: readonly Scheme[] | undefined;
  /** Certificate policies that the path must be valid for (RFC 5280 §6.1.1). Absent: any. */
  readonly policy?: PolicyOptions;
  /** How far the search for a path may go; what is left out is the default of {@link PathLimits}. */
  readonly limits?: Partial<PathLimits>;
  /**
   * Takes a server by its chain alone where the client names none: whoever has a certificate from one of these
   * authorities can stand in for it. Default: false, which refuses.
   */
  readonly anyName?: boolean;
  /** Refuses certificates that break any rule that RFC 5280 has for issuers. Default: false. */
  readonly strict?: boolean;
}

const verificationTable = {
  cache,
  revocation,
  schemes: check.listOf(check.like("a signature scheme", "name", "algorithm")),
  policy: searchTable.policy,
  limits: searchTable.limits,
  anyName: check.flag,
  strict: check.flag,
} satisfies check.OptionTable<VerificationOptions>;

/**
 * The ordinary way: a path to a trusted certificate, now, for that name, and not revoked as far as is known.
 * @throws RangeError or TypeError for options that cannot work
 */
export function verifyAgainst(trust: TrustStore, options: VerificationOptions = {}): VerifyPeer {
  trustStore(trust, "verifyAgainst: trust");
  check.checkOptions("verifyAgainst", options, verificationTable);
  const { schemes, policy, limits, strict, anyName = false } = options;
  const fixed = {
    trust,
    ...(options.cache && { cache: options.cache }),
    ...(policy && { policy }),
    ...(limits && { limits }),
    ...(strict && { strict }),
    ...(schemes && {
      signatures: schemes.filter(({ clientOnly }) => clientOnly !== true).map(signatureNameIn),
    }),
  };
  // What this very verifier has found, and for whom: with the same options it would find it again
  const verdicts = new WeakMap<VerifiedChain, Pick<PeerQuestion, "usage" | "name">>();
  return (question) => {
    const { chain, usage, name, now, validAt, provider, before, ocspResponse: stapled } = question;
    if (usage === "server" && name === undefined && !anyName && trust.anchors.length > 0) {
      throw new TlsError("misuse", "there is no name that the server must prove", {
        expected: "`serverName`, or `anyName: true` where any will do",
        section: "RFC 9525 §6",
      });
    }
    const lists = options.revocation;
    const current = typeof lists === "function" ? lists() : lists;
    const known = before?.verified;
    if (known !== undefined && current === undefined && stapled === undefined) {
      const found = verdicts.get(known);
      const isSame = found?.usage === usage && found.name === name && chain[0] === known.leaf;
      if (isSame && isStillValid(known, trust, validAt ?? now)) return { chain, verified: known };
    }
    // Checked when the verifier was made
    const verified = VerifiedChain.verify({
      ...fixed,
      chain,
      usage,
      now,
      provider,
      ...(validAt === undefined ? {} : { validAt }),
      ...(name === undefined ? {} : { name }),
      ...(before?.verified && { known: before.verified.path }),
      ...(stapled === undefined ? {} : { stapled }),
      ...(current === undefined ? {} : { revocation: current }),
    });
    verdicts.set(verified, { usage, name });
    // A session of another verifier, whose path this one finds too
    if (known !== undefined && isSamePath(known, verified)) verdicts.set(known, { usage, name });
    return { chain, verified };
  };
}

/** A verifier of the caller's own: the cache keeps the paths that it found, as it keeps those of the ordinary way. */
export function keepingPaths(verify: VerifyPeer, keeper: CertificateCache): VerifyPeer {
  const kept = (answer: PeerIdentity): PeerIdentity => {
    const verified = answer?.verified;
    if (verified instanceof VerifiedChain) keeper.keep(verified.path.slice(0, -1));
    return answer;
  };
  return (question) => {
    const answer = verify(question);
    return isThenable(answer) ? Promise.resolve(answer).then(kept) : kept(answer);
  };
}

/** All else that makes a path valid does not change by itself. */
const isStillValid = ({ path }: VerifiedChain, trust: TrustStore, now: number): boolean =>
  trust.has(path.at(-1)!) &&
  path.every(({ notBefore, notAfter }) => now >= notBefore && now < notAfter + 1000);

/** What vouches for the workloads of each trust domain: its bundle (SPIFFE Trust Domain and Bundle §4). */
export type TrustBundles = ReadonlyMap<string, TrustStore>;

/**
 * As {@link verifyAgainst}, for peers that are known by their SPIFFE ID and not by where they are: the leaf
 * must be an X509-SVID, and its host name does not matter. Whom it names is `authorize`'s to judge.
 *
 * @param trust a bundle for each trust domain, which vouches for no other; or one store that vouches for all
 */
export function verifyWorkload(
  trust: TrustStore | TrustBundles,
  options: VerificationOptions = {},
): VerifyPeer {
  check.checkOptions("verifyWorkload", options, verificationTable);
  const verifierFor = byTrustDomain(trust, options);
  return (question) => {
    const [leaf] = question.chain;
    const id = leaf && spiffeIdOf(leaf);
    if (id === undefined) {
      throw new TlsError("bad_certificate", "the certificate names no workload", {
        expected: "one URI, which is a SPIFFE ID with a path",
        received: leaf?.subjectAltNames?.uri.join(", ") || "none",
        where: "certificate[0].subjectAltName",
        section: "X509-SVID §2",
      });
    }
    return verifierFor(id)({ ...question, name: undefined });
  };
}

/** @throws TlsError `unknown_ca`, when it is asked for a trust domain that has no bundle */
function byTrustDomain(
  trust: TrustStore | TrustBundles,
  options: VerificationOptions,
): (id: SpiffeId) => VerifyPeer {
  // The ID is the name
  const byId = { ...options, anyName: true };
  if ("anchors" in trust) {
    const verify = verifyAgainst(trust, byId);
    return () => verify;
  }
  const verifiers = new Map(
    Array.from(trust, ([domain, store]) => [domain, verifyAgainst(store, byId)]),
  );
  return ({ trustDomain, text }) => {
    const verify = verifiers.get(trustDomain);
    if (verify !== undefined) return verify;
    throw new TlsError("unknown_ca", "there is no bundle for the workload's trust domain", {
      expected: [...verifiers.keys()].join(" or ") || "none",
      received: text,
      where: "certificate[0].subjectAltName",
      section: "X509-SVID §5",
    });
  };
}

/** By chain, by key (RFC 7250), or whichever the peer presents; `undefined` where nobody is trusted. */
export function standardVerification(
  trust: TrustStore | undefined,
  trustedKeys: readonly Uint8Array[] | undefined,
  options: VerificationOptions,
): VerifyPeer | undefined {
  const byChain = trust && verifyAgainst(trust, options);
  if (trustedKeys === undefined) return byChain;
  return (question) => {
    const { rawPublicKey } = question;
    if (rawPublicKey === undefined && byChain !== undefined) return byChain(question);
    if (rawPublicKey === undefined) {
      throw new TlsError("unknown_ca", "a certificate, where only keys are trusted", {
        where: "certificate.certificateList[0]",
        section: "RFC 7250 §4.2",
      });
    }
    const trustedKey = TrustedKey.verify(rawPublicKey, trustedKeys);
    return { chain: [], verified: undefined, rawPublicKey, trustedKey };
  };
}

/**
 * Accepts any certificate, from anybody. The peer still proves that it has the key, which stops nobody
 * who sits in between. For experiments; nothing uses it by itself.
 */
export const acceptAnyCertificate: VerifyPeer = ({ chain, rawPublicKey }) => ({
  chain,
  verified: undefined,
  rawPublicKey,
});

const isSamePath = ({ path }: VerifiedChain, other: VerifiedChain): boolean =>
  path.length === other.path.length && path.every((each, at) => each === other.path[at]);
