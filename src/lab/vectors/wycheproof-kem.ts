import { InvalidKemInput, InvalidKey, type KemKeyPair, type KemName } from "../../crypto/index.ts";
import { equal } from "../../wire/index.ts";
import { kemKeyPair } from "./given-keys.ts";
import { hex, type JsonObject, string } from "./json.ts";
import { type Answer, type Check, noGivenKeys, unused } from "./wycheproof-check.ts";

const curves: Readonly<Record<string, KemName>> = {
  curve25519: "x25519",
  curve448: "x448",
  secp256r1: "secp256r1",
  secp384r1: "secp384r1",
  secp521r1: "secp521r1",
};

const diffieHellman: Check = (subject, { group, test }) => {
  const curve = string(group, "curve");
  const name = curves[curve];
  if (name === undefined) return unused(curve);
  const pair = kemKeyPair(subject, name, hex(test, "private"));
  if (pair === undefined) return noGivenKeys;
  return decapsulates(pair, hex(test, "public"), hex(test, "shared"));
};

/** The schema knows three sets. */
const mlKemName = (group: JsonObject) => string(group, "parameterSet") as KemName;

const mlKem: Check = (subject, { group, test }) => {
  const name = mlKemName(group);
  let pair: KemKeyPair | undefined;
  try {
    pair = kemKeyPair(subject, name, hex(test, "seed"));
  } catch (error) {
    return rejectedBy(error);
  }
  if (pair === undefined) return noGivenKeys;
  if (!equal(pair.publicKey, hex(test, "ek"))) return { wrong: "made another encapsulation key" };
  if (test["c"] === undefined) return "accepted";
  return decapsulates(pair, hex(test, "c"), hex(test, "K"));
};

/** The key must be taken or refused as the vector says; a back end without a way in for m shows no more. */
const mlKemEncapsulation: Check = ({ provider }, { group, test, result }) => {
  const name = mlKemName(group);
  const kem = provider.kems[name];
  const key = hex(test, "ek");
  try {
    if (result === "invalid" || kem.encapsulateWith === undefined) {
      kem.encapsulate(key);
      return result === "invalid" ? "accepted" : noGivenRandomness;
    }
    const { ciphertext, sharedSecret } = kem.encapsulateWith(key, hex(test, "m"));
    if (!equal(ciphertext, hex(test, "c"))) return { wrong: "made another ciphertext" };
    return equal(sharedSecret, hex(test, "K")) ? "accepted" : { wrong: "computed another secret" };
  } catch (error) {
    return rejectedBy(error);
  }
};

const noGivenRandomness: Answer = {
  skip: "the key is taken; this back end takes no given randomness to compare the ciphertext with",
};

export const kemChecks = {
  EcdhEcpointTest: diffieHellman,
  XdhComp: diffieHellman,
  MLKEMTest: mlKem,
  MLKEMKeyGen: mlKem,
  MLKEMEncapsTest: mlKemEncapsulation,
} satisfies Readonly<Record<string, Check>>;

function decapsulates(pair: KemKeyPair, ciphertext: Uint8Array, secret: Uint8Array): Answer {
  try {
    const shared = pair.decapsulate(ciphertext);
    return equal(shared, secret) ? "accepted" : { wrong: "computed another secret" };
  } catch (error) {
    return rejectedBy(error);
  } finally {
    pair.wipe();
  }
}

/** Only the errors that the interface names are a rejection; any other is a failure. */
function rejectedBy(error: unknown): Answer {
  if (error instanceof InvalidKemInput || error instanceof InvalidKey) return "rejected";
  throw error;
}
