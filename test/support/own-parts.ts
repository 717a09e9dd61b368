/** Algorithms of one's own, which are real, and not among those that a provider has. */
import { gcmsiv } from "@noble/ciphers/aes.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha3_256 } from "@noble/hashes/sha3.js";
import {
  type Aead,
  defineScheme,
  defineSuite,
  type Hash,
  type RunningHash,
  type Scheme,
  type SignatureAlgorithm,
  type Suite,
} from "../../src/crypto/index.ts";
import { concat } from "../../src/wire/index.ts";

/** AES-GCM-SIV (RFC 8452), under a name of its own. */
export const ownAead: Aead = {
  backend: "of one's own",
  name: "aes-256-gcm-siv",
  keyLength: 32,
  importKey(bytes) {
    const key = Uint8Array.from(bytes);
    return {
      seal: (nonce, data, plaintext, trailer) => [
        gcmsiv(key, nonce, data).encrypt(concat(plaintext, trailer)),
      ],
      open(nonce, data, ciphertext) {
        try {
          return gcmsiv(key, nonce, data).decrypt(ciphertext);
        } catch {
          return undefined;
        }
      },
      wipe: () => void key.fill(0),
    };
  },
};

const running = (state: ReturnType<typeof sha3_256.create>): RunningHash => ({
  update: (data) => void state.update(data),
  digest: () => state.clone().digest(),
  copy: () => running(state.clone()),
});

/** SHA3-256 (FIPS 202). */
export const ownHash: Hash = {
  backend: "of one's own",
  name: "sha3-256",
  length: 32,
  digest: sha3_256,
  start: () => running(sha3_256.create()),
  hmac: (key, data) => hmac(sha3_256, key, data),
};

export const ownSuite: Suite = defineSuite({
  name: "TLS_AES_256_GCM_SIV_SHA3_256",
  code: 0xff03,
  aead: ownAead,
  hash: ownHash,
});

/** Of nobody's: the arc of examples (RFC 5612). */
export const ownOid = "1.3.6.1.4.1.32473.1";

/** Ed25519 over the message turned round, so that nobody takes it for Ed25519. */
export const ownAlgorithm: SignatureAlgorithm = {
  backend: "of one's own",
  name: ownOid,
  keyTypes: [ownOid],
  generateKey(random) {
    const privateKey = random(32);
    return { privateKey, publicKey: ed25519.getPublicKey(privateKey) };
  },
  signer:
    ({ key }) =>
    (message) =>
      ed25519.sign(message.toReversed(), key),
  verifier:
    ({ key }) =>
    (message, signature) =>
      signature.length === 64 && ed25519.verify(signature, message.toReversed(), key),
};

export const ownScheme: Scheme = defineScheme({
  name: "reversed25519",
  code: 0xfe77,
  algorithm: ownAlgorithm,
  postQuantum: true,
});
