/** Whom a peer claims to be, and who says that it is so. */
import type { Provider, PublicKeyInfo } from "../crypto/provider.ts";
import type { Certificate, TrustedKey, Usage, VerifiedChain } from "../identity/index.ts";
import { TlsError } from "../registry/index.ts";
import { equal } from "../wire/index.ts";

/**
 * Whom a certificate or a raw key names, and who vouched for it: `verified`, `trustedKey` or `vouchedBy`.
 * Where none of them is there, nobody did: the configuration asked for no proof.
 */
export interface PeerIdentity {
  /** As the peer sent it, leaf first; empty for a raw public key. */
  readonly chain: readonly Certificate[];
  /** The proof of a path to a trust anchor. */
  readonly verified?: VerifiedChain | undefined;
  /** A peer that presented a key without a certificate (RFC 7250). */
  readonly rawPublicKey?: PublicKeyInfo | undefined;
  /** The proof that this key is trusted. */
  readonly trustedKey?: TrustedKey | undefined;
  /**
   * The caller's own verifier vouches for the peer, under a name of its choice: `"the company's LDAP"`. The
   * names in the leaf then count as proven, and the peer as authorized.
   */
  readonly vouchedBy?: string | undefined;
}

/**
 * Who vouched for a peer: `"a trust anchor"`, `"a trusted key"`, or what the caller's verifier calls itself;
 * `undefined`: nobody.
 */
export function voucherOf(peer: PeerIdentity | undefined): string | undefined {
  if (peer?.verified !== undefined) return "a trust anchor";
  return peer?.trustedKey === undefined ? peer?.vouchedBy : "a trusted key";
}

/** Whether somebody vouched for the peer: a path to a trust anchor, trust in its very key, or the caller. */
export const isVouchedFor = (peer: PeerIdentity | undefined): boolean =>
  voucherOf(peer) !== undefined;

/** Certificates that somebody vouched for, leaf first: the path to the anchor, or what was presented. */
export const vouchedChain = (peer: PeerIdentity | undefined): readonly Certificate[] =>
  peer?.verified?.path ?? (isVouchedFor(peer) ? (peer?.chain ?? []) : []);

/**
 * What a verifier is asked about a peer: the chain or the key that it presented, for which name and use, at what
 * time.
 */
export interface PeerQuestion {
  /** Empty for a raw public key. */
  readonly chain: readonly Certificate[];
  /** The peer's raw public key (RFC 7250); `undefined` if it presented certificates. */
  readonly rawPublicKey: PublicKeyInfo | undefined;
  /** What the peer's key is to be used for: as a server's, or as a client's. */
  readonly usage: Usage;
  /** The name that a client connects to. */
  readonly name: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Verifies signatures. */
  readonly provider: Provider;
  /**
   * When certificates must be valid, if not now: an open connection may go on when a certificate of its peer has
   * merely ended. Lists and responses must be current all the same.
   */
  readonly validAt?: number | undefined;
  /**
   * The peer resumes, or is judged again: it proved possession of the key before. What is asked is whether it
   * is still whom one trusts.
   */
  readonly resumed: boolean;
  /** What came of the question before. Its signatures need not be verified again; all else has to be. */
  readonly before?: PeerIdentity | undefined;
  /** A stapled OCSP response, in DER. */
  readonly ocspResponse: Uint8Array | undefined;
  /** SignedCertificateTimestamps (RFC 6962 §3.3), as they came. */
  readonly signedCertificateTimestamps: readonly Uint8Array[];
}

/**
 * Decides whether a chain or a key authenticates the peer, and says who vouches for it. Throws a TlsError
 * where nobody does. Possession of the key is checked elsewhere, and always.
 */
export type VerifyPeer = (question: PeerQuestion) => PeerIdentity | Promise<PeerIdentity>;

/**
 * A verifier accepted this peer: the boundary between what was claimed and what is believed. Only
 * {@link AcceptedPeer.ask} makes one. It has the key that the peer presented, so that identity and proof of
 * possession cannot be about two different keys.
 */
export class AcceptedPeer<R extends Usage> {
  readonly role: R;
  readonly identity: PeerIdentity;
  readonly #key: PublicKeyInfo;

  private constructor(role: R, identity: PeerIdentity, key: PublicKeyInfo) {
    this.role = role;
    this.identity = identity;
    this.#key = key;
  }

  /** That of the leaf, or the raw one. */
  get key(): PublicKeyInfo {
    return this.#key;
  }

  /**
   * Asks a verifier. Gives a promise where the verifier does.
   * @throws TlsError whatever the verifier throws; `misuse` for an answer about somebody else
   */
  static ask<R extends Usage>(
    verify: VerifyPeer,
    question: PeerQuestion & { readonly usage: R },
  ): AcceptedPeer<R> | Promise<AcceptedPeer<R>> {
    const accept = (answer: PeerIdentity): AcceptedPeer<R> =>
      new AcceptedPeer(question.usage, answer, keyOf(question, answer));
    const answer = verify(question);
    return isThenable(answer) ? Promise.resolve(answer).then(accept) : accept(answer);
  }
}

/** The presented key. The answer must be about it, in all that it says. */
function keyOf(question: PeerQuestion, answer: PeerIdentity): PublicKeyInfo {
  const [leaf] = question.chain;
  const presented = leaf?.publicKey ?? question.rawPublicKey;
  if (presented === undefined) throw new TlsError("misuse", "a verifier is asked about nobody");
  const { chain, verified, rawPublicKey, trustedKey, vouchedBy } = answer ?? {};
  const isNamed = typeof vouchedBy === "string" && vouchedBy !== "";
  if (chain === undefined || !(isNamed || vouchedBy === undefined)) {
    throw new TlsError("misuse", "a verifier's answer cannot be understood", {
      expected: "an object with `chain`, and with `vouchedBy` if the verifier vouches for the peer",
      where: question.usage === "server" ? "verifyServer" : "verifyClient",
    });
  }
  const isAboutThem =
    chain.length > 0 === (leaf !== undefined) &&
    isNoOther(chain[0]?.der, leaf?.der) &&
    isNoOther(verified?.leaf.der, leaf?.der) &&
    isNoOther(rawPublicKey?.spki, presented.spki) &&
    isNoOther(trustedKey?.key.spki, presented.spki);
  if (isAboutThem) return presented;
  throw new TlsError("misuse", "a verifier's answer is about another peer", {
    expected: "the leaf or the key that it was asked about",
    where: question.usage === "server" ? "verifyServer" : "verifyClient",
  });
}

const isNoOther = (given: Uint8Array | undefined, asked: Uint8Array | undefined): boolean =>
  given === undefined || given === asked || (asked !== undefined && equal(given, asked));

/** Another library's promise is one too. */
export const isThenable = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
