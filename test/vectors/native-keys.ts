/**
 * Puts given private keys into the native provider, which lets OpenSSL make its own: while a key pair
 * is made, the functions of `node:crypto` that make one hand out the given key instead.
 */
import * as crypto from "node:crypto";
import { createRequire, syncBuiltinESMExports } from "node:module";
import type { KemKeyPair, KemName, Provider } from "../../src/crypto/index.ts";
import { concat, fromHex } from "../../src/wire/index.ts";

const curves: Partial<Record<KemName, { readonly curve: string; readonly crv: string }>> = {
  secp256r1: { curve: "prime256v1", crv: "P-256" },
  secp384r1: { curve: "secp384r1", crv: "P-384" },
  secp521r1: { curve: "secp521r1", crv: "P-521" },
};

/** PKCS#8 up to the key (RFC 8410 §7, RFC 9935 §6: the seed is [0]). */
const pkcs8Prefixes: Partial<Record<KemName, string>> = {
  x25519: "302e020100300506032b656e04220420",
  x448: "3046020100300506032b656f043a0438",
  "ML-KEM-512": "3054020100300b060960864801650304040104428040",
  "ML-KEM-768": "3054020100300b060960864801650304040204428040",
  "ML-KEM-1024": "3054020100300b060960864801650304040304428040",
};

/** `undefined` where the slot is not OpenSSL's. */
export function nativeKeyPair(
  provider: Provider,
  name: KemName,
  privateKey: Uint8Array,
): KemKeyPair | undefined {
  const kem = provider.kems[name];
  if (!kem.backend.startsWith("node:crypto")) return undefined;
  const curve = curves[name];
  const scalar = curve === undefined ? privateKey : fixedLength(privateKey, kem.sharedSecretLength);
  const key = curve === undefined ? fromSeed(name, scalar) : fromScalar(curve, scalar);
  return handingOut(key, scalar, () => kem.generate());
}

function fromSeed(name: KemName, seed: Uint8Array): crypto.KeyObject {
  const der = Buffer.from(concat(fromHex(pkcs8Prefixes[name] ?? ""), seed));
  return crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

function fromScalar(
  { curve, crv }: { readonly curve: string; readonly crv: string },
  scalar: Uint8Array,
): crypto.KeyObject {
  const ecdh = crypto.createECDH(curve);
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const half = (point.length - 1) / 2;
  const key = {
    kty: "EC",
    crv,
    d: Buffer.from(scalar).toString("base64url"),
    x: point.toString("base64url", 1, 1 + half),
    y: point.toString("base64url", 1 + half),
  };
  return crypto.createPrivateKey({ key, format: "jwk" });
}

/** A scalar may come with leading zeros, or without those that its field has. */
function fixedLength(scalar: Uint8Array, length: number): Uint8Array {
  const first = scalar.findIndex((byte) => byte !== 0);
  const digits = scalar.subarray(first < 0 ? scalar.length : first);
  return concat(new Uint8Array(length - digits.length), digits);
}

type Module = {
  generateKeyPairSync: (type: string, options: { publicKeyEncoding: object }) => unknown;
  createECDH: (curve: string) => crypto.ECDH;
};

function handingOut<T>(privateKey: crypto.KeyObject, scalar: Uint8Array, run: () => T): T {
  const module = createRequire(import.meta.url)("node:crypto") as Module;
  const { generateKeyPairSync, createECDH } = module;
  module.generateKeyPairSync = (_, { publicKeyEncoding }) => ({
    privateKey,
    publicKey: crypto
      .createPublicKey(privateKey)
      .export(publicKeyEncoding as crypto.KeyExportOptions<"der">),
  });
  module.createECDH = (curve) => {
    const ecdh = createECDH(curve);
    const generateKeys = (): Buffer => {
      ecdh.setPrivateKey(scalar);
      return ecdh.getPublicKey();
    };
    return Object.assign(ecdh, { generateKeys });
  };
  syncBuiltinESMExports();
  try {
    return run();
  } finally {
    Object.assign(module, { generateKeyPairSync, createECDH });
    syncBuiltinESMExports();
  }
}
