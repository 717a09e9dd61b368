import { forSlhDsa, hashLengths, slhDsaNames } from "../../crypto/parameters.ts";
import {
  type HashName,
  isKemKeyType,
  isOid,
  type KeyType,
  type Oid,
  type SignatureName,
  type SubjectKeyType,
} from "../../crypto/provider.ts";
import { TlsError } from "../../registry/index.ts";
import { type DerReader, readDer } from "../der/der-reader.ts";
import { constructed, Tag } from "../der/der-tags.ts";
import { der, oid, sequence, unsigned } from "../der/der-writer.ts";
import { AlgorithmOid, isAssigned, slhDsaOids } from "../../crypto/oids.ts";

/** AlgorithmIdentifier (RFC 5280 §4.1.1.2): both parts as they stand. */
export interface AlgorithmIdentifier {
  readonly oid: string;
  /** The whole parameters element, if there is one. */
  readonly parameters: Uint8Array | undefined;
}

export function readAlgorithm(reader: DerReader, field: string): AlgorithmIdentifier {
  return reader.sequence(field, (contents) => ({
    oid: contents.oid("algorithm"),
    parameters: contents.atEnd ? undefined : contents.element("parameters"),
  }));
}

/** What the parameters of an algorithm must be: nothing, NULL, or RSASSA-PSS-params over that hash. */
type Parameters = "absent" | "null" | HashName;

interface SignatureEntry {
  readonly name: SignatureName;
  readonly oid: string;
  readonly parameters: Parameters;
}

/**
 * The signature algorithms of certificates: the one table for reading and writing. What is not here
 * is not accepted: MD5, SHA-1 and DSA above all (RFC 9846 §4.3.3, §4.5.1.2).
 */
const signatures: readonly SignatureEntry[] = [
  { name: "ecdsa_sha256", oid: AlgorithmOid.ecdsaWithSHA256, parameters: "absent" },
  { name: "ecdsa_sha384", oid: AlgorithmOid.ecdsaWithSHA384, parameters: "absent" },
  { name: "ecdsa_sha512", oid: AlgorithmOid.ecdsaWithSHA512, parameters: "absent" },
  { name: "ed25519", oid: AlgorithmOid.ed25519, parameters: "absent" },
  { name: "ed448", oid: AlgorithmOid.ed448, parameters: "absent" },
  { name: "rsa_pkcs1_sha256", oid: AlgorithmOid.sha256WithRSAEncryption, parameters: "null" },
  { name: "rsa_pkcs1_sha384", oid: AlgorithmOid.sha384WithRSAEncryption, parameters: "null" },
  { name: "rsa_pkcs1_sha512", oid: AlgorithmOid.sha512WithRSAEncryption, parameters: "null" },
  { name: "rsa_pss_sha256", oid: AlgorithmOid.rsassaPss, parameters: "sha256" },
  { name: "rsa_pss_sha384", oid: AlgorithmOid.rsassaPss, parameters: "sha384" },
  { name: "rsa_pss_sha512", oid: AlgorithmOid.rsassaPss, parameters: "sha512" },
  { name: "ML-DSA-44", oid: AlgorithmOid.mlDsa44, parameters: "absent" },
  { name: "ML-DSA-65", oid: AlgorithmOid.mlDsa65, parameters: "absent" },
  { name: "ML-DSA-87", oid: AlgorithmOid.mlDsa87, parameters: "absent" },
  ...slhDsaNames.map((name) => ({ name, oid: slhDsaOids[name], parameters: "absent" as const })),
];

/**
 * The primitive behind an algorithm; `undefined` if it is never accepted, or its parameters are not as they must
 * be. One that has no name here is named by its identifier: whether anybody can verify it, the provider knows.
 */
export function signatureNameOf(algorithm: AlgorithmIdentifier): SignatureName | Oid | undefined {
  if (isUnnamed(algorithm)) return algorithm.oid;
  const parameters = parametersOf(algorithm);
  return signatures.find(
    (entry) =>
      entry.oid === algorithm.oid &&
      (entry.parameters === parameters ||
        // RFC 4055 §5: absent parameters are accepted where NULL is to be written.
        (entry.parameters === "null" && parameters === "absent")),
  )?.name;
}

export const signatureNames: readonly SignatureName[] = signatures.map(({ name }) => name);

/** What has no name here is an algorithm of somebody's own, which has no parameters, as all newer ones. */
export const isUnnamed = (
  algorithm: AlgorithmIdentifier,
): algorithm is AlgorithmIdentifier & { readonly oid: Oid } =>
  algorithm.parameters === undefined && !isAssigned(algorithm.oid);

export function encodeSignatureAlgorithm(name: SignatureName | Oid): Uint8Array {
  if (isOid(name)) return sequence(oid(name));
  const entry = signatures.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new TypeError(`no X.509 identifier for ${name}`);
  return sequence(oid(entry.oid), ...encodeParameters(entry.parameters));
}

/**
 * The hash that the RSASSA-PSS parameters of a signature ask for; `undefined` if there are none or they
 * are not acceptable.
 */
export function pssHash(parameters: Uint8Array | undefined): HashName | undefined {
  const { hash, saltLength } = parameters === undefined ? noPss : readPss(parameters);
  // RFC 9846 §4.3.3: the salt is as long as the digest.
  return hash !== undefined && saltLength === hashLengths[hash] ? hash : undefined;
}

/**
 * The only hash that the RSASSA-PSS parameters of a key allow; `undefined` if TLS has no use for them.
 * The salt length of a key is the least that its signatures may have (RFC 4055 §3.3).
 */
export function pssKeyHash(parameters: Uint8Array): HashName | undefined {
  const { hash, saltLength } = readPss(parameters);
  return hash !== undefined && saltLength <= hashLengths[hash] ? hash : undefined;
}

interface Pss {
  /** Absent where hash, mask or trailer are such that TLS does not use them. */
  readonly hash: HashName | undefined;
  readonly saltLength: number;
}

const noPss: Pss = { hash: undefined, saltLength: 0 };

/** RSASSA-PSS-params (RFC 4055 §3.1). */
const readPss = (parameters: Uint8Array): Pss =>
  readDer(parameters, (reader) =>
    reader.sequence("parameters", (contents) => {
      const hash = contents.optional(constructed(0), "hashAlgorithm", readHash);
      const mask = contents.optional(constructed(1), "maskGenAlgorithm", (inner) =>
        inner.sequence("", (mgf) =>
          mgf.oid("algorithm") === AlgorithmOid.mgf1 ? readHash(mgf) : void mgf.rest(),
        ),
      );
      const saltLength =
        contents.optional(constructed(2), "saltLength", (inner) => inner.count("")) ?? 20;
      const trailer =
        contents.optional(constructed(3), "trailerField", (inner) => inner.count("")) ?? 1;
      // RFC 9846 §4.3.3: MGF1 with the same hash.
      return { hash: mask === hash && trailer === 1 ? hash : undefined, saltLength };
    }),
  );

/** How a key signs certificates, unless the caller chooses. One of somebody's own is named as its signatures are. */
export function usualSignatureOf(type: SubjectKeyType): SignatureName | Oid {
  const signing = signingType(type);
  return isOid(signing) ? signing : usualSignature[signing];
}

/** @throws TlsError `misuse` for a key that does not sign */
export function signingType(type: SubjectKeyType): KeyType | Oid {
  if (!isKemKeyType(type)) return type;
  throw new TlsError("misuse", `a key of type ${type} does not sign`, {
    expected: "a key that signs: one for encapsulation has a certificate, and issues none",
  });
}

const usualSignature: Readonly<Record<KeyType, SignatureName>> = {
  secp256r1: "ecdsa_sha256",
  secp384r1: "ecdsa_sha384",
  secp521r1: "ecdsa_sha512",
  ed25519: "ed25519",
  ed448: "ed448",
  rsa: "rsa_pkcs1_sha256",
  "rsa-pss": "rsa_pss_sha256",
  "ML-DSA-44": "ML-DSA-44",
  "ML-DSA-65": "ML-DSA-65",
  "ML-DSA-87": "ML-DSA-87",
  ...forSlhDsa((name) => name),
};

/** All types of key that sign. */
export const keyTypeNames = Object.keys(usualSignature) as readonly KeyType[];

const nullParameters = der(Tag.null);

function parametersOf(algorithm: AlgorithmIdentifier): Parameters | undefined {
  const { parameters } = algorithm;
  if (algorithm.oid === AlgorithmOid.rsassaPss) return pssHash(parameters);
  if (parameters === undefined) return "absent";
  return parameters.length === 2 && parameters[0] === Tag.null ? "null" : undefined;
}

function encodeParameters(parameters: Parameters): Uint8Array[] {
  if (parameters === "absent") return [];
  if (parameters === "null") return [nullParameters];
  const hash = sequence(oid(AlgorithmOid[parameters]));
  return [
    sequence(
      der(constructed(0), hash),
      der(constructed(1), sequence(oid(AlgorithmOid.mgf1), hash)),
      der(constructed(2), unsigned(hashLengths[parameters])),
    ),
  ];
}

function readHash(reader: DerReader): HashName | undefined {
  const { oid: dotted } = readAlgorithm(reader, "hash");
  return (["sha256", "sha384", "sha512"] as const).find((name) => AlgorithmOid[name] === dotted);
}
