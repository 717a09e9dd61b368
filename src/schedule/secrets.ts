/**
 * The key schedule of RFC 9846 §7.1. Each secret is a type, and the next one is reached only from the
 * one before. Each has an owner from the start, which it hands on to what is made of it.
 *
 *     PSK ─> EarlySecret ─> binder key, early traffic, early exporter
 *     (EC)DHE, ML-KEM ─> HandshakeSecret ─> handshake traffic
 *     MainSecret ─> application traffic, exporter, resumption
 */
import type { Hash } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import { wipe } from "../wire/index.ts";
import { hkdfExpandLabel, hkdfExtract } from "./hkdf.ts";
import type { SecretOwner, SecretOwners } from "./owner.ts";

const none = new Uint8Array(0);

/** What both ends can say about a hash before any message: kept per hash object. */
interface Constants {
  readonly zeros: Uint8Array;
  readonly emptyHash: Uint8Array;
  /** Derive-Secret(Extract(0, 0), "derived", ""): the salt of a handshake without PSK. */
  readonly derivedWithoutPsk: Uint8Array;
}
const constants = new WeakMap<Hash, Constants>();

export function constantsOf(hash: Hash): Constants {
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

/** The salt of the next Extract. */
export const derived = (hash: Hash, secret: Uint8Array) =>
  derive(hash, secret, "derived", constantsOf(hash).emptyHash);

/** Gives what is made of a secret, and wipes it, whatever happens. */
export function consume<T>(secret: Uint8Array, use: (secret: Uint8Array) => T): T {
  try {
    return use(secret);
  } finally {
    wipe(secret);
  }
}

/** How a PSK came to be; separates the binders (RFC 9846 §4.3.11.2, RFC 9258 §5.1). */
export type PskKind = "resumption" | "external" | "imported";
const binderLabels = { resumption: "res binder", external: "ext binder", imported: "imp binder" };

/** Bytes that their owner wipes, and that give nothing any more after that. */
export abstract class Secret {
  readonly hash: Hash;
  readonly #bytes: Uint8Array;
  readonly #owner: SecretOwner;
  #isWiped = false;

  /** @internal reached from the secrets below */
  constructor(hash: Hash, bytes: Uint8Array, owner: SecretOwner) {
    this.hash = hash;
    this.#bytes = bytes;
    this.#owner = owner;
    owner.own(this);
  }

  /** @throws TlsError `misuse` once it was wiped: nothing is ever derived from zeros */
  protected get bytes(): Uint8Array {
    if (this.#isWiped) throw new TlsError("misuse", "a secret is used that was wiped");
    return this.#bytes;
  }

  protected derive(label: string, transcriptHash: Uint8Array): Uint8Array {
    return derive(this.hash, this.bytes, label, transcriptHash);
  }

  /** Those who come next to this one take its place with the same owner. */
  protected get owner(): SecretOwner {
    return this.#owner;
  }

  wipe(): void {
    this.#isWiped = true;
    wipe(this.#bytes);
    this.#owner.release(this);
  }
}

/** Early Secret of a PSK handshake. */
export class EarlySecret extends Secret {
  readonly #owners: SecretOwners;

  constructor(hash: Hash, psk: Uint8Array, owners: SecretOwners) {
    super(hash, hkdfExtract(hash, constantsOf(hash).zeros, psk), owners.handshake);
    this.#owners = owners;
  }

  /** The binder over a truncated ClientHello (§4.3.11.2). */
  binder(kind: PskKind, transcriptHash: Uint8Array): Uint8Array {
    const key = this.derive(binderLabels[kind], constantsOf(this.hash).emptyHash);
    return consume(key, (secret) => finishedMac(this.hash, secret, transcriptHash));
  }

  clientEarlyTraffic(clientHello: Uint8Array): TrafficSecret {
    const secret = this.derive("c e traffic", clientHello);
    return new TrafficSecret(this.hash, secret, this.#owners.connection);
  }

  earlyExporter(clientHello: Uint8Array): ExporterSecret {
    const secret = this.derive("e exp master", clientHello);
    return new ExporterSecret(this.hash, secret, this.#owners.connection);
  }

  /** Goes on with the shared secret of the key exchange; without one (psk_ke) with zeros. */
  handshake(sharedSecret?: Uint8Array): HandshakeSecret {
    const { zeros } = constantsOf(this.hash);
    return consume(derived(this.hash, this.bytes), (salt) => {
      const input = { salt, sharedSecret: sharedSecret ?? zeros, psk: this };
      return new HandshakeSecret(this.hash, input, this.#owners);
    });
  }
}

/** Handshake Secret. */
export class HandshakeSecret extends Secret {
  readonly #owners: SecretOwners;
  /** The PSK that this handshake goes on from. */
  readonly psk: EarlySecret | undefined;

  /** @internal reached through {@link EarlySecret.handshake} or {@link HandshakeSecret.withoutPsk} */
  constructor(
    hash: Hash,
    input: { salt: Uint8Array; sharedSecret: Uint8Array; psk: EarlySecret | undefined },
    owners: SecretOwners,
  ) {
    super(hash, hkdfExtract(hash, input.salt, input.sharedSecret), owners.handshake);
    this.#owners = owners;
    this.psk = input.psk;
  }

  /** A handshake that authenticates by certificate alone: the PSK is zeros. */
  static withoutPsk(hash: Hash, sharedSecret: Uint8Array, owners: SecretOwners): HandshakeSecret {
    const salt = constantsOf(hash).derivedWithoutPsk;
    return new HandshakeSecret(hash, { salt, sharedSecret, psk: undefined }, owners);
  }

  /** Both ends' handshake traffic secrets; the transcript ends with ServerHello. */
  traffic(serverHello: Uint8Array): HandshakeTraffic {
    const traffic = (label: string): TrafficSecret =>
      new TrafficSecret(this.hash, this.derive(label, serverHello), this.#owners.connection);
    return new HandshakeTraffic(traffic("c hs traffic"), traffic("s hs traffic"), this);
  }

  /** @internal reached through {@link HandshakeTraffic.derived} */
  derivedFor(traffic: HandshakeTraffic): DerivedSecret {
    return new DerivedSecret(derived(this.hash, this.bytes), traffic, this.#owners);
  }
}

/** Both ends' secrets from ServerHello to Finished. */
export class HandshakeTraffic {
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
  readonly #secret: HandshakeSecret;

  /** @internal reached through {@link HandshakeSecret.traffic} */
  constructor(client: TrafficSecret, server: TrafficSecret, secret: HandshakeSecret) {
    this.client = client;
    this.server = server;
    this.#secret = secret;
  }

  /** The PSK that this handshake goes on from. */
  get psk(): EarlySecret | undefined {
    return this.#secret.psk;
  }

  derived(): DerivedSecret {
    return this.#secret.derivedFor(this);
  }
}

/** What the secret after the handshake secret is extracted with: nothing else is needed of that any more. */
export class DerivedSecret extends Secret {
  readonly handshake: HandshakeTraffic;
  readonly #owners: SecretOwners;

  /** @internal reached through {@link HandshakeTraffic.derived} */
  constructor(bytes: Uint8Array, handshake: HandshakeTraffic, owners: SecretOwners) {
    super(handshake.client.hash, bytes, owners.handshake);
    this.handshake = handshake;
    this.#owners = owners;
  }

  /** Where a signature or a PSK authenticates, the main secret comes next. */
  main(): MainSecret {
    return this.next((salt) => new MainSecret(this.hash, salt, this.handshake, this.#owners));
  }

  /** @internal the secret that comes next; this one is wiped */
  next<T>(extract: (salt: Uint8Array, owners: SecretOwners) => T): T {
    const secret = extract(this.bytes, this.#owners);
    this.wipe();
    return secret;
  }
}

/** Main Secret. */
export class MainSecret extends Secret {
  readonly #owners: SecretOwners;
  readonly #handshake: HandshakeTraffic;

  /** @internal reached through {@link DerivedSecret.main} */
  constructor(hash: Hash, salt: Uint8Array, handshake: HandshakeTraffic, owners: SecretOwners) {
    super(hash, hkdfExtract(hash, salt, constantsOf(hash).zeros), owners.handshake);
    this.#owners = owners;
    this.#handshake = handshake;
  }

  /** Both ends' first application traffic secrets; the transcript ends with the server's Finished. */
  traffic(serverFinished: Uint8Array): ApplicationTraffic {
    const traffic = (label: string): TrafficSecret =>
      new TrafficSecret(this.hash, this.derive(label, serverFinished), this.#owners.connection);
    return new ApplicationTraffic(
      traffic("c ap traffic"),
      traffic("s ap traffic"),
      this.#handshake,
    );
  }

  exporter(serverFinished: Uint8Array): ExporterSecret {
    const secret = this.derive("exp master", serverFinished);
    return new ExporterSecret(this.hash, secret, this.#owners.connection);
  }

  /** The transcript ends with the client's Finished. */
  resumption(clientFinished: Uint8Array): ResumptionSecret {
    const secret = this.derive("res master", clientFinished);
    return new ResumptionSecret(this.hash, secret, this.#owners.connection);
  }
}

/** Both ends' first secrets for application data, with those of the handshake that they come from. */
export class ApplicationTraffic {
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
  readonly handshake: HandshakeTraffic;
  declare protected readonly phantom: "ApplicationTraffic";

  /** @internal reached through {@link MainSecret.traffic} */
  constructor(client: TrafficSecret, server: TrafficSecret, handshake: HandshakeTraffic) {
    this.client = client;
    this.server = server;
    this.handshake = handshake;
  }
}

/** A traffic secret of one direction: keys, the Finished MAC, and its own successor (§7.2, §7.3). */
export class TrafficSecret extends Secret {
  /** The traffic key of `keyLength` bytes and the 12-byte IV. */
  keys(keyLength: number): { key: Uint8Array; iv: Uint8Array } {
    return {
      key: hkdfExpandLabel(this.hash, this.bytes, "key", none, keyLength),
      iv: hkdfExpandLabel(this.hash, this.bytes, "iv", none, 12),
    };
  }

  /** verify_data of a Finished under this secret (§4.5.3). */
  verifyData(transcriptHash: Uint8Array): Uint8Array {
    return finishedMac(this.hash, this.bytes, transcriptHash);
  }

  /** The secret after a KeyUpdate (§7.2). */
  next(): TrafficSecret {
    return new TrafficSecret(this.hash, this.derive("traffic upd", none), this.owner);
  }

  /** For the key log only (RFC 9850). */
  reveal(): Uint8Array {
    return this.bytes.slice();
  }
}

/** Exporter secret, early or main (§7.5). */
export class ExporterSecret extends Secret {
  /** TLS-Exporter(label, context, length). No context and an empty one give the same. */
  export(label: string, context: Uint8Array, length: number): Uint8Array {
    const { hash } = this;
    return consume(this.derive(label, constantsOf(hash).emptyHash), (secret) =>
      hkdfExpandLabel(hash, secret, "exporter", hash.digest(context), length),
    );
  }

  reveal(): Uint8Array {
    return this.bytes.slice();
  }
}

/** Resumption secret: the source of tickets' PSKs (§4.7.1). */
export class ResumptionSecret extends Secret {
  /** The PSK of the ticket with this nonce; whoever asks for it must wipe it. */
  psk(ticketNonce: Uint8Array): Uint8Array {
    return hkdfExpandLabel(this.hash, this.bytes, "resumption", ticketNonce, this.hash.length);
  }
}

/** HMAC over a transcript hash under the finished key of a secret (§4.5.3). */
export function finishedMac(
  hash: Hash,
  secret: Uint8Array,
  transcriptHash: Uint8Array,
  label = "finished",
): Uint8Array {
  const key = hkdfExpandLabel(hash, secret, label, none, hash.length);
  return consume(key, (finishedKey) => hash.hmac(finishedKey, transcriptHash));
}
