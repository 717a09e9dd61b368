/**
 * A carrier without records, as QUIC has it (RFC 9001 §4.1.3, §5): messages travel as bytes of a level, each
 * piece sealed by itself under keys that are derived with labels of QUIC's. No record headers, no
 * change_cipher_spec, no EndOfEarlyData, no KeyUpdate.
 */
import { type AeadKey, hashOf, type Provider } from "../../src/crypto/index.ts";
import type { Cipher, OpenCarrier } from "../../src/handshake/carrier.ts";
import { TlsError } from "../../src/registry/index.ts";
import {
  type BoundEarlyData,
  hkdfExpandLabel,
  type PeerOf,
  type Role,
  SecretOwner,
  type TrafficSecret,
  type VerifiedFinished,
} from "../../src/schedule/index.ts";
import { concat } from "../../src/wire/index.ts";

export type Level = "plaintext" | "early" | "handshake" | "application";

/** A piece of a level's stream on its way, sealed but in plaintext. */
export interface Frame {
  readonly level: Level;
  readonly kind: "message" | "data";
  readonly bytes: Uint8Array;
}

/** The keys of one direction at one level. */
class Keys {
  readonly secret: TrafficSecret;
  readonly #key: AeadKey;
  readonly #iv: Uint8Array;
  #packets = 0;

  constructor(provider: Provider, { suite, aead }: Cipher, secret: TrafficSecret) {
    const hash = hashOf(suite, provider);
    const derive = (label: string, length: number) =>
      hkdfExpandLabel(hash, secret.reveal(), label, new Uint8Array(0), length);
    this.secret = secret;
    this.#key = aead.importKey(derive("quic key", aead.keyLength));
    this.#iv = derive("quic iv", 12);
  }

  #nonce(): Uint8Array {
    const nonce = this.#iv.slice();
    nonce[11]! ^= this.#packets++;
    return nonce;
  }

  seal = (bytes: Uint8Array): Uint8Array =>
    concat(...this.#key.seal(this.#nonce(), new Uint8Array(0), bytes, new Uint8Array(0)));
  open = (bytes: Uint8Array): Uint8Array | undefined =>
    this.#key.open(this.#nonce(), new Uint8Array(0), bytes);
}

export class CryptoFrames<Self extends Role> implements OpenCarrier<Self> {
  readonly role: Self;
  readonly secrets = new SecretOwner();
  readonly hasEndOfEarlyData = false;
  /** What is to be carried to the other end. */
  readonly output: Frame[] = [];
  /** The application's data that came. */
  readonly data: { readonly level: Level; readonly bytes: Uint8Array }[] = [];
  readonly #provider: Provider;
  #writing: Level = "plaintext";
  #reading: Level = "plaintext";
  readonly #sealing = new Map<Level, Keys>();
  readonly #opening = new Map<Level, Keys>();
  /** Bytes of the level that is read, of which no whole message was taken yet. */
  #pending: Uint8Array = new Uint8Array(0);

  constructor(role: Self, provider: Provider) {
    this.role = role;
    this.#provider = provider;
  }

  sendRaw(raw: Uint8Array): void {
    this.#send("message", this.#writing === "early" ? "plaintext" : this.#writing, raw);
  }

  sendData(bytes: Uint8Array): void {
    this.#send("data", this.#writing, bytes);
  }

  #send(kind: Frame["kind"], level: Level, bytes: Uint8Array): void {
    const sealed = level === "plaintext" ? bytes : this.#sealing.get(level)!.seal(bytes);
    this.output.push({ level, kind, bytes: sealed });
  }

  protectWriting(level: "handshake" | "application", cipher: Cipher, secret: TrafficSecret): void {
    this.#write(level, cipher, secret);
  }

  protectReading(level: "handshake", cipher: Cipher, secret: TrafficSecret): void {
    this.#read(level, cipher, secret);
  }

  readApplicationData(cipher: Cipher, proof: VerifiedFinished<PeerOf<Self>>): void {
    this.#read("application", cipher, proof.secret);
  }

  writeEarlyData(cipher: Cipher, secret: TrafficSecret): void {
    this.#write("early", cipher, secret);
  }

  /** Levels are read side by side: the handshake goes on in the clear. */
  readEarlyData(this: CryptoFrames<"server">, cipher: Cipher, { secret }: BoundEarlyData): void {
    this.#opening.set("early", new Keys(this.#provider, cipher, secret));
  }

  abandonEarlyData(): void {
    this.#writing = "plaintext";
  }

  /** Without keys for that level nothing of it is read. */
  refuseEarlyData(): void {}

  limitRecords(): void {
    throw new TlsError("misuse", "there are no records to limit");
  }

  followKeyUpdate(): void {
    throw new TlsError("unexpected_message", "KeyUpdate is not a message here", {
      where: "key_update",
      section: "RFC 9001 §6",
    });
  }

  expectBoundary(): void {
    if (this.#pending.length === 0) return;
    throw new TlsError("unexpected_message", "bytes are left over at the end of a level", {
      where: "crypto",
      section: "RFC 9001 §4.1.3",
    });
  }

  get readingSecret(): TrafficSecret {
    return this.#opening.get(this.#reading)!.secret;
  }

  get writingSecret(): TrafficSecret {
    return this.#sealing.get(this.#writing)!.secret;
  }

  #write(level: Level, cipher: Cipher, secret: TrafficSecret): void {
    this.#writing = level;
    this.#sealing.set(level, new Keys(this.#provider, cipher, secret));
  }

  #read(level: Level, cipher: Cipher, secret: TrafficSecret): void {
    this.expectBoundary();
    this.#reading = level;
    this.#opening.set(level, new Keys(this.#provider, cipher, secret));
  }

  /** Takes a frame, if there are keys for it. @throws TlsError `bad_record_mac` */
  receive({ level, kind, bytes }: Frame): void {
    const keys = this.#opening.get(level);
    if (level !== "plaintext" && keys === undefined) return;
    const open = level === "plaintext" ? bytes : keys!.open(bytes);
    if (open === undefined) throw new TlsError("bad_record_mac", "not authentic", { where: level });
    if (kind === "data") this.data.push({ level, bytes: open });
    else this.#pending = concat(this.#pending, open);
  }

  /** The next whole message. */
  next(): Uint8Array | undefined {
    const [, high = 0, middle = 0, low = 0] = this.#pending;
    const length = 4 + ((high << 16) | (middle << 8) | low);
    if (this.#pending.length < length) return undefined;
    const raw = this.#pending.slice(0, length);
    this.#pending = this.#pending.slice(length);
    return raw;
  }
}
