/**
 * What must have been verified is a value that one must hold. The only way to a {@link VerifiedFinished}
 * is through a {@link PeerAuthentication}, and the only way to reading a peer's application data is
 * through a VerifiedFinished: a handshake that skips a step does not compile.
 */
import { TlsError } from "../registry/index.ts";
import { equal, utf8 } from "../wire/index.ts";
import type { TrafficSecret } from "./secrets.ts";

export type Role = "client" | "server";

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

/** How the peer was authenticated, and as whom. */
export class PeerAuthentication<Identity> {
  declare protected readonly phantom: "PeerAuthentication";
  readonly method: "certificate" | "psk" | "none";
  readonly identity: Identity;

  private constructor(method: "certificate" | "psk" | "none", identity: Identity) {
    this.method = method;
    this.identity = identity;
  }

  /**
   * The peer signed this transcript with the key of an identity that was itself verified.
   *
   * @throws TlsError `bad_signature` (RFC 9846 §4.5.2)
   */
  static byCertificate<Identity>(proof: {
    readonly identity: Identity;
    readonly signer: Role;
    readonly transcriptHash: Uint8Array;
    readonly signature: Uint8Array;
    readonly verify: (content: Uint8Array, signature: Uint8Array) => boolean;
  }): PeerAuthentication<Identity> {
    const content = certificateVerifyContent(proof.signer, proof.transcriptHash);
    if (!proof.verify(content, proof.signature)) {
      throw new TlsError("bad_signature", "the signature over the handshake is wrong", {
        where: "certificate_verify.signature",
        section: "RFC 9846 §4.5.2",
      });
    }
    return new PeerAuthentication("certificate", proof.identity);
  }

  /**
   * The peer shares a PSK. A client's possession shows in its binder, a server's in its Finished, which
   * is why a binder is asked for only where there is one.
   *
   * @throws TlsError `bad_binder` (RFC 9846 §4.3.11)
   */
  static byPsk<Identity>(
    identity: Identity,
    binder?: { readonly expected: Uint8Array; readonly received: Uint8Array },
  ): PeerAuthentication<Identity> {
    if (binder !== undefined && !equal(binder.expected, binder.received)) {
      throw new TlsError("bad_binder", "the PSK binder is wrong", {
        where: "client_hello.extensions.pre_shared_key.binders",
        section: "RFC 9846 §4.3.11",
      });
    }
    return new PeerAuthentication("psk", identity);
  }

  /** The client was not asked, or was allowed to stay anonymous. There is no such thing for a server. */
  static anonymousClient(): PeerAuthentication<undefined> {
    return new PeerAuthentication("none", undefined);
  }
}

/** The peer's Finished was right: handshake and identity are what both ends believe. */
export class VerifiedFinished {
  declare protected readonly phantom: "VerifiedFinished";

  private constructor() {}

  /**
   * @throws TlsError `malformed` for a wrong length, `bad_finished` for a wrong value (RFC 9846 §4.5.3)
   */
  static verify(
    _peer: PeerAuthentication<unknown>,
    secret: TrafficSecret,
    transcriptHash: Uint8Array,
    verifyData: Uint8Array,
  ): VerifiedFinished {
    VerifiedFinished.check(secret, transcriptHash, verifyData);
    return new VerifiedFinished();
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
