/** NIST ACVP: ML-KEM (FIPS 203), ML-DSA (FIPS 204) and SLH-DSA (FIPS 205), prompts and expected results in one or two files. */
import * as z from "zod/mini";
import {
  InvalidKemInput,
  InvalidKey,
  type Kem,
  type KemName,
  type SignatureName,
  slhDsaNames,
} from "../../crypto/index.ts";
import { encodePrivateKey, encodePublicKey } from "../../identity/index.ts";
import { concat, equal } from "../../wire/index.ts";
import {
  type Case,
  type Corpus,
  failed,
  type Outcome,
  passed,
  skipped,
  type Subject,
} from "./corpus.ts";
import { kemKeyPair, signingKey } from "./given-keys.ts";
import { readValue } from "../../registry/json.ts";
import {
  hex,
  type JsonObject,
  number,
  objects,
  parseJson,
  string,
  UnknownFormat,
  UnreadableCorpus,
} from "./json.ts";

type Check = (subject: Subject, test: JsonObject) => Outcome;

/** How tests of one algorithm and mode are run, and what says which of its kinds a test is. */
interface Reader {
  readonly check: Check;
  readonly kind: z.ZodMiniType;
}

/**
 * @param text `internalProjection.json`, which holds the answers too, or `prompt.json`
 * @param expected `expectedResults.json`, where the answers come apart
 * @throws UnknownFormat for an algorithm that has no reader, UnreadableCorpus for a kind of test that none knows
 */
export function parseAcvp(text: string, expected?: string): Corpus {
  const json = parseJson(text);
  const algorithm = `${string(json, "algorithm")} ${string(json, "mode")}`;
  const answers = new Map<number, JsonObject>();
  for (const group of expected === undefined ? [] : objects(parseJson(expected), "testGroups")) {
    for (const test of objects(group, "tests")) answers.set(number(test, "tcId"), test);
  }
  const reader = readers[algorithm];
  if (reader === undefined) throw new UnknownFormat(`no reader for ACVP ${algorithm}`);
  const cases = objects(json, "testGroups").flatMap(({ tests, ...group }) =>
    objects({ tests }, "tests").map((test): Case => {
      const id = number(test, "tcId");
      const whole = { ...group, ...test, ...answers.get(id) };
      const fail = (reason: string) => new UnreadableCorpus(`tcId ${id}: ${reason}`);
      readValue(whole, reader.kind, fail, "the test");
      return { id: `tcId ${id}`, run: (subject) => reader.check(subject, whole) };
    }),
  );
  return { algorithm, cases };
}

const kemNames: readonly KemName[] = ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"];
const signatureNames = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const satisfies SignatureName[];

const kemKeyGeneration: Check = (subject, test) => {
  const name = kemNames.find((known) => known === test["parameterSet"]);
  if (name === undefined) return unknownSet(test);
  const pair = kemKeyPair(subject, name, concat(hex(test, "d"), hex(test, "z")));
  if (pair === undefined) return noGivenKeys;
  return equal(pair.publicKey, hex(test, "ek")) ? passed : failed("made another encapsulation key");
};

const kemUse: Check = ({ provider }, test) => {
  const name = kemNames.find((known) => known === test["parameterSet"]);
  if (name === undefined) return unknownSet(test);
  const check = kemFunctions[string(test, "function")];
  return check?.(provider.kems[name], test) ?? skipped("expanded keys have no way in");
};

/** By the `function` of a group. */
const kemFunctions: Readonly<Record<string, (kem: Kem, test: JsonObject) => Outcome>> = {
  encapsulation(kem, test) {
    const result = kem.encapsulateWith?.(hex(test, "ek"), hex(test, "m"));
    if (result === undefined) return skipped("this back end takes no given randomness");
    if (!equal(result.ciphertext, hex(test, "c"))) return failed("made another ciphertext");
    return equal(result.sharedSecret, hex(test, "k")) ? passed : failed("computed another secret");
  },
  encapsulationKeyCheck(kem, test) {
    try {
      kem.encapsulate(hex(test, "ek"));
      return test["testPassed"] === true ? passed : failed("took a key that is invalid");
    } catch (error) {
      if (!(error instanceof InvalidKemInput)) throw error;
      return test["testPassed"] === false ? passed : failed("refused a key that is valid");
    }
  },
};

const dsaKeyGeneration: Check = (subject, test) => {
  const name = signatureNames.find((known) => known === test["parameterSet"]);
  if (name === undefined) return unknownSet(test);
  const key = signingKey(subject, name, hex(test, "seed"));
  if (key === undefined) return noGivenKeys;
  if (!equal(key.publicKey, hex(test, "pk"))) return failed("made another public key");
  return equal(key.privateKey, hex(test, "sk")) ? passed : failed("made another private key");
};

const slhDsaKeyGeneration: Check = (subject, test) => {
  const name = slhDsaNames.find((known) => known === test["parameterSet"]);
  if (name === undefined) return unknownSet(test);
  const seed =
    "seed" in test
      ? hex(test, "seed")
      : concat(...["skSeed", "skPrf", "pkSeed"].map((part) => hex(test, part)));
  const key = signingKey(subject, name, seed);
  if (key === undefined) return noGivenKeys;
  if (!equal(key.publicKey, hex(test, "pk"))) return failed("made another public key");
  return equal(key.privateKey, hex(test, "sk")) ? passed : failed("made another private key");
};

/** The signature verifies, and not any more when it is changed. It is made again only where that takes no seconds. */
const slhDsaSignature: Check = (subject, test) => {
  const name = slhDsaNames.find((known) => known === test["parameterSet"]);
  if (name === undefined) return unknownSet(test);
  if ((test["context"] ?? "") !== "") return skipped("TLS 1.3 signs with an empty context");
  if ((test["preHash"] ?? "pure") !== "pure") return skipped("TLS 1.3 signs without pre-hash");
  if (test["deterministic"] !== true) return skipped("the randomness has no way in");
  const [key, message, signature] = [hex(test, "sk"), hex(test, "message"), hex(test, "signature")];
  // SK.seed, SK.prf, PK.seed, PK.root (FIPS 205 §9.1)
  const publicKey = key.subarray(key.length / 2);
  const verify = subject.provider.signatures[name].verifier(encodePublicKey(name, publicKey));
  if (!verify(message, signature)) return failed("rejected");
  const last = signature.length - 1;
  if (verify(message, signature.with(last, signature[last]! ^ 1))) return failed("took another");
  if (name.endsWith("s")) return passed;
  // Deterministic is PK.seed for the randomness (FIPS 205 §10.2.1)
  const pkSeed = publicKey.slice(0, publicKey.length / 2);
  const algorithm = subject.seeded?.(() => pkSeed.slice()).signatures[name];
  const sign = algorithm?.signer?.(encodePrivateKey({ type: name, privateKey: key, publicKey }));
  if (sign === undefined || algorithm?.backend !== subject.provider.signatures[name].backend) {
    return passed;
  }
  return equal(sign(message), signature) ? passed : failed("made another signature");
};

const dsaVerification: Check = ({ provider }, test) => {
  const name = signatureNames.find((known) => known === test["parameterSet"]);
  if (name === undefined) return unknownSet(test);
  if ((test["signatureInterface"] ?? "external") !== "external") return skipped("not external");
  if ((test["preHash"] ?? "pure") !== "pure") return skipped("TLS 1.3 signs without pre-hash");
  if ((test["context"] ?? "") !== "") return skipped("TLS 1.3 signs with an empty context");
  const key = hex(test, "pk");
  try {
    const verify = provider.signatures[name].verifier(encodePublicKey(name, key));
    const accepted = verify(hex(test, "message"), hex(test, "signature"));
    return accepted === test["testPassed"] ? passed : failed(accepted ? "accepted" : "rejected");
  } catch (error) {
    if (!(error instanceof InvalidKey)) throw error;
    return test["testPassed"] === false ? passed : failed("refused a key that is valid");
  }
};

const kindOf = (parameterSets: readonly string[], more: Parameters<typeof z.looseObject>[0] = {}) =>
  z.looseObject({ parameterSet: z.enum(parameterSets), ...more });

/** How ML-DSA and SLH-DSA were called. */
const interfaces = {
  signatureInterface: z.optional(z.enum(["external", "internal"])),
  preHash: z.optional(z.enum(["pure", "preHash", "none"])),
};

const readers: Readonly<Record<string, Reader>> = {
  "ML-KEM keyGen": { check: kemKeyGeneration, kind: kindOf(kemNames) },
  "ML-KEM encapDecap": {
    check: kemUse,
    kind: kindOf(kemNames, {
      function: z.enum([
        "encapsulation",
        "decapsulation",
        "encapsulationKeyCheck",
        "decapsulationKeyCheck",
      ]),
    }),
  },
  "ML-DSA keyGen": { check: dsaKeyGeneration, kind: kindOf(signatureNames) },
  "ML-DSA sigVer": { check: dsaVerification, kind: kindOf(signatureNames, interfaces) },
  "SLH-DSA keyGen": { check: slhDsaKeyGeneration, kind: kindOf(slhDsaNames) },
  "SLH-DSA sigGen": { check: slhDsaSignature, kind: kindOf(slhDsaNames, interfaces) },
};

const noGivenKeys = skipped("this back end takes no given private keys");

const unknownSet = (test: JsonObject): Outcome =>
  skipped(`TLS 1.3 has no use for ${string(test, "parameterSet")}`);
