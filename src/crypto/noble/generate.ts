import { wipe } from "../../wire/index.ts";
import {
  type GeneratedKey,
  isOid,
  type KeyType,
  type Oid,
  type RandomSource,
} from "../provider.ts";
import { curves } from "./ecdsa.ts";
import { edwards } from "./eddsa.ts";
import { forSlhDsa } from "../parameters.ts";
import { mlDsa } from "./ml-dsa.ts";
import { slhDsa } from "./slh-dsa.ts";

type Generator = (type: KeyType, random: RandomSource) => GeneratedKey;

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

const lattice =
  (scheme: (typeof mlDsa)["ML-DSA-65"]): Generator =>
  (type, random) => {
    const seed = random(32);
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

const rsa: Generator = (type) => {
  throw new Error(`noble makes no ${type} keys: use the native provider`);
};

const generators: Readonly<Record<KeyType, Generator>> = {
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
};

export const nobleGenerateKey =
  (random: RandomSource) =>
  (type: KeyType | Oid): GeneratedKey => {
    if (isOid(type)) throw new Error(`no provider makes ${type} keys: see extendProvider()`);
    return generators[type](type, random);
  };
