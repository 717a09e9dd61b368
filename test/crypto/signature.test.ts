import { generateKeyPairSync } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import {
  type GeneratedKey,
  InvalidKey,
  type KeyType,
  keyTypes,
  noble,
  type SignatureName,
} from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import { concat, fromHex, toHex, utf8 } from "../../src/wire/index.ts";
import { keyPairOf, publicKeyInfo } from "./keys.ts";
import { providers } from "./providers.ts";

const message = utf8("a message to sign");
const generated = new Map<KeyType, GeneratedKey>();

/** One key of each type; noble makes all but RSA. */
function keyOf(type: KeyType): ReturnType<typeof keyPairOf> {
  const key = generated.get(type) ?? native.generateKey(type);
  generated.set(type, key);
  return keyPairOf(key);
}

/** SLH-DSA takes up to seconds to sign: its quickest stands for all; the rest is held against OpenSSL. */
const isSlow = (name: string): boolean => /^SLH-DSA-(?!SHA2-128f)/.test(name);

const pairs = (Object.keys(keyTypes) as SignatureName[])
  .filter((name) => !isSlow(name))
  .flatMap((name) => keyTypes[name].map((type) => [name, type] as const));

describe.each(providers)("RSA signatures by $name", ({ provider }) => {
  // RFC 8017 §8.1.2, §8.2.2: one in 256 begins with a zero, without which it is the same number
  it.each(["rsa_pss_sha256", "rsa_pkcs1_sha256"] as const)("of %s have one length", (name) => {
    const { publicKey, privateKey } = keyOf("rsa");
    const verify = provider.signatures[name].verifier(publicKey);
    const sign = native.signatures[name].signer!(privateKey);
    for (let tries = 0; tries < 10_000; tries++) {
      const text = utf8(`message ${tries}`);
      const signature = sign(text);
      if (signature[0] !== 0) continue;
      expect(verify(text, signature)).toBe(true);
      expect(verify(text, signature.subarray(1))).toBe(false);
      expect(verify(text, concat(new Uint8Array(1), signature))).toBe(false);
      return;
    }
    expect.unreachable("no signature began with a zero");
  });
});

describe.each(providers)("verification by $name", ({ provider }) => {
  const signers = providers.map(({ provider: signing }) => signing.signatures);

  describe.each(pairs)("%s with a %s key", (name, type) => {
    const { publicKey, privateKey } = keyOf(type);
    const algorithm = provider.signatures[name];
    const verify = algorithm.verifier(publicKey);

    it("takes what every back end signs", () => {
      expect(algorithm.name).toBe(name);
      for (const signatures of signers) {
        const sign = signatures[name].signer?.(privateKey);
        if (sign === undefined) continue;
        const signature = sign(message);
        expect(verify(message, signature)).toBe(true);
        expect(verify(concat(message, message), signature)).toBe(false);
      }
    });

    it("takes nothing else", () => {
      const sign = native.signatures[name].signer?.(privateKey);
      const signature = sign?.(message) ?? new Uint8Array();
      const stranger = keyPairOf(native.generateKey(type === "rsa-pss" ? "rsa" : type)).publicKey;
      const other = algorithm.verifier(publicKeyInfo(type, stranger.key));
      expect(other(message, signature)).toBe(false);
      for (const at of [0, 1, signature.length >> 1, signature.length - 1]) {
        const forged = signature.slice();
        forged[at]! ^= 1;
        expect(verify(message, forged)).toBe(false);
      }
      for (const malformed of [
        new Uint8Array(),
        signature.subarray(1),
        signature.subarray(0, -1),
        concat(signature, new Uint8Array(1)),
        new Uint8Array(signature.length),
        new Uint8Array(signature.length).fill(0xff),
      ]) {
        expect(verify(message, malformed)).toBe(false);
      }
    });
  });

  it.each([
    ["ed25519", "secp256r1"],
    ["ecdsa_sha256", "ed25519"],
    ["ML-DSA-44", "ML-DSA-65"],
  ] as const)("%s refuses a %s key", (name, type) => {
    const { publicKey, privateKey } = keyOf(type);
    expect(() => provider.signatures[name].verifier(publicKey)).toThrow(InvalidKey);
    expect(() => provider.signatures[name].signer?.(privateKey)).toThrow(InvalidKey);
  });

  it.each([
    ["the origin", "ecdsa_sha256", "secp256r1", `04${"00".repeat(64)}`],
    ["coordinates out of the field", "ecdsa_sha256", "secp256r1", `04${"ff".repeat(64)}`],
    ["infinity", "ecdsa_sha256", "secp256r1", "00"],
    ["a point off P-384", "ecdsa_sha384", "secp384r1", `04${"01".repeat(96)}`],
    ["a short point of P-521", "ecdsa_sha512", "secp521r1", `04${"01".repeat(131)}`],
    ["a short Ed25519 key", "ed25519", "ed25519", "00".repeat(31)],
    ["a long Ed448 key", "ed448", "ed448", "00".repeat(58)],
    ["a short ML-DSA key", "ML-DSA-44", "ML-DSA-44", "00".repeat(1311)],
    ["an empty RSA key", "rsa_pss_sha256", "rsa", ""],
    ["an RSA modulus of two bits", "rsa_pss_sha256", "rsa", "3006020103020103"],
    ["an RSA-PSS modulus of two bits", "rsa_pss_sha256", "rsa-pss", "3006020103020103"],
  ] as const)("refuses %s", (_, name, type, key) => {
    const info = publicKeyInfo(type, fromHex(key));
    expect(() => provider.signatures[name].verifier(info)).toThrow(InvalidKey);
  });

  it("refuses a point in the hybrid form (RFC 5480 §2.2)", () => {
    const { key } = keyOf("secp256r1").publicKey;
    const hybrid = concat(Uint8Array.of(6 + (key[64]! & 1)), key.subarray(1));
    const info = publicKeyInfo("secp256r1", hybrid);
    expect(() => provider.signatures.ecdsa_sha256.verifier(info)).toThrow(InvalidKey);
  });

  it("takes a high s and a low s", () => {
    const { publicKey, privateKey } = keyOf("secp256r1");
    const verify = provider.signatures.ecdsa_sha256.verifier(publicKey);
    const signature = noble.signatures.ecdsa_sha256.signer!(privateKey)(message);
    const { r, s } = p256.Signature.fromBytes(signature, "der");
    const mirrored = new p256.Signature(r, p256.Point.Fn.ORDER - s).toBytes("der");
    expect(verify(message, signature)).toBe(true);
    expect(verify(message, mirrored)).toBe(true);
  });
});

// RFC 9846 §4.3.3: the parameters of an id-RSASSA-PSS key bind its signatures.
it("native calls a signature wrong whose hash the key's parameters exclude", () => {
  const bound = generateKeyPairSync("rsa-pss", {
    modulusLength: 2048,
    hashAlgorithm: "sha512",
    mgf1HashAlgorithm: "sha512",
  });
  const spki = bound.publicKey.export({ format: "der", type: "spki" });
  const pkcs8 = bound.privateKey.export({ format: "der", type: "pkcs8" });
  const { key } = keyOf("rsa-pss").publicKey;
  const { rsa_pss_sha256, rsa_pss_sha512 } = native.signatures;
  const sign = rsa_pss_sha512.signer!({ type: "rsa-pss", key, pkcs8 });
  const signature = sign(message);
  expect(rsa_pss_sha512.verifier({ type: "rsa-pss", key, spki })(message, signature)).toBe(true);
  expect(rsa_pss_sha256.verifier({ type: "rsa-pss", key, spki })(message, signature)).toBe(false);
});

// RFC 4055 §1.2: a key that names its hash signs and verifies with no other, whoever does the work.
it.each(providers)(
  "an RSASSA-PSS key that is limited to a hash is used with no other by $name",
  ({ provider }) => {
    const { publicKey, privateKey } = keyOf("rsa-pss");
    const limited = { ...publicKey, hash: "sha512" } as const;
    const { rsa_pss_sha256, rsa_pss_sha512 } = provider.signatures;
    const signature = native.signatures.rsa_pss_sha512.signer!(privateKey)(message);
    expect(rsa_pss_sha512.verifier(limited)(message, signature)).toBe(true);
    expect(() => rsa_pss_sha256.verifier(limited)).toThrow(InvalidKey);
    const key = { ...privateKey, hash: "sha512" } as const;
    if (rsa_pss_sha256.signer !== undefined) {
      expect(() => rsa_pss_sha256.signer?.(key)).toThrow(/not rsa-pss limited to sha512/);
      expect(rsa_pss_sha512.signer?.(key)(message)).toHaveLength(signature.length);
    }
  },
);

// RFC 6979 appendix A.2.5: P-256, message "sample"
it.each([
  [
    "ecdsa_sha256",
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
  ],
  [
    "ecdsa_sha384",
    "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719",
    "4861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954",
  ],
] as const)("noble signs %s as RFC 6979 says, without lowering s", (name, r, s) => {
  const key = fromHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
  const sign = noble.signatures[name].signer!({
    type: "secp256r1",
    key,
    pkcs8: new Uint8Array(),
  });
  const signature = p256.Signature.fromBytes(sign(utf8("sample")), "der");
  expect(signature.r.toString(16).padStart(64, "0")).toBe(r);
  expect(signature.s.toString(16).padStart(64, "0")).toBe(s);
});

// RFC 8032 §7.1, test 2
it.each(providers)("$name signs Ed25519 as RFC 8032 says", ({ provider }) => {
  const generatedKey: GeneratedKey = {
    type: "ed25519",
    privateKey: fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
    publicKey: fromHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
  };
  const { publicKey, privateKey } = keyPairOf(generatedKey);
  const signature = provider.signatures.ed25519.signer!(privateKey)(fromHex("72"));
  expect(toHex(signature)).toBe(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  expect(provider.signatures.ed25519.verifier(publicKey)(fromHex("72"), signature)).toBe(true);
});

it("noble has no RSA signer and makes no RSA keys", () => {
  expect(noble.signatures.rsa_pss_sha256).not.toHaveProperty("signer");
  expect(() => noble.generateKey("rsa")).toThrow("native provider");
  expect(native.signatures.rsa_pss_sha256).toHaveProperty("signer");
});
