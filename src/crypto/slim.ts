import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { p256, p384 } from "@noble/curves/nist.js";
import { randomBytes } from "@noble/hashes/utils.js";
import { nobleAeads } from "./noble/aead.ts";
import { nobleEcdsa } from "./noble/ecdsa.ts";
import { eddsa } from "./noble/eddsa.ts";
import { nobleHashes } from "./noble/hash.ts";
import { mlKem, montgomery, weierstrass } from "./noble/kem.ts";
import { nobleRsaPkcs1, nobleRsaPss } from "./noble/rsa.ts";
import type { Provider } from "./provider.ts";

const kems: Partial<Provider["kems"]> = {
  x25519: montgomery("x25519", x25519, randomBytes),
  secp256r1: weierstrass("secp256r1", p256, randomBytes),
  secp384r1: weierstrass("secp384r1", p384, randomBytes),
  "ML-KEM-768": mlKem("ML-KEM-768", randomBytes),
  "ML-KEM-1024": mlKem("ML-KEM-1024", randomBytes),
};

const signatures: Partial<Provider["signatures"]> = {
  ecdsa_sha256: nobleEcdsa("ecdsa_sha256", "sha256"),
  ecdsa_sha384: nobleEcdsa("ecdsa_sha384", "sha384"),
  ed25519: eddsa("ed25519", ed25519),
  rsa_pkcs1_sha256: nobleRsaPkcs1("rsa_pkcs1_sha256", "sha256"),
  rsa_pkcs1_sha384: nobleRsaPkcs1("rsa_pkcs1_sha384", "sha384"),
  rsa_pkcs1_sha512: nobleRsaPkcs1("rsa_pkcs1_sha512", "sha512"),
  rsa_pss_sha256: nobleRsaPss("rsa_pss_sha256", "sha256"),
  rsa_pss_sha384: nobleRsaPss("rsa_pss_sha384", "sha384"),
  rsa_pss_sha512: nobleRsaPss("rsa_pss_sha512", "sha512"),
};

/**
 * Of `noble`, what a client meets on the web today: the three hybrids of RFC 10024 and their curves, all suites, and
 * certificates with ECDSA, Ed25519 and RSA. It has no ML-DSA, SLH-DSA, Ed448, X448 and P-521, which are a tenth of a
 * bundle, and makes no keys of certificates.
 */
export const slim: Provider = {
  name: "slim",
  random: randomBytes,
  hashes: nobleHashes,
  aeads: nobleAeads,
  // A connection asks what is there before it offers anything
  kems: kems as Provider["kems"],
  signatures: signatures as Provider["signatures"],
  generateKey(type) {
    throw new Error(`slim makes no ${type} keys: use noble of kemistry`);
  },
};
