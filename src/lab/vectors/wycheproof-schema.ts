/**
 * What a file of Wycheproof must be before any of it runs: a kind of group or test that nobody here knows, and a member
 * that is not there, make the file unreadable. Nothing is passed over in silence.
 */
import * as z from "zod/mini";
import { hexadecimal, readValue, whole } from "../../registry/json.ts";
import { type JsonObject, UnreadableCorpus } from "./json.ts";

const text = z.string();
const size = whole(0, 0xffff_ffff);
const members = z.looseObject;

/** Of a group and of its tests, the members that a check reads of all of them; others may stand beside these. */
const read = {
  AeadTest: [
    members({ keySize: size, ivSize: size, tagSize: size }),
    members({
      key: hexadecimal,
      iv: hexadecimal,
      aad: hexadecimal,
      msg: hexadecimal,
      ct: hexadecimal,
      tag: hexadecimal,
    }),
  ],
  EcdhEcpointTest: [
    members({ curve: text }),
    members({ public: hexadecimal, private: hexadecimal, shared: hexadecimal }),
  ],
  EcdsaVerify: [
    members({ sha: text, publicKey: members({ curve: text, uncompressed: hexadecimal }) }),
    members({ msg: hexadecimal, sig: hexadecimal }),
  ],
  EddsaVerify: [
    members({ publicKey: members({ curve: text, pk: hexadecimal }) }),
    members({ msg: hexadecimal, sig: hexadecimal }),
  ],
  HkdfTest: [
    members({}),
    members({ ikm: hexadecimal, salt: hexadecimal, info: hexadecimal, size, okm: hexadecimal }),
  ],
  MacTest: [
    members({ tagSize: size }),
    members({ key: hexadecimal, msg: hexadecimal, tag: hexadecimal }),
  ],
  MLKEMEncapsTest: [members({ parameterSet: mlKem() }), members({ ek: hexadecimal })],
  MLKEMKeyGen: [members({ parameterSet: mlKem() }), members({ seed: hexadecimal })],
  MLKEMTest: [members({ parameterSet: mlKem() }), members({ seed: hexadecimal })],
  MlDsaSign: [members({}), members({})],
  MlDsaVerify: [
    members({ publicKey: hexadecimal }),
    members({ msg: hexadecimal, sig: hexadecimal }),
  ],
  RsassaPkcs1Verify: [
    members({ sha: text, publicKeyAsn: hexadecimal }),
    members({ msg: hexadecimal, sig: hexadecimal }),
  ],
  RsassaPssVerify: rsaPss(),
  RsassaPssWithParametersVerify: rsaPss(),
  XdhComp: [
    members({ curve: text }),
    members({ public: hexadecimal, private: hexadecimal, shared: hexadecimal }),
  ],
} as const;

function mlKem() {
  return z.enum(["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"]);
}

function rsaPss() {
  return [
    members({ sha: text, mgf: text, mgfSha: text, sLen: size, publicKeyAsn: hexadecimal }),
    members({ msg: hexadecimal, sig: hexadecimal }),
  ] as const;
}

/** Kinds that TLS 1.3 has no use for. */
const unused = [
  "BlsAggregateVerify",
  "BlsHashToG2",
  "BlsSigVerify",
  "ChunkedEncryption",
  "DaeadTest",
  "DsaP1363Verify",
  "DsaVerify",
  "EcCurveTest",
  "EcdhPemTest",
  "EcdhTest",
  "EcdhWebcryptoTest",
  "EcdsaBitcoinVerify",
  "EcdsaP1363Verify",
  "FpeListTest",
  "FpeStrTest",
  "IndCpaTest",
  "JsonWebCrypto",
  "JsonWebEncryption",
  "JsonWebKey",
  "JsonWebSignature",
  "KeywrapTest",
  "MacWithIvTest",
  "MLKEMDecapsValidationTest",
  "PbeTest",
  "PbkdfTest",
  "PrimalityTest",
  "RsaesOaepDecrypt",
  "RsaesPkcs1Decrypt",
  "RsassaPkcs1Generate",
  "XdhAsnComp",
  "XdhJwkComp",
  "XdhPemComp",
] as const;

const kinds = Object.keys(read) as (keyof typeof read)[];
/** What a kind of group is read by. */
export type ReadKind = keyof typeof read;

const file = members({
  algorithm: z.optional(text),
  schema: text,
  numberOfTests: z.optional(size),
  testGroups: z.array(
    members({
      type: z.enum([...kinds, ...unused]),
      tests: z.array(
        members({
          tcId: size,
          result: z.enum(["valid", "invalid", "acceptable"]),
          comment: z.optional(text),
          flags: z.optional(z.array(text)),
        }),
      ),
    }),
  ),
});

export interface WycheproofGroup {
  /** `undefined` for a kind that TLS 1.3 has no use for. */
  readonly kind: ReadKind | undefined;
  readonly type: string;
  readonly members: JsonObject;
  readonly tests: readonly (JsonObject & {
    readonly tcId: number;
    readonly result: "valid" | "invalid" | "acceptable";
  })[];
}

/** @throws UnreadableCorpus that says where the file is not as it should be */
export function readWycheproof(json: JsonObject): {
  readonly algorithm: string;
  readonly groups: readonly WycheproofGroup[];
} {
  const fail = (reason: string) => new UnreadableCorpus(reason);
  const { algorithm, schema, numberOfTests, testGroups } = readValue(json, file, fail);
  const groups = testGroups.map((group, index): WycheproofGroup => {
    const { type, tests, ...own } = group;
    const kind = kinds.find((name) => name === type);
    if (kind !== undefined) {
      const [ofGroup, ofTest] = read[kind];
      const where = `testGroups[${index}]`;
      const named = (place: string) => (reason: string) => fail(`${place}: ${reason}`);
      readValue(own, ofGroup as z.ZodMiniType, named(where), "the group");
      tests.forEach((test, at) =>
        readValue(test, ofTest as z.ZodMiniType, named(`${where}.tests[${at}]`), "the test"),
      );
    }
    return { kind, type, members: group, tests };
  });
  const found = groups.reduce((sum, { tests }) => sum + tests.length, 0);
  if (numberOfTests !== undefined && numberOfTests !== found) {
    throw fail(`numberOfTests: expected ${found}, which stand there, got ${numberOfTests}`);
  }
  // The JOSE files name a schema only
  return { algorithm: algorithm ?? schema, groups };
}
