/**
 * Hybrid public key encryption (RFC 9180): base mode, synchronous, over a provider's KEMs, hashes and AEADs.
 *
 * Theory of operation. A sender encapsulates to the receiver's public key; what both then share goes through a key
 * schedule that binds the algorithms and `info`, and gives a context. A context exports secrets, and seals or opens
 * messages in order. DHKEM hashes the result of a Diffie-Hellman function with both public keys (§4.1); ML-KEM's
 * secret is taken as it is (draft-ietf-hpke-pq §3).
 */
import { concat, utf8, wipe } from "../wire/index.ts";
import { hkdfExpand } from "./hkdf.ts";
import { Held } from "./held.ts";
import type {
  AeadKey,
  AeadName,
  Encapsulation,
  Hash,
  HashName,
  Kem,
  KemKeyPair,
  KemName,
  Provider,
} from "./provider.ts";

/** A KEM as HPKE uses it. */
export interface HpkeKem {
  /** KEM identifier (RFC 9180 §7.1); a custom one takes a number that nobody has. */
  readonly id: number;
  /** The provider's by name; a custom object is used as it is. */
  readonly kem: KemName | Kem;
  /** That of DHKEM, whose secret has its length (RFC 9180 §4.1). Absent: the KEM's secret is used as it is. */
  readonly hash?: HashName;
}

/** A key derivation function (RFC 9180 §7.2). */
export type HpkeKdf = "HKDF-SHA256" | "HKDF-SHA384" | "HKDF-SHA512";

/** The three algorithms of a context. */
export interface HpkeSuite {
  /** The key encapsulation, with its identifier (RFC 9180 §7.1). */
  readonly kem: HpkeKem;
  /** The key derivation, with its identifier (RFC 9180 §7.2). */
  readonly kdf: HpkeKdf;
  /** `export-only`: the context exports secrets, and encrypts nothing (RFC 9180 §7.3). */
  readonly aead: AeadName | "export-only";
}

/** RFC 9180 §7.1, draft-ietf-hpke-pq §3. */
export const hpkeKems = {
  x25519: { id: 0x0020, kem: "x25519", hash: "sha256" },
  "ML-KEM-512": { id: 0x0040, kem: "ML-KEM-512" },
  "ML-KEM-768": { id: 0x0041, kem: "ML-KEM-768" },
  "ML-KEM-1024": { id: 0x0042, kem: "ML-KEM-1024" },
} as const satisfies Readonly<Record<string, HpkeKem>>;

/** RFC 9180 §7.2. */
export const hpkeKdfs: Readonly<Record<HpkeKdf, { readonly id: number; readonly hash: HashName }>> =
  {
    "HKDF-SHA256": { id: 0x0001, hash: "sha256" },
    "HKDF-SHA384": { id: 0x0002, hash: "sha384" },
    "HKDF-SHA512": { id: 0x0003, hash: "sha512" },
  };

/** RFC 9180 §7.3. */
export const hpkeAeads: Readonly<Record<HpkeSuite["aead"], number>> = {
  "aes-128-gcm": 0x0001,
  "aes-256-gcm": 0x0002,
  "chacha20-poly1305": 0x0003,
  "export-only": 0xffff,
};

/**
 * SetupBaseS (RFC 9180 §5.1.1): a fresh secret for who has the private key.
 * @param info what the context is for; both ends must say the same
 * @throws InvalidKemInput for a public key that the KEM refuses
 */
export function hpkeSender(
  suite: HpkeSuite,
  provider: Provider,
  publicKey: Uint8Array,
  info: Uint8Array,
): { readonly encapsulated: Uint8Array; readonly context: HpkeContext } {
  const kem = kemOf(suite.kem, provider);
  const encapsulation = kem.encapsulate(publicKey);
  const { ciphertext } = encapsulation;
  const secret = sharedSecret(suite.kem, provider, encapsulation, publicKey);
  return { encapsulated: ciphertext, context: HpkeContext.of(suite, provider, secret, info) };
}

/**
 * SetupBaseR (RFC 9180 §5.1.1). Whatever ciphertext of the right length comes for ML-KEM gives a context: what it
 * exports is then not what the sender has.
 * @throws InvalidKemInput for what cannot be an encapsulation
 */
export function hpkeReceiver(
  suite: HpkeSuite,
  provider: Provider,
  keyPair: KemKeyPair,
  encapsulated: Uint8Array,
  info: Uint8Array,
): HpkeContext {
  const encapsulation = {
    ciphertext: encapsulated,
    sharedSecret: keyPair.decapsulate(encapsulated),
  };
  const secret = sharedSecret(suite.kem, provider, encapsulation, keyPair.publicKey);
  return HpkeContext.of(suite, provider, secret, info);
}

/** The KEM behind it, of the provider, or a custom one. */
export const kemOf = ({ kem }: HpkeKem, provider: Provider): Kem =>
  typeof kem === "string" ? provider.kems[kem] : kem;

/** A context of one end (RFC 9180 §5.2, §5.3): it seals what it sends, or opens what the other sealed. */
export class HpkeContext {
  readonly #kdf: Kdf;
  readonly #exporter: Held<Uint8Array>;
  readonly #encryption: { readonly key: AeadKey; readonly baseNonce: Uint8Array } | undefined;
  #sequence = 0;

  private constructor(
    kdf: Kdf,
    exporter: Uint8Array,
    encryption: { readonly key: AeadKey; readonly baseNonce: Uint8Array } | undefined,
  ) {
    this.#kdf = kdf;
    this.#exporter = new Held(exporter);
    this.#encryption = encryption;
  }

  /** @internal KeySchedule of the base mode (RFC 9180 §5.1); `sharedSecret` is wiped */
  static of(
    { kem, kdf: name, aead }: HpkeSuite,
    provider: Provider,
    secretOfKem: Uint8Array,
    info: Uint8Array,
  ): HpkeContext {
    const { id, hash } = hpkeKdfs[name];
    const suiteId = concat(utf8("HPKE"), number(kem.id), number(id), number(hpkeAeads[aead]));
    const kdf = new Kdf(provider.hashes[hash], suiteId);
    const context = concat(
      Uint8Array.of(modeBase),
      kdf.extract(none, "psk_id_hash", none),
      kdf.extract(none, "info_hash", info),
    );
    const secret = kdf.extract(secretOfKem, "secret", none);
    const exporter = kdf.expand(secret, "exp", context, kdf.hash.length);
    let encryption: { readonly key: AeadKey; readonly baseNonce: Uint8Array } | undefined;
    if (aead !== "export-only") {
      const { keyLength, importKey } = provider.aeads[aead];
      const key = kdf.expand(secret, "key", context, keyLength);
      encryption = {
        key: importKey.call(provider.aeads[aead], key),
        baseNonce: kdf.expand(secret, "base_nonce", context, nonceLength),
      };
      wipe(key);
    }
    wipe(secretOfKem, secret);
    return new HpkeContext(kdf, exporter, encryption);
  }

  /** Context.Export (RFC 9180 §5.3): a secret of `length` bytes for one use. */
  export(exporterContext: Uint8Array, length: number): Uint8Array {
    return this.#kdf.expand(this.#exporter.get(), "sec", exporterContext, length);
  }

  /**
   * Context.Seal (RFC 9180 §5.2): the next message; the other end opens them in the same order.
   * @throws Error for a context that only exports
   */
  seal(additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const { key } = this.#encrypting();
    return concat(...key.seal(this.#nonce(), additionalData, plaintext, none));
  }

  /** Context.Open (RFC 9180 §5.2); `undefined` for what is not the next message. */
  open(additionalData: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    const opened = this.#encrypting().key.open(this.#nonce(), additionalData, ciphertext);
    // Only what was opened counts
    if (opened === undefined) this.#sequence--;
    return opened;
  }

  /** Nothing comes of it any more. */
  wipe(): void {
    this.#exporter.wipe();
    this.#encryption?.key.wipe();
  }

  #encrypting(): { readonly key: AeadKey; readonly baseNonce: Uint8Array } {
    this.#exporter.get();
    if (this.#encryption !== undefined) return this.#encryption;
    throw new Error("this HPKE context only exports secrets: its AEAD is export-only");
  }

  /** ComputeNonce, and IncrementSeq (RFC 9180 §5.2). Numbers of messages stay far below 2^53. */
  #nonce(): Uint8Array {
    const nonce = this.#encrypting().baseNonce.slice();
    let rest = this.#sequence++;
    for (let at = nonce.length - 1; rest > 0; at--, rest = Math.floor(rest / 256)) {
      nonce[at]! ^= rest % 256;
    }
    return nonce;
  }
}

const none = new Uint8Array(0);
/** RFC 9180 §5: without a pre-shared key, and without authentication of the sender. */
const modeBase = 0;
/** Nn of every AEAD (RFC 9180 §7.3). */
const nonceLength = 12;
const version = utf8("HPKE-v1");

/** I2OSP(value, 2). */
const number = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

/** LabeledExtract and LabeledExpand (RFC 9180 §4). */
class Kdf {
  readonly hash: Hash;
  readonly #suiteId: Uint8Array;

  constructor(hash: Hash, suiteId: Uint8Array) {
    this.hash = hash;
    this.#suiteId = suiteId;
  }

  extract(salt: Uint8Array, label: string, keyMaterial: Uint8Array): Uint8Array {
    const labeled = concat(version, this.#suiteId, utf8(label), keyMaterial);
    const extracted = this.hash.hmac(salt, labeled);
    wipe(labeled);
    return extracted;
  }

  expand(secret: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
    const labeled = concat(number(length), version, this.#suiteId, utf8(label), info);
    return hkdfExpand(this.hash, secret, labeled, length);
  }
}

/** What both ends share: for DHKEM ExtractAndExpand (RFC 9180 §4.1). Wipes the KEM's own. */
function sharedSecret(
  { id, hash: name }: HpkeKem,
  provider: Provider,
  { ciphertext, sharedSecret: own }: Encapsulation,
  publicKey: Uint8Array,
): Uint8Array {
  if (name === undefined) return own;
  const kdf = new Kdf(provider.hashes[name], concat(utf8("KEM"), number(id)));
  const extracted = kdf.extract(none, "eae_prk", own);
  const secret = kdf.expand(
    extracted,
    "shared_secret",
    concat(ciphertext, publicKey),
    kdf.hash.length,
  );
  wipe(own, extracted);
  return secret;
}
