import { InvalidKey, type KeyType, type SignatureName } from "../../crypto/index.ts";
import { encodePrivateKey } from "../../identity/index.ts";
import { equal } from "../../wire/index.ts";
import type { Subject } from "./corpus.ts";
import { deterministicSigner, signingKey } from "./given-keys.ts";
import { hex, number, string, toObject } from "./json.ts";
import { type Answer, type Check, noGivenKeys, unused, type Vector } from "./wycheproof-check.ts";

const hashes: Readonly<Record<string, { readonly name: string; readonly length: number }>> = {
  "SHA-256": { name: "sha256", length: 32 },
  "SHA-384": { name: "sha384", length: 48 },
  "SHA-512": { name: "sha512", length: 64 },
};

const edwards: Readonly<Record<string, "ed25519" | "ed448">> = {
  edwards25519: "ed25519",
  edwards448: "ed448",
};

const mlDsa: Readonly<Record<string, "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87">> = {
  "ML-DSA-44": "ML-DSA-44",
  "ML-DSA-65": "ML-DSA-65",
  "ML-DSA-87": "ML-DSA-87",
};

const nistCurves: readonly KeyType[] = ["secp256r1", "secp384r1", "secp521r1"];

const ecdsa: Check = (subject, vector) => {
  const { group } = vector;
  const key = toObject(group["publicKey"], "publicKey");
  const type = nistCurves.find((curve) => curve === key["curve"]);
  if (type === undefined) return unused(`the curve ${string(key, "curve")}`);
  const hash = hashes[string(group, "sha")];
  if (hash === undefined) return unused(`ECDSA with ${string(group, "sha")}`);
  return verify(subject, vector, `ecdsa_${hash.name}`, type, hex(key, "uncompressed"));
};

const eddsa: Check = (subject, vector) => {
  const key = toObject(vector.group["publicKey"], "publicKey");
  const name = edwards[string(key, "curve")];
  if (name === undefined) return unused(string(key, "curve"));
  return verify(subject, vector, name, name, hex(key, "pk"));
};

const rsaPkcs1: Check = (subject, vector) => {
  const hash = hashes[string(vector.group, "sha")];
  if (hash === undefined) return unused(`RSA with ${string(vector.group, "sha")}`);
  const key = hex(vector.group, "publicKeyAsn");
  return verify(subject, vector, `rsa_pkcs1_${hash.name}`, "rsa", key);
};

/** RFC 9846 §4.3.3: MGF1 with the same hash, and a salt as long as the digest. */
const rsaPss: Check = (subject, vector) => {
  const { group } = vector;
  const hash = hashes[string(group, "sha")];
  if (hash === undefined) return unused(`RSA-PSS with ${string(group, "sha")}`);
  if (group["mgf"] !== "MGF1" || group["mgfSha"] !== group["sha"]) {
    return unused("RSA-PSS with two hashes");
  }
  if (number(group, "sLen") !== hash.length) return unused("RSA-PSS with another salt length");
  const type = group["type"] === "RsassaPssWithParametersVerify" ? "rsa-pss" : "rsa";
  return verify(subject, vector, `rsa_pss_${hash.name}`, type, hex(group, "publicKeyAsn"));
};

const mlDsaVerify: Check = (subject, vector) => {
  const name = mlDsa[vector.algorithm];
  if (name === undefined) return unused(vector.algorithm);
  if (hasContext(vector)) return unused("a context of ML-DSA");
  return verify(subject, vector, name, name, hex(vector.group, "publicKey"));
};

/** The deterministic variant (FIPS 204 §3.4), whose randomness is 32 zero bytes. */
const mlDsaSign: Check = (subject, { algorithm, group, test, ...rest }) => {
  const name = mlDsa[algorithm];
  if (name === undefined) return unused(algorithm);
  if (test["msg"] === undefined) return unused("a message that was hashed elsewhere");
  if (hasContext({ algorithm, group, test, ...rest })) return unused("a context of ML-DSA");
  if (test["rnd"] !== undefined) return unused("given randomness of ML-DSA");
  if (group["privateSeed"] === undefined) return { skip: "the private key comes without its seed" };
  const seed = hex(group, "privateSeed");
  if (seed.length !== 32) return { skip: "a seed is always 32 bytes where the engine makes it" };
  const key = signingKey(subject, name, seed);
  if (key === undefined) return noGivenKeys;
  if (!equal(key.publicKey, hex(group, "publicKey"))) return { wrong: "made another public key" };
  const sign = deterministicSigner(subject, name, encodePrivateKey(key));
  if (sign === undefined) return { skip: "this back end signs with fresh randomness only" };
  const signature = sign(hex(test, "msg"));
  return equal(signature, hex(test, "sig")) ? "accepted" : { wrong: "made another signature" };
};

export const signatureChecks = {
  EcdsaVerify: ecdsa,
  EddsaVerify: eddsa,
  RsassaPkcs1Verify: rsaPkcs1,
  RsassaPssVerify: rsaPss,
  RsassaPssWithParametersVerify: rsaPss,
  MlDsaVerify: mlDsaVerify,
  MlDsaSign: mlDsaSign,
} satisfies Readonly<Record<string, Check>>;

const hasContext = ({ test }: Vector): boolean => (test["ctx"] ?? "") !== "";

function verify(
  { provider }: Subject,
  { group, test }: Vector,
  algorithm: string,
  type: KeyType,
  key: Uint8Array,
): Answer {
  const spki = hex(group, "publicKeyDer");
  try {
    const check = provider.signatures[algorithm as SignatureName].verifier({ type, key, spki });
    return check(hex(test, "msg"), hex(test, "sig")) ? "accepted" : "rejected";
  } catch (error) {
    if (error instanceof InvalidKey) return "rejected";
    throw error;
  }
}
