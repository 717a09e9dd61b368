/**
 * The key schedule of RFC 9846 §7.1. Each secret is a type, and the next one is reached only from the
 * one before.
 *
 *     PSK ─> EarlySecret ─> binder key, early traffic, early exporter
 *     (EC)DHE, ML-KEM ─> HandshakeSecret ─> handshake traffic
 *     MainSecret ─> application traffic, exporter, resumption
 */
import type { Hash } from "../crypto/provider.ts";
import { wipe } from "../wire/index.ts";
import { hkdfExpandLabel, hkdfExtract } from "./hkdf.ts";

const none = new Uint8Array(0);

/** What both ends can say about a hash before any message: kept per hash object. */
interface Constants {
  readonly zeros: Uint8Array;
  readonly emptyHash: Uint8Array;
  /** Derive-Secret(Extract(0, 0), "derived", ""): the salt of a handshake without PSK. */
  readonly derivedWithoutPsk: Uint8Array;
}
const constants = new WeakMap<Hash, Constants>();

function constantsOf(hash: Hash): Constants {
  let known = constants.get(hash);
  if (known === undefined) {
    const zeros = new Uint8Array(hash.length);
    const emptyHash = hash.digest(none);
    const early = hkdfExtract(hash, zeros, zeros);
    const derivedWithoutPsk = hkdfExpandLabel(hash, early, "derived", emptyHash, hash.length);
    known = { zeros, emptyHash, derivedWithoutPsk };
    constants.set(hash, known);
  }
  return known;
}

const derive = (hash: Hash, secret: Uint8Array, label: string, transcriptHash: Uint8Array) =>
  hkdfExpandLabel(hash, secret, label, transcriptHash, hash.length);

const derived = (hash: Hash, secret: Uint8Array) =>
  derive(hash, secret, "derived", constantsOf(hash).emptyHash);

/** How a PSK came to be; separates the binders (RFC 9846 §4.3.11.2, RFC 9258 §5.1). */
export type PskKind = "resumption" | "external" | "imported";
const binderLabels = { resumption: "res binder", external: "ext binder", imported: "imp binder" };

/** Early Secret of a PSK handshake. */
export class EarlySecret {
  readonly hash: Hash;
  readonly #secret: Uint8Array;

  constructor(hash: Hash, psk: Uint8Array) {
    this.hash = hash;
    this.#secret = hkdfExtract(hash, constantsOf(hash).zeros, psk);
  }

  /** The binder over a truncated ClientHello (§4.3.11.2). */
  binder(kind: PskKind, transcriptHash: Uint8Array): Uint8Array {
    const key = derive(
      this.hash,
      this.#secret,
      binderLabels[kind],
      constantsOf(this.hash).emptyHash,
    );
    const binder = finishedMac(this.hash, key, transcriptHash);
    wipe(key);
    return binder;
  }

  clientEarlyTraffic(clientHello: Uint8Array): TrafficSecret {
    return new TrafficSecret(
      this.hash,
      derive(this.hash, this.#secret, "c e traffic", clientHello),
    );
  }

  earlyExporter(clientHello: Uint8Array): ExporterSecret {
    return new ExporterSecret(
      this.hash,
      derive(this.hash, this.#secret, "e exp master", clientHello),
    );
  }

  /** Goes on with the shared secret of the key exchange; without one (psk_ke) with zeros. */
  handshake(sharedSecret?: Uint8Array): HandshakeSecret {
    const salt = derived(this.hash, this.#secret);
    const secret = new HandshakeSecret(
      this.hash,
      salt,
      sharedSecret ?? constantsOf(this.hash).zeros,
    );
    wipe(salt);
    return secret;
  }

  wipe(): void {
    wipe(this.#secret);
  }
}

/** Handshake Secret. */
export class HandshakeSecret {
  readonly hash: Hash;
  readonly #secret: Uint8Array;

  /** @internal reached through {@link EarlySecret.handshake} or {@link HandshakeSecret.withoutPsk} */
  constructor(hash: Hash, salt: Uint8Array, sharedSecret: Uint8Array) {
    this.hash = hash;
    this.#secret = hkdfExtract(hash, salt, sharedSecret);
  }

  /** A handshake that authenticates by certificate alone: the PSK is zeros. */
  static withoutPsk(hash: Hash, sharedSecret: Uint8Array): HandshakeSecret {
    return new HandshakeSecret(hash, constantsOf(hash).derivedWithoutPsk, sharedSecret);
  }

  /** Both ends' handshake traffic secrets; the transcript ends with ServerHello. */
  traffic(serverHello: Uint8Array): { client: TrafficSecret; server: TrafficSecret } {
    return {
      client: new TrafficSecret(
        this.hash,
        derive(this.hash, this.#secret, "c hs traffic", serverHello),
      ),
      server: new TrafficSecret(
        this.hash,
        derive(this.hash, this.#secret, "s hs traffic", serverHello),
      ),
    };
  }

  main(): MainSecret {
    const salt = derived(this.hash, this.#secret);
    const secret = new MainSecret(this.hash, salt);
    wipe(salt);
    return secret;
  }

  wipe(): void {
    wipe(this.#secret);
  }
}

/** Main Secret. */
export class MainSecret {
  readonly hash: Hash;
  readonly #secret: Uint8Array;

  /** @internal reached through {@link HandshakeSecret.main} */
  constructor(hash: Hash, salt: Uint8Array) {
    this.hash = hash;
    this.#secret = hkdfExtract(hash, salt, constantsOf(hash).zeros);
  }

  /** Both ends' first application traffic secrets; the transcript ends with the server's Finished. */
  traffic(serverFinished: Uint8Array): { client: TrafficSecret; server: TrafficSecret } {
    return {
      client: new TrafficSecret(
        this.hash,
        derive(this.hash, this.#secret, "c ap traffic", serverFinished),
      ),
      server: new TrafficSecret(
        this.hash,
        derive(this.hash, this.#secret, "s ap traffic", serverFinished),
      ),
    };
  }

  exporter(serverFinished: Uint8Array): ExporterSecret {
    return new ExporterSecret(
      this.hash,
      derive(this.hash, this.#secret, "exp master", serverFinished),
    );
  }

  /** The transcript ends with the client's Finished. */
  resumption(clientFinished: Uint8Array): ResumptionSecret {
    return new ResumptionSecret(
      this.hash,
      derive(this.hash, this.#secret, "res master", clientFinished),
    );
  }

  wipe(): void {
    wipe(this.#secret);
  }
}

/** A traffic secret of one direction: keys, the Finished MAC, and its own successor (§7.2, §7.3). */
export class TrafficSecret {
  readonly hash: Hash;
  readonly #secret: Uint8Array;

  /** @internal reached from the secrets above */
  constructor(hash: Hash, secret: Uint8Array) {
    this.hash = hash;
    this.#secret = secret;
  }

  /** The traffic key of `keyLength` bytes and the 12-byte IV. */
  keys(keyLength: number): { key: Uint8Array; iv: Uint8Array } {
    return {
      key: hkdfExpandLabel(this.hash, this.#secret, "key", none, keyLength),
      iv: hkdfExpandLabel(this.hash, this.#secret, "iv", none, 12),
    };
  }

  /** verify_data of a Finished under this secret (§4.5.3). */
  verifyData(transcriptHash: Uint8Array): Uint8Array {
    return finishedMac(this.hash, this.#secret, transcriptHash);
  }

  /** The secret after a KeyUpdate (§7.2). */
  next(): TrafficSecret {
    return new TrafficSecret(this.hash, derive(this.hash, this.#secret, "traffic upd", none));
  }

  /** For the key log only (RFC 9850). */
  reveal(): Uint8Array {
    return this.#secret.slice();
  }

  wipe(): void {
    wipe(this.#secret);
  }
}

/** Exporter secret, early or main (§7.5). */
export class ExporterSecret {
  readonly hash: Hash;
  readonly #secret: Uint8Array;

  /** @internal */
  constructor(hash: Hash, secret: Uint8Array) {
    this.hash = hash;
    this.#secret = secret;
  }

  /** TLS-Exporter(label, context, length). No context and an empty one give the same. */
  export(label: string, context: Uint8Array, length: number): Uint8Array {
    const { hash } = this;
    const secret = derive(hash, this.#secret, label, constantsOf(hash).emptyHash);
    const output = hkdfExpandLabel(hash, secret, "exporter", hash.digest(context), length);
    wipe(secret);
    return output;
  }

  reveal(): Uint8Array {
    return this.#secret.slice();
  }

  wipe(): void {
    wipe(this.#secret);
  }
}

/** Resumption secret: the source of tickets' PSKs (§4.7.1). */
export class ResumptionSecret {
  readonly hash: Hash;
  readonly #secret: Uint8Array;

  /** @internal */
  constructor(hash: Hash, secret: Uint8Array) {
    this.hash = hash;
    this.#secret = secret;
  }

  /** The PSK of the ticket with this nonce. */
  psk(ticketNonce: Uint8Array): Uint8Array {
    return hkdfExpandLabel(this.hash, this.#secret, "resumption", ticketNonce, this.hash.length);
  }

  wipe(): void {
    wipe(this.#secret);
  }
}

/** HMAC over a transcript hash under the finished key of a secret (§4.5.3). */
function finishedMac(hash: Hash, secret: Uint8Array, transcriptHash: Uint8Array): Uint8Array {
  const key = hkdfExpandLabel(hash, secret, "finished", none, hash.length);
  const mac = hash.hmac(key, transcriptHash);
  wipe(key);
  return mac;
}
