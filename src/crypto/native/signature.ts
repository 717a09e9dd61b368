import * as crypto from "node:crypto";
import { checkKey } from "../check.ts";
import { forSlhDsa, hashLengths, keyTypes } from "../parameters.ts";
import {
  type GeneratedKey,
  type HashName,
  InvalidKey,
  type PrivateKeyInfo,
  type PublicKeyInfo,
  type SignatureAlgorithm,
  type SignatureName,
  type SubjectKeyType,
} from "../provider.ts";
import { perKey } from "../per-key.ts";
import { parseRsaPublicKey, type RsaPublicKey } from "../rsa-key.ts";
import { namedCurves } from "./kem.ts";
import { publicKeyFromDer, publicKeyFromPem } from "./key-import.ts";
import { available, backend, buffered, decodesFast, generates, plain } from "./node-crypto.ts";

/** ECDSA (in DER), EdDSA, ML-DSA (pure, empty context, hedged) and RSASSA-PKCS1-v1_5. */
const nativeSignature = (name: SignatureName, hash?: HashName): SignatureAlgorithm =>
  signatureOf(name, hash, (key) => key);

/** RFC 9846 §4.3.3: MGF1 with the same hash, which is the default, and a salt as long as the digest. */
const nativeRsaPss = (name: SignatureName, hash: HashName): SignatureAlgorithm =>
  signatureOf(name, hash, (key) => ({
    key,
    padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
    saltLength: hashLengths[hash],
  }));

const rsaModulusBits = 2048;

/** Both types are the same numbers; only the identifier in the certificate differs. */
export function generateRsaKey(type: "rsa" | "rsa-pss"): GeneratedKey {
  const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", {
    modulusLength: rsaModulusBits,
    publicKeyEncoding: { format: "der", type: "pkcs1" },
    privateKeyEncoding: { format: "der", type: "pkcs1" },
  });
  return { type, publicKey: plain(publicKey), privateKey: plain(privateKey) };
}

type KeyInput = crypto.KeyObject | crypto.SignKeyObjectInput;

function signatureOf(
  name: SignatureName,
  hash: HashName | undefined,
  inputOf: (key: crypto.KeyObject) => KeyInput,
): SignatureAlgorithm {
  return {
    backend,
    name,
    keyTypes: keyTypes[name],
    verifier: perKey((info) => {
      checkKey(name, info);
      const key = inputOf(imported(info, importPublicKey));
      const length = isRsa(info.type) ? parseRsaPublicKey(info.key).modulus.length : undefined;
      return (message, signature) => {
        // RFC 8017 §8.1.2, §8.2.2: as long as the modulus. OpenSSL lets leading zeros go.
        if (length !== undefined && signature.length !== length) return false;
        try {
          return crypto.verify(hash, message, key, signature);
        } catch {
          // OpenSSL throws where the parameters of an RSASSA-PSS key exclude the hash or the salt.
          return false;
        }
      };
    }),
    signer(info) {
      checkKey(name, info);
      const key = inputOf(imported(info, importPrivateKey));
      return (message) => plain(crypto.sign(hash, message, key));
    },
  };
}

function imported<Info extends PublicKeyInfo | PrivateKeyInfo>(
  info: Info,
  importKey: (info: Info) => crypto.KeyObject,
): crypto.KeyObject {
  try {
    return importKey(info);
  } catch (cause) {
    if (cause instanceof InvalidKey) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidKey(`${info.type} key is malformed: ${reason}`, { cause });
  }
}

const importPrivateKey = ({ pkcs8 }: PrivateKeyInfo): crypto.KeyObject =>
  crypto.createPrivateKey({ key: buffered(pkcs8), format: "der", type: "pkcs8" });

function importPublicKey(info: PublicKeyInfo): crypto.KeyObject {
  const { type, key, spki } = info;
  // RFC 5480 §2.2: compressed or uncompressed. OpenSSL also takes infinity and the hybrid form.
  if (type in namedCurves && ![2, 3, 4].includes(key[0] ?? 0)) {
    throw new InvalidKey(`${type} public key is neither an uncompressed nor a compressed point`);
  }
  // The limits of RSA hold in every back end, since a peer chooses the size.
  const rsa = isRsa(type) ? parseRsaPublicKey(key) : undefined;
  if (decodesFast) return publicKeyFromPem(buffered(spki));
  const jwk = rsa === undefined ? jwkOf(type, buffered(key)) : rsaJwk(type, rsa);
  return jwk === undefined
    ? publicKeyFromDer(buffered(spki))
    : crypto.createPublicKey({ key: jwk, format: "jwk" });
}

const isRsa = (type: SubjectKeyType): boolean => type === "rsa" || type === "rsa-pss";

/** Where a JWK is the fastest import of OpenSSL 3.0; for P-384 and P-521 it takes three times as long as DER. */
function jwkOf(type: SubjectKeyType, key: Buffer): crypto.JsonWebKey | undefined {
  if (type === "ed25519") return { kty: "OKP", crv: "Ed25519", x: key.toString("base64url") };
  if (type === "ed448") return { kty: "OKP", crv: "Ed448", x: key.toString("base64url") };
  if (type === "secp256r1" && key.length === 65) {
    const x = key.toString("base64url", 1, 33);
    return { kty: "EC", crv: "P-256", x, y: key.toString("base64url", 33) };
  }
  return undefined;
}

/** A key of type rsa-pss has parameters, which a JWK cannot say. */
function rsaJwk(
  type: SubjectKeyType,
  { modulus, exponent }: RsaPublicKey,
): crypto.JsonWebKey | undefined {
  if (type !== "rsa") return undefined;
  const n = buffered(modulus).toString("base64url");
  return { kty: "RSA", n, e: buffered(exponent).toString("base64url") };
}

export const nativeSignatures: Partial<Record<SignatureName, SignatureAlgorithm>> = {
  ecdsa_sha256: nativeSignature("ecdsa_sha256", "sha256"),
  ecdsa_sha384: nativeSignature("ecdsa_sha384", "sha384"),
  ecdsa_sha512: nativeSignature("ecdsa_sha512", "sha512"),
  rsa_pkcs1_sha256: nativeSignature("rsa_pkcs1_sha256", "sha256"),
  rsa_pkcs1_sha384: nativeSignature("rsa_pkcs1_sha384", "sha384"),
  rsa_pkcs1_sha512: nativeSignature("rsa_pkcs1_sha512", "sha512"),
  rsa_pss_sha256: nativeRsaPss("rsa_pss_sha256", "sha256"),
  rsa_pss_sha384: nativeRsaPss("rsa_pss_sha384", "sha384"),
  rsa_pss_sha512: nativeRsaPss("rsa_pss_sha512", "sha512"),
  ...available<SignatureName, SignatureAlgorithm>(
    ["ed25519", "ed448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"],
    (name) => generates(name.toLowerCase()),
    (name) => nativeSignature(name),
  ),
  // All or none, and this one makes its keys fast
  ...(generates("slh-dsa-sha2-128f") ? forSlhDsa((name) => nativeSignature(name)) : {}),
};
