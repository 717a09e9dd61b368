import type { Provider, PublicKeyInfo } from "../crypto/index.ts";
import type { Certificate, TrustedKey, Usage, VerifiedChain } from "../identity/index.ts";

/** Whom a certificate names, and whether anybody vouched for it. */
export interface PeerIdentity {
  /** As the peer sent it, leaf first; empty for a raw public key. */
  readonly chain: readonly Certificate[];
  /** The proof, or `undefined` where the configuration explicitly did not ask for one. */
  readonly verified: VerifiedChain | undefined;
  /** A peer that presented a key without a certificate (RFC 7250). */
  readonly rawPublicKey?: PublicKeyInfo | undefined;
  /** The proof that this key is trusted. */
  readonly trustedKey?: TrustedKey | undefined;
}

/** Whether somebody vouched for the peer: a chain to a trust anchor, or trust in its very key. */
export const isVouchedFor = (peer: PeerIdentity | undefined): boolean =>
  peer?.verified !== undefined || peer?.trustedKey !== undefined;

export interface PeerQuestion {
  /** Empty for a raw public key. */
  readonly chain: readonly Certificate[];
  readonly rawPublicKey: PublicKeyInfo | undefined;
  readonly usage: Usage;
  /** The name that a client connects to. */
  readonly name: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly provider: Provider;
  /** The peer resumes: it proved possession of the key when the session began. */
  readonly resumed: boolean;
  /** A stapled OCSP response, in DER. */
  readonly ocspResponse: Uint8Array | undefined;
  /** SignedCertificateTimestamps (RFC 6962 §3.3), as they came. */
  readonly signedCertificateTimestamps: readonly Uint8Array[];
}

/**
 * Decides whether a chain authenticates the peer. Throws a TlsError where not. Possession of the
 * leaf's key is checked elsewhere, and always.
 */
export type VerifyPeer = (question: PeerQuestion) => PeerIdentity | Promise<PeerIdentity>;
