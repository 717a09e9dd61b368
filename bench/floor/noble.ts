import { gcm } from "@noble/ciphers/aes.js";
import { ecdsa } from "@noble/curves/abstract/weierstrass.js";
import { x25519 as curve } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { randomBytes } from "@noble/hashes/utils.js";
import { ml_kem768 as kem } from "@noble/post-quantum/ml-kem.js";
import { kept, plaintext } from "./kept.ts";
import type { FloorExchange, Primitives } from "./script.ts";

type Running = ReturnType<typeof sha256.create>;
interface RawPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

const x25519: FloorExchange<RawPair, Uint8Array> = {
  generate: () => curve.keygen(randomBytes(32)),
  encapsulate(pair) {
    const own = curve.keygen(randomBytes(32));
    curve.getSharedSecret(own.secretKey, pair.publicKey);
    return own.publicKey;
  },
  decapsulate: (pair, share) => void curve.getSharedSecret(pair.secretKey, share),
};

const hybrid: FloorExchange<readonly [RawPair, RawPair], readonly [Uint8Array, Uint8Array]> = {
  generate: () => [kem.keygen(randomBytes(64)), x25519.generate()],
  encapsulate([pair, own]) {
    const { cipherText } = kem.encapsulate(pair.publicKey, randomBytes(32));
    return [cipherText, x25519.encapsulate(own)];
  },
  decapsulate([pair, own], [ciphertext, share]) {
    kem.decapsulate(ciphertext, pair.secretKey);
    x25519.decapsulate(own, share);
  },
};

/** The noble libraries by their fastest calls. Importing a public key is part of verifying there. */
export function noblePrimitives(): Primitives {
  const form = { lowS: false, format: "der" } as const;
  const scheme = ecdsa(p256.Point, sha256, { lowS: false });
  const { secretKey } = scheme.keygen();
  const publicKey = scheme.getPublicKey(secretKey, false);
  const content = new Uint8Array(130).fill(0x20);
  const signature = scheme.sign(content, secretKey, form);
  const key = randomBytes(32);
  const aeadKey = key.subarray(0, 16);
  const nonce = new Uint8Array(12);
  const header = new Uint8Array(5);
  const sealed = new Map<number, Uint8Array>();
  const ticket = gcm(key, nonce, header).encrypt(plaintext(120));
  const seal = (length: number): Uint8Array =>
    gcm(aeadKey, nonce, header).encrypt(plaintext(length));

  return {
    random: () => void randomBytes(32),
    exchanges: { x25519, X25519MLKEM768: hybrid },
    startHash: () => sha256.create(),
    update: (hash: Running, message) => void hash.update(message),
    snapshot: (hash: Running) => void hash.clone().digest(),
    hmac: (length) => void hmac(sha256, key, plaintext(length)),
    digest: (message) => void sha256(message),
    importAeadKey() {},
    seal: (length) => void seal(length),
    open(length) {
      const text = kept(sealed, length, () => seal(length));
      gcm(aeadKey, nonce, header).decrypt(text);
    },
    openTicket: () => void gcm(key, nonce, header).decrypt(ticket),
    sign: () => void scheme.sign(content, secretKey, form),
    verify: () => void scheme.verify(signature, content, publicKey, form),
  };
}
