import { x25519 } from "@noble/curves/ed25519.js";
import { wipe } from "../../wire/index.ts";
import {
  type GeneratedKey,
  isOid,
  type KemKeyType,
  type KeyType,
  type RandomSource,
  type SubjectKeyType,
} from "../provider.ts";
import { curves } from "./ecdsa.ts";
import { edwards } from "./eddsa.ts";
import { forSlhDsa } from "../parameters.ts";
import { mlKems } from "./kem.ts";
import { mlDsa } from "./ml-dsa.ts";
import { slhDsa } from "./slh-dsa.ts";

type Generator = (type: KeyType | KemKeyType, random: RandomSource) => GeneratedKey;

/** FIPS 186-5 §A.2.1: more random bits than the order has, reduced. */
const ellipticCurve: Generator = (type, random) => {
  const curve = curves[type];
  if (curve === undefined) throw new Error(`${type} is not an elliptic curve`);
  const seed = random(curve.lengths.seed ?? 0);
  const privateKey = curve.utils.randomSecretKey(seed);
  wipe(seed);
  return { type, privateKey, publicKey: curve.getPublicKey(privateKey, false) };
};

const edwardsCurve =
  (scheme: (typeof edwards)["ed25519"]): Generator =>
  (type, random) => {
    const privateKey = random(scheme.lengths.seed ?? 0);
    return { type, privateKey, publicKey: scheme.getPublicKey(privateKey) };
  };

/** FIPS 204 from 32 bytes, FIPS 203 from 64. */
const lattice =
  (scheme: (typeof mlDsa)["ML-DSA-65"] | (typeof mlKems)["ML-KEM-768"]): Generator =>
  (type, random) => {
    const seed = random(scheme.lengths.seed ?? 0);
    const { publicKey, secretKey } = scheme.keygen(seed);
    return { type, privateKey: secretKey, publicKey, seed };
  };

/** The four parts of the private key are derived from nothing shorter: there is no seed to keep. */
const hashBased =
  (scheme: (typeof slhDsa)["SLH-DSA-SHA2-128s"]): Generator =>
  (type, random) => {
    const seed = random(scheme.lengths.seed ?? 0);
    const { publicKey, secretKey } = scheme.keygen(seed);
    wipe(seed);
    return { type, privateKey: secretKey, publicKey };
  };

/** RFC 7748 §6.1. */
const montgomery: Generator = (type, random) => {
  const privateKey = random(32);
  return { type, privateKey, publicKey: x25519.getPublicKey(privateKey) };
};

const rsa: Generator = (type) => {
  throw new Error(`noble makes no ${type} keys: use the native provider`);
};

const generators: Readonly<Record<KeyType | KemKeyType, Generator>> = {
  secp256r1: ellipticCurve,
  secp384r1: ellipticCurve,
  secp521r1: ellipticCurve,
  ed25519: edwardsCurve(edwards.ed25519),
  ed448: edwardsCurve(edwards.ed448),
  rsa,
  "rsa-pss": rsa,
  "ML-DSA-44": lattice(mlDsa["ML-DSA-44"]),
  "ML-DSA-65": lattice(mlDsa["ML-DSA-65"]),
  "ML-DSA-87": lattice(mlDsa["ML-DSA-87"]),
  ...forSlhDsa((name) => hashBased(slhDsa[name])),
  x25519: montgomery,
  "ML-KEM-512": lattice(mlKems["ML-KEM-512"]),
  "ML-KEM-768": lattice(mlKems["ML-KEM-768"]),
  "ML-KEM-1024": lattice(mlKems["ML-KEM-1024"]),
};

export const nobleGenerateKey =
  (random: RandomSource) =>
  (type: SubjectKeyType): GeneratedKey => {
    if (isOid(type)) throw new Error(`no provider makes ${type} keys: see extendProvider()`);
    return generators[type](type, random);
  };
