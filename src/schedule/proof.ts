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
import type { Encapsulated } from "./encapsulated.ts";
import type { KemMainSecret } from "./kem-secrets.ts";
import type { AcceptedPeer, PeerIdentity } from "./peer.ts";
import type { Role } from "./role.ts";
import {
  type ApplicationTraffic,
  EarlySecret,
  type PskKind,
  type TrafficSecret,
} from "./secrets.ts";

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
  readonly method: "certificate" | "kem" | "psk" | "none";
  readonly identity: PeerIdentity | undefined;
  /** The secret that it stands on: a PSK, or what was encapsulated to the peer. */
  readonly #basis: EarlySecret | Encapsulated<R> | undefined;

  private constructor(
    role: R,
    method: PeerAuthentication<R>["method"],
    identity: PeerIdentity | undefined,
    basis?: EarlySecret | Encapsulated<R>,
  ) {
    this.role = role;
    this.method = method;
    this.identity = identity;
    this.#basis = basis;
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

  /**
   * The peer has the private half of the key that its verifier accepted, if it knows what was encapsulated to it: its
   * Finished will show that (draft-celi-wiggers-tls-authkem-07 §4.3.3).
   */
  static byEncapsulation<R extends Role>(peer: Encapsulated<R>): PeerAuthentication<R> {
    return new PeerAuthentication(peer.role, "kem", peer.identity, peer);
  }

  /** The client was not asked, or was allowed to stay anonymous. There is no such thing for a server. */
  static anonymousClient(): PeerAuthentication<"client"> {
    return new PeerAuthentication("client", "none", undefined);
  }

  /** @internal reached through {@link BoundEarlyData.of} */
  earlyTraffic(clientHello: Uint8Array): TrafficSecret {
    if (this.#basis instanceof EarlySecret) return this.#basis.clientEarlyTraffic(clientHello);
    throw new TlsError("internal", "there is no early data without a PSK");
  }

  /** @internal Whether the key schedule goes on from the PSK that this stands on, or both from none. */
  fits(traffic: ApplicationTraffic): boolean {
    return this.#basis === traffic.handshake.psk;
  }

  /** @internal Whether a key schedule of AuthKEM goes on from what this stands on, or a client from nothing. */
  fitsKem(main: KemMainSecret): boolean {
    const mayBe = this.method === "kem" || (this.role === "client" && this.method === "none");
    return mayBe && this.#basis === main.restsOn(this.role);
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

  /**
   * A Finished of AuthKEM, whose key comes of the main secret (draft-celi-wiggers-tls-authkem-07 §4.3.3).
   *
   * @param received as it came, and the hash of all messages before it
   * @param opens hash of all messages up to the Finished that the peer's data follows on: its own, or the server's
   *   where the client knew the server's key before
   */
  static verifyKem<R extends Role>(
    peer: PeerAuthentication<R>,
    main: KemMainSecret,
    received: { readonly verifyData: Uint8Array; readonly transcriptHash: Uint8Array },
    opens: Uint8Array,
  ): VerifiedFinished<R> {
    if (!peer.fitsKem(main)) {
      throw new TlsError("internal", "the authentication is not of this key schedule");
    }
    checkMac(main.verifyData(peer.role, received.transcriptHash), received.verifyData);
    return new VerifiedFinished(peer.role, main.traffic(peer.role, opens));
  }

  /** The MAC alone, for a Finished after the handshake (§4.7.2), which opens no door. */
  static check(secret: TrafficSecret, transcriptHash: Uint8Array, verifyData: Uint8Array): void {
    checkMac(secret.verifyData(transcriptHash), verifyData);
  }
}

function checkMac(expected: Uint8Array, verifyData: Uint8Array): void {
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
