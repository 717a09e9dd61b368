import * as crypto from "node:crypto";
import { concat } from "../../wire/index.ts";
import { checkLength, checkUncompressed } from "../check.ts";
import { type Exchange, exchangeKem, importing, unfit } from "../exchange-kem.ts";
import { Held } from "../held.ts";
import { decapsulationKeyLength, kemParameters, kemSeedLength } from "../parameters.ts";
import type { Kem, KemKeyPair, KemName } from "../provider.ts";
import {
  decapsulationKeyOf,
  jwkImport,
  type KeyImport,
  pemOf,
  privateKeyOf,
  publicKeyOf,
  publicKeyFromDer,
  publicKeyFromPem,
  spkiImport,
} from "./key-import.ts";
import {
  agreesByPem,
  available,
  backend,
  decodesFast,
  generates,
  newer,
  plain,
  rawEncoding,
  spkiEncoding,
  writesRawKeys,
} from "./node-crypto.ts";

/** The fastest form of a peer's key in which an agreement takes it. */
const peerFromSpki: (spki: Buffer) => crypto.KeyObject | string = agreesByPem
  ? pemOf
  : publicKeyFromPem;

/** X25519 and X448. OpenSSL refuses an all-zero result, as RFC 9846 §7.4.2 asks. */
function nativeMontgomery(name: "x25519" | "x448"): Kem {
  const importKey = decodesFast ? spkiImport(name, peerFromSpki) : jwkImport(name);
  return exchangeKem(name, backend, keyObjectExchange(name, { type: name }, importKey));
}

export const namedCurves = {
  secp256r1: "prime256v1",
  secp384r1: "secp384r1",
  secp521r1: "secp521r1",
} as const;
export type CurveName = keyof typeof namedCurves;

/**
 * An ECDH object multiplies the peer's point by the order on every call, which doubles the time of
 * the larger curves. Only for P-256 on OpenSSL 3.0 does it win over KeyObjects, whose import is slow
 * there: 92 µs against 169 for both halves.
 */
function nativeCurve(name: CurveName): Kem {
  const namedCurve = namedCurves[name];
  if (name === "secp256r1" && !decodesFast) return curveKem(name, ecdhExchange(namedCurve));
  const importKey = spkiImport(name, decodesFast ? peerFromSpki : publicKeyFromDer);
  return curveKem(name, keyObjectExchange(name, { type: "ec", namedCurve }, importKey));
}

/** FIPS 203. OpenSSL does the check of §7.2 on import, and takes its randomness from its DRBG. */
function nativeMlKem(name: "ML-KEM-512" | "ML-KEM-768" | "ML-KEM-1024"): Kem {
  const parameters = kemParameters[name];
  const { publicKeyLength, ciphertextLength } = parameters;
  const pemOfKey = spkiImport(name, pemOf);
  const publicKeyEncoding = writesRawKeys ? rawEncoding : spkiEncoding;
  function pairOf(publicKey: Uint8Array, key: crypto.KeyObject): KemKeyPair {
    const held = new Held(key);
    return {
      publicKey,
      decapsulate(ciphertext) {
        const privateKey = held.get();
        checkLength(name, "ciphertext", ciphertextLength, ciphertext);
        return plain(newer.decapsulate(privateKey, ciphertext));
      },
      wipe: () => void held.wipe(),
    };
  }
  return {
    backend,
    name,
    ...parameters,
    generate() {
      const pair = newer.generateKeyPairSync(name.toLowerCase(), { publicKeyEncoding });
      // Of a SubjectPublicKeyInfo the key is the end.
      const publicKey = plain((pair.publicKey as Buffer).subarray(-publicKeyLength));
      return pairOf(publicKey, pair.privateKey);
    },
    importKeyPair(bytes) {
      const length = decapsulationKeyLength(name);
      const key =
        bytes.length === length
          ? importing(name, length, bytes, () => decapsulationKeyOf(name, bytes))
          : importing(name, kemSeedLength, bytes, () => privateKeyOf(name, bytes));
      return pairOf(publicKeyOf(name, key), key);
    },
    encapsulate(publicKey) {
      checkLength(name, "encapsulation key", publicKeyLength, publicKey);
      const pem = pemOfKey(publicKey);
      try {
        const { sharedKey, ciphertext } = newer.encapsulate(pem);
        return { ciphertext: plain(ciphertext), sharedSecret: plain(sharedKey) };
      } catch (cause) {
        throw isPublicKey(pem) ? cause : unfit(name, "encapsulation key (FIPS 203 §7.2)", cause);
      }
    },
  };
}

/** Tells a peer's fault from ours. */
function isPublicKey(pem: string): boolean {
  try {
    crypto.createPublicKey(pem);
    return true;
  } catch {
    return false;
  }
}

function keyObjectExchange(
  name: KemName,
  { type, namedCurve }: { readonly type: string; readonly namedCurve?: string },
  importKey: KeyImport<crypto.KeyObject | string>,
): Exchange<crypto.KeyObject> {
  // The encoding is part of the generation. On Node 20, exporting the KeyObject as JWK afterwards can
  // hang: it allocates under the key's lock, which the collected generation job then waits for.
  const options = {
    ...(namedCurve === undefined ? {} : { namedCurve }),
    publicKeyEncoding: writesRawKeys ? rawEncoding : { format: "jwk" },
  };
  return {
    generate() {
      const { publicKey, privateKey } = newer.generateKeyPairSync(type, options);
      return { publicKey: rawPublicKey(publicKey), privateKey };
    },
    importKeys(bytes) {
      const privateKey = privateKeyOf(name, bytes);
      return { publicKey: publicKeyOf(name, privateKey), privateKey };
    },
    sharedSecret: (privateKey, peer) =>
      plain(newer.diffieHellman({ privateKey, publicKey: importKey(peer) })),
  };
}

function rawPublicKey(key: Buffer | { readonly x: string; readonly y?: string }): Uint8Array {
  if (Buffer.isBuffer(key)) return plain(key);
  const { x, y } = key;
  if (y === undefined) return new Uint8Array(Buffer.from(x, "base64url"));
  // A JWK's coordinates have the full length of the field (RFC 7518 §6.2.1.2).
  return concat(Uint8Array.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url"));
}

const ecdhExchange = (namedCurve: string): Exchange<crypto.ECDH> => ({
  generate() {
    const privateKey = crypto.createECDH(namedCurve);
    return { publicKey: plain(privateKey.generateKeys()), privateKey };
  },
  importKeys(bytes) {
    const privateKey = crypto.createECDH(namedCurve);
    privateKey.setPrivateKey(bytes);
    return { publicKey: plain(privateKey.getPublicKey()), privateKey };
  },
  sharedSecret: (privateKey, peer) => plain(privateKey.computeSecret(peer)),
});

const curveKem = <PrivateKey>(name: CurveName, exchange: Exchange<PrivateKey>): Kem =>
  exchangeKem<PrivateKey>(name, backend, {
    generate: () => exchange.generate(),
    importKeys(privateKey) {
      // Only this way of importing a scalar has OpenSSL check its range
      crypto.createECDH(namedCurves[name]).setPrivateKey(privateKey);
      return exchange.importKeys(privateKey);
    },
    sharedSecret(privateKey, peer) {
      checkUncompressed(name, peer);
      return exchange.sharedSecret(privateKey, peer);
    },
  });

const curveNames: readonly CurveName[] = ["secp256r1", "secp384r1", "secp521r1"];
const curves = crypto.getCurves();

export const nativeKems: Partial<Record<KemName, Kem>> = {
  ...available(["x25519", "x448"], (type) => generates(type), nativeMontgomery),
  ...available(curveNames, (name) => curves.includes(namedCurves[name]), nativeCurve),
  ...available(
    ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"],
    (name) => "encapsulate" in crypto && generates(name.toLowerCase()),
    nativeMlKem,
  ),
};
