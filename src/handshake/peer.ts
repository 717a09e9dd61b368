import type { Provider } from "../crypto/index.ts";
import type { Certificate, Usage, VerifiedChain } from "../identity/index.ts";

/** Whom a certificate names, and whether anybody vouched for it. */
export interface PeerIdentity {
  /** As the peer sent it, leaf first. */
  readonly chain: readonly Certificate[];
  /** The proof, or `undefined` where the configuration explicitly did not ask for one. */
  readonly verified: VerifiedChain | undefined;
}

export interface PeerQuestion {
  readonly chain: readonly Certificate[];
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
