/**
 * What must have been verified is a value that one must hold. The only way to a {@link VerifiedFinished}
 * is through a {@link PeerAuthentication} of that end, the only way to that is through the key schedule or
 * a verifier, and the only way to reading a peer's application data is through the peer's VerifiedFinished,
 * which has the keys: a handshake that skips a step does not compile.
 */
import type { PublicKeyInfo, SignatureAlgorithm } from "../crypto/provider.ts";
import { type DelegatedKey, verifierOf } from "../identity/index.ts";
import { TlsError } from "../registry/index.ts";
import { equal, utf8 } from "../wire/index.ts";
import type { AcceptedPeer, PeerIdentity } from "./peer.ts";
import type { ApplicationTraffic, EarlySecret, PskKind, TrafficSecret } from "./secrets.ts";

/** An end of a connection. */
export type Role = "client" | "server";

export const otherRole = (role: Role): Role => (role === "client" ? "server" : "client");

/** The other end; nobody's for an end of which nobody knows whose it is. */
export type PeerOf<Self extends Role> = [Self] extends ["client"]
  ? "server"
  : [Self] extends ["server"]
    ? "client"
    : never;

const contexts: Record<Role, Uint8Array> = {
  client: utf8("TLS 1.3, client CertificateVerify\0"),
  server: utf8("TLS 1.3, server CertificateVerify\0"),
};

/** What a CertificateVerify of `signer` signs (RFC 9846 §4.5.2). */
export function certificateVerifyContent(signer: Role, transcriptHash: Uint8Array): Uint8Array {
  const context = contexts[signer];
  const content = new Uint8Array(64 + context.length + transcriptHash.length);
  content.fill(0x20, 0, 64);
  content.set(context, 64);
  content.set(transcriptHash, 64 + context.length);
  return content;
}

/** A CertificateVerify, as it came, and what it must be about. */
export interface PossessionProof {
  /** Of all messages before it. */
  readonly transcriptHash: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  /** The key that signs in the certificate's stead (RFC 9345). */
  readonly delegated?: DelegatedKey | undefined;
}

/** The binder of the PSK that a server chose, as it came, and what it covers. */
export interface BinderProof {
  readonly kind: PskKind;
  /** Of the truncated ClientHello, and what came before it. */
  readonly transcriptHash: Uint8Array;
  readonly binder: Uint8Array;
}

/** How one end was authenticated to the other, and as whom. `R` is the end that was. */
export class PeerAuthentication<R extends Role> {
  readonly role: R;
  readonly method: "certificate" | "psk" | "none";
  readonly identity: PeerIdentity | undefined;
  /** The PSK that it stands on. */
  readonly #psk: EarlySecret | undefined;

  private constructor(
    role: R,
    method: PeerAuthentication<R>["method"],
    identity: PeerIdentity | undefined,
    psk?: EarlySecret,
  ) {
    this.role = role;
    this.method = method;
    this.identity = identity;
    this.#psk = psk;
  }

  /**
   * The peer signed this transcript with the key that its verifier accepted, or with one that this key has
   * delegated to.
   *
   * @throws TlsError `bad_signature` (RFC 9846 §4.5.2)
   */
  static byCertificate<R extends Role>(
    peer: AcceptedPeer<R>,
    proof: PossessionProof,
  ): PeerAuthentication<R> {
    const key = signingKey(peer.key, proof.delegated);
    const verify = verifierOf(key, proof.algorithm, leafPath);
    if (!verify(certificateVerifyContent(peer.role, proof.transcriptHash), proof.signature)) {
      throw new TlsError("bad_signature", "the signature over the handshake is wrong", {
        where: "certificate_verify.signature",
        section: "RFC 9846 §4.5.2",
      });
    }
    return new PeerAuthentication(peer.role, "certificate", peer.identity);
  }

  /**
   * The client shares a PSK: its binder shows that.
   *
   * @param peer whom the key stands for; `undefined` for whoever has it
   * @throws TlsError `bad_binder` (RFC 9846 §4.3.11)
   */
  static clientByBinder(
    peer: AcceptedPeer<"client"> | undefined,
    psk: EarlySecret,
    { kind, transcriptHash, binder }: BinderProof,
  ): PeerAuthentication<"client"> {
    if (!equal(psk.binder(kind, transcriptHash), binder)) {
      throw new TlsError("bad_binder", "the PSK binder is wrong", {
        where: "client_hello.extensions.pre_shared_key.binders",
        section: "RFC 9846 §4.3.11",
      });
    }
    return new PeerAuthentication("client", "psk", peer?.identity, psk);
  }

  /**
   * The server shares the PSK that the client offered and that the key schedule goes on from: its Finished
   * will show that.
   *
   * @param peer whom the key stands for; `undefined` for whoever has it
   */
  static serverByPsk(
    peer: AcceptedPeer<"server"> | undefined,
    psk: EarlySecret,
  ): PeerAuthentication<"server"> {
    return new PeerAuthentication("server", "psk", peer?.identity, psk);
  }

  /** The client was not asked, or was allowed to stay anonymous. There is no such thing for a server. */
  static anonymousClient(): PeerAuthentication<"client"> {
    return new PeerAuthentication("client", "none", undefined);
  }

  /** @internal reached through {@link BoundEarlyData.of} */
  earlyTraffic(clientHello: Uint8Array): TrafficSecret {
    if (this.#psk !== undefined) return this.#psk.clientEarlyTraffic(clientHello);
    throw new TlsError("internal", "there is no early data without a PSK");
  }

  /** @internal Whether the key schedule goes on from the PSK that this stands on, or both from none. */
  fits(traffic: ApplicationTraffic): boolean {
    return this.#psk === traffic.handshake.psk;
  }
}

/** The key that was accepted, or the one that it delegated to. */
function signingKey(accepted: PublicKeyInfo, delegated: DelegatedKey | undefined): PublicKeyInfo {
  if (delegated === undefined) return accepted;
  if (delegated.delegator === accepted) return delegated.key;
  throw new TlsError("internal", "the delegation is another key's");
}

/**
 * Early data of the client whose binder was right. It proves less than a Finished: that nobody has sent it
 * before is for others to say (§8).
 */
export class BoundEarlyData {
  readonly #opens: TrafficSecret;

  private constructor(opens: TrafficSecret) {
    this.#opens = opens;
  }

  get secret(): TrafficSecret {
    return this.#opens;
  }

  /** @param clientHello hash of the ClientHello, binders included */
  static of(client: PeerAuthentication<"client">, clientHello: Uint8Array): BoundEarlyData {
    return new BoundEarlyData(client.earlyTraffic(clientHello));
  }
}

const leafPath = "certificate.certificateList[0]";

/**
 * The Finished of one end was right: handshake and identity are what both ends believe. It has the secret
 * that it opens, so that it opens nothing of another connection, and nothing of the other direction.
 */
export class VerifiedFinished<R extends Role> {
  readonly role: R;
  readonly #opens: TrafficSecret;

  private constructor(role: R, opens: TrafficSecret) {
    this.role = role;
    this.#opens = opens;
  }

  /** Protects the application data of the end whose Finished it was. */
  get secret(): TrafficSecret {
    return this.#opens;
  }

  /**
   * @param transcriptHash of all messages before the Finished
   * @throws TlsError `malformed` for a wrong length, `bad_finished` for a wrong value (RFC 9846 §4.5.3)
   */
  static verify<R extends Role>(
    peer: PeerAuthentication<R>,
    traffic: ApplicationTraffic,
    transcriptHash: Uint8Array,
    verifyData: Uint8Array,
  ): VerifiedFinished<R> {
    if (!peer.fits(traffic)) {
      throw new TlsError("internal", "the authentication is not of this key schedule");
    }
    VerifiedFinished.check(traffic.handshake[peer.role], transcriptHash, verifyData);
    return new VerifiedFinished(peer.role, traffic[peer.role]);
  }

  /** The MAC alone, for a Finished after the handshake (§4.7.2), which opens no door. */
  static check(secret: TrafficSecret, transcriptHash: Uint8Array, verifyData: Uint8Array): void {
    const expected = secret.verifyData(transcriptHash);
    if (verifyData.length !== expected.length) {
      throw new TlsError("malformed", "Finished has the wrong length", {
        expected: `${expected.length} bytes`,
        received: `${verifyData.length} bytes`,
        where: "finished.verifyData",
        section: "RFC 9846 §4.5.3",
      });
    }
    if (!equal(expected, verifyData)) {
      throw new TlsError("bad_finished", "Finished does not match the handshake", {
        where: "finished.verifyData",
        section: "RFC 9846 §4.5.3",
      });
    }
  }
}
