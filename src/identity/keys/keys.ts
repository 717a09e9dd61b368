import { encapsulationKeyIn, mlKems } from "../../crypto/noble/kem.ts";
import { mlDsa } from "../../crypto/noble/ml-dsa.ts";
import { forSlhDsa, slhDsaParameters } from "../../crypto/parameters.ts";
import {
  type GeneratedKey,
  isOid,
  type KemKeyType,
  type KeyType,
  type PrivateKeyInfo,
  type SlhDsaName,
  type SubjectKeyType,
} from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { concat, DecodeError, equal } from "../../wire/index.ts";
import { readAlgorithm } from "./algorithm.ts";
import { type DerReader, readDer } from "../der/der-reader.ts";
import { constructed, primitive, Tag } from "../der/der-tags.ts";
import { bitString, der, octetString, oid, sequence, unsigned } from "../der/der-writer.ts";
import { AlgorithmOid } from "../../crypto/oids.ts";
import { decryptPrivateKey, wrongPassphrase } from "./encrypted-key.ts";
import { decodePem } from "../der/pem.ts";
import { encodeKeyAlgorithm, keyTypeOf, limitOf, Unsupported } from "./public-key.ts";

/** Which of the three forms of RFC 9881 §6 and RFC 9935 §6 an ML-DSA or ML-KEM private key is written in. */
export type PrivateKeyForm = "seed" | "expanded" | "both";

/** What a private key in a file needs to be read. */
export interface PrivateKeyOptions {
  /** For a key that is encrypted (PBES2); one that is not needs none. */
  readonly passphrase?: string;
}

const keyTable = { passphrase: check.text } satisfies check.OptionTable<PrivateKeyOptions>;

/**
 * Reads a private key: PKCS#8 (RFC 5958), SEC 1 (RFC 5915) or PKCS#1 (RFC 8017 §A.1.2), as PEM text
 * that holds one key, or as DER.
 * @throws TlsError `misuse` that says what is wrong with the key
 */
export function parsePrivateKey(
  input: string | Uint8Array,
  options: PrivateKeyOptions = {},
): PrivateKeyInfo {
  check.checkOptions("parsePrivateKey", options, keyTable);
  const { passphrase } = options;
  const bytes = typeof input === "string" ? privateKeyBlock(input) : Uint8Array.from(input);
  try {
    if (!isEncrypted(bytes)) return readPkcs8(toPkcs8(bytes));
    if (passphrase === undefined) throw needsPassphrase();
    return readDecrypted(decryptPrivateKey(bytes, passphrase));
  } catch (error) {
    if (error instanceof DecodeError) {
      throw unusable(error.reason, error.path || "PrivateKeyInfo", error);
    }
    if (error instanceof Unsupported) throw unusable(error.message, "privateKeyAlgorithm", error);
    throw error;
  }
}

const unusable = (reason: string, where: string, cause: Error): TlsError =>
  new TlsError("misuse", `unusable private key: ${reason}`, {
    where,
    section: "RFC 5958 §2",
    cause,
  });

/** With a wrong passphrase the padding is right once in 256 times, and what stands before it is noise. */
function readDecrypted(pkcs8: Uint8Array): PrivateKeyInfo {
  try {
    return readPkcs8(pkcs8);
  } catch (error) {
    throw error instanceof DecodeError ? wrongPassphrase(error) : error;
  }
}

/** EncryptedPrivateKeyInfo (RFC 5958 §3) begins with an algorithm, where the others have a version. */
const isEncrypted = (bytes: Uint8Array): boolean =>
  readDer(bytes, (reader) =>
    reader.sequence("PrivateKeyInfo", (contents) => {
      const { tag } = contents;
      contents.rest();
      return tag === Tag.sequence;
    }),
  );

const needsPassphrase = (): TlsError =>
  new TlsError("misuse", "the private key is encrypted, and no passphrase is given", {
    where: "EncryptedPrivateKeyInfo",
    section: "RFC 5958 §3",
  });

/**
 * Puts a generated key into PKCS#8.
 * @param form for ML-DSA and ML-KEM; the others have one form only
 */
export function encodePrivateKey(key: GeneratedKey, form: PrivateKeyForm = "both"): PrivateKeyInfo {
  const pkcs8 = wrap(encodeKeyAlgorithm(key.type), formatOf(key.type).encode(key, form));
  return {
    type: key.type,
    key: key.privateKey,
    pkcs8,
    ...(key.seed === undefined || form === "expanded" ? {} : { seed: key.seed }),
  };
}

const wrap = (algorithm: Uint8Array, contents: Uint8Array): Uint8Array =>
  sequence(unsigned(0), algorithm, octetString(contents));

function encodeLattice({ type, privateKey, seed }: GeneratedKey, form: PrivateKeyForm): Uint8Array {
  if (form === "expanded") return octetString(privateKey);
  if (seed === undefined) {
    throw new TlsError("misuse", `the seed of this ${type} key is not known`, {
      expected: 'the form "expanded"',
      received: `"${form}"`,
      section: sectionOf(type, 6),
    });
  }
  return form === "seed"
    ? der(primitive(0), seed)
    : sequence(octetString(seed), octetString(privateKey));
}

function privateKeyBlock(text: string): Uint8Array {
  const blocks = decodePem(text);
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    throw new TlsError("misuse", `found ${keys.length} PRIVATE KEY blocks`, {
      expected: "exactly one",
      received: `PEM with ${blocks.map(({ label }) => label).join(", ")}`,
    });
  }
  return key.der;
}

/** Wraps the two older forms. What follows the version tells the three apart. */
function toPkcs8(bytes: Uint8Array): Uint8Array {
  return readDer(bytes, (reader) =>
    reader.sequence("PrivateKeyInfo", (contents) => {
      contents.count("version");
      const { tag } = contents;
      if (tag === Tag.integer) {
        contents.rest();
        return wrap(encodeKeyAlgorithm("rsa"), bytes);
      }
      if (tag !== Tag.octetString) {
        contents.rest();
        return bytes;
      }
      contents.octetString("privateKey");
      // RFC 5915 §3: outside PKCS#8 the parameters are what names the curve.
      const curve = contents.optional(constructed(0), "parameters", (inner) => inner.rest());
      contents.rest();
      if (curve === undefined) throw new Unsupported("the EC PRIVATE KEY does not name its curve");
      return wrap(sequence(oid(AlgorithmOid.ecPublicKey), curve), bytes);
    }),
  );
}

/** OneAsymmetricKey (RFC 5958 §2). */
function readPkcs8(pkcs8: Uint8Array): PrivateKeyInfo {
  return readDer(pkcs8, (reader) =>
    reader.sequence("PrivateKeyInfo", (contents) => {
      contents.count("version");
      const algorithm = readAlgorithm(contents, "privateKeyAlgorithm");
      const type = keyTypeOf(algorithm);
      const key = contents.read(Tag.octetString, "privateKey", (inner) =>
        formatOf(type).read(inner),
      );
      contents.optional(constructed(0), "attributes", (inner) => inner.rest());
      contents.optional(primitive(1), "publicKey", (inner) => inner.rest());
      // ring wrote it so before 0.17, as did those who generate keys by it
      contents.optional(constructed(1), "publicKey", (inner) => inner.rest());
      const { contents: modern, ...fields } = key;
      const whole = modern === undefined ? pkcs8 : wrap(encodeKeyAlgorithm(type), modern);
      return { type, pkcs8: whole, ...fields, ...limitOf(type, algorithm) };
    }),
  );
}

interface KeyContents extends Pick<PrivateKeyInfo, "key" | "seed"> {
  /** What the OCTET STRING should hold, where it held an older form. */
  readonly contents?: Uint8Array;
}

/** What the OCTET STRING of PKCS#8 holds for a type of key. */
interface Format {
  encode(key: GeneratedKey, form: PrivateKeyForm): Uint8Array;
  read(reader: DerReader): KeyContents;
}

/** RSAPrivateKey as it stands (RFC 8017 §A.1.2). */
const rsa: Format = {
  encode: ({ privateKey }) => privateKey,
  read: (reader) => ({ key: reader.element("RSAPrivateKey") }),
};

/**
 * ECPrivateKey (RFC 5915 §3): the scalar has as many bytes as the order. Some writers drop its leading
 * zeros, and GnuTLS writes it as an INTEGER, with a zero before a first bit that is set.
 */
const ellipticCurve = (length: number): Format => ({
  encode: ({ privateKey, publicKey }) =>
    sequence(unsigned(1), octetString(privateKey), der(constructed(1), bitString(publicKey))),
  read: (reader) =>
    reader.sequence("ECPrivateKey", (contents) => {
      contents.count("version");
      const scalar = contents.octetString("privateKey");
      contents.rest();
      const start = scalar.findIndex((octet) => octet !== 0);
      const digits = start < 0 ? new Uint8Array() : scalar.subarray(start);
      const zeros = new Uint8Array(Math.max(0, length - digits.length));
      return { key: exactly(length, concat(zeros, digits)) };
    }),
});

/** CurvePrivateKey (RFC 8410 §7): an OCTET STRING within the OCTET STRING. */
const edwardsCurve = (length: number): Format => ({
  encode: ({ privateKey }) => octetString(privateKey),
  read: (reader) => ({ key: exactly(length, reader.octetString("CurvePrivateKey")) }),
});

/** The choice of RFC 9881 §6 and RFC 9935 §6 by its tag. */
const mlDsaFormat = (type: keyof typeof mlDsa): Format => ({
  encode: encodeLattice,
  read: (reader) => readOlderMlDsa(type, reader) ?? readLattice(latticeOf(type), reader),
});

const mlKemFormat = (type: keyof typeof mlKems): Format => ({
  encode: encodeLattice,
  read: (reader) => readLattice(latticeOf(type), reader),
});

/** RFC 9909 §6: SK.seed ‖ SK.prf ‖ PK.seed ‖ PK.root, without a wrapper. */
const hashBased = (name: SlhDsaName): Format => ({
  encode: ({ privateKey }) => privateKey,
  read: (reader) => ({ key: exactly(slhDsaParameters(name).privateKeyLength, reader.rest()) }),
});

/** A type of somebody's own has its key without a wrapper, as the newest ones do. */
const formatOf = (type: SubjectKeyType): Format => (isOid(type) ? bare : formats[type]);

const bare: Format = {
  encode: ({ privateKey }) => privateKey,
  read: (reader) => ({ key: reader.rest() }),
};

const formats: Readonly<Record<KeyType | KemKeyType, Format>> = {
  secp256r1: ellipticCurve(32),
  secp384r1: ellipticCurve(48),
  secp521r1: ellipticCurve(66),
  ed25519: edwardsCurve(32),
  ed448: edwardsCurve(57),
  rsa,
  "rsa-pss": rsa,
  "ML-DSA-44": mlDsaFormat("ML-DSA-44"),
  "ML-DSA-65": mlDsaFormat("ML-DSA-65"),
  "ML-DSA-87": mlDsaFormat("ML-DSA-87"),
  ...forSlhDsa(hashBased),
  x25519: edwardsCurve(32),
  "ML-KEM-512": mlKemFormat("ML-KEM-512"),
  "ML-KEM-768": mlKemFormat("ML-KEM-768"),
  "ML-KEM-1024": mlKemFormat("ML-KEM-1024"),
};

/** A key that follows from a seed (FIPS 203, FIPS 204). */
interface Lattice {
  readonly type: KeyType | KemKeyType;
  readonly seedLength: number;
  readonly keyLength: number;
  expand(seed: Uint8Array): Uint8Array;
  /** Throws anything for an expanded key that cannot be. */
  check(key: Uint8Array): void;
}

function latticeOf(type: keyof typeof mlDsa | keyof typeof mlKems): Lattice {
  const isKem = type in mlKems;
  const library = { ...mlDsa, ...mlKems }[type];
  return {
    type,
    seedLength: library.lengths.seed ?? 0,
    keyLength: library.lengths.secretKey ?? 0,
    expand: (seed) => library.keygen(seed).secretKey,
    check: (key) => isKem && void encapsulationKeyIn(type as keyof typeof mlKems, key),
  };
}

const sectionOf = (type: SubjectKeyType, section: number): string =>
  `RFC ${type in mlKems ? 9935 : 9881} §${section}`;

function readLattice(lattice: Lattice, reader: DerReader): KeyContents {
  const { seedLength, keyLength, expand } = lattice;
  if (reader.tag === Tag.octetString) {
    return { key: checked(lattice, exactly(keyLength, reader.octetString("expandedKey"))) };
  }
  if (reader.tag === primitive(0)) {
    const seed = exactly(
      seedLength,
      reader.read(primitive(0), "seed", (inner) => inner.rest()),
    );
    return { key: expand(seed), seed };
  }
  return reader.sequence("both", (both) => {
    const seed = exactly(seedLength, both.octetString("seed"));
    const key = exactly(keyLength, both.octetString("expandedKey"));
    // RFC 9881 §8.2, RFC 9935 §8: a key whose two halves do not belong together is not to be used.
    if (!equal(expand(seed), key)) {
      const section = sectionOf(lattice.type, lattice.type in mlKems ? 8 : 8.2);
      throw new DecodeError(`the expanded key does not follow from the seed (${section})`);
    }
    return { key, seed };
  });
}

/** FIPS 203 §7.3: an expanded key of ML-KEM is used only if its hash is right. */
function checked({ check: checkKey }: Lattice, key: Uint8Array): Uint8Array {
  try {
    checkKey(key);
    return key;
  } catch (cause) {
    throw new DecodeError(cause instanceof Error ? cause.message : String(cause));
  }
}

/**
 * How tools wrote ML-DSA keys before RFC 9881, and OpenSSL 3.5 still reads them: the seed or the expanded
 * key without a wrapper, and the expanded key with the public key after it, as liboqs has it. Each has a
 * length that no form of the RFC has.
 */
function readOlderMlDsa(type: keyof typeof mlDsa, reader: DerReader): KeyContents | undefined {
  const { lengths, keygen, getPublicKey } = mlDsa[type];
  const { secretKey = 0, publicKey = 0, seed: seedLength = 0 } = lengths;
  const length = reader.end - reader.position;
  if (length === seedLength) {
    const seed = reader.rest();
    return { key: keygen(seed).secretKey, seed, contents: der(primitive(0), seed) };
  }
  if (length === secretKey) {
    const key = reader.rest();
    return { key, contents: octetString(key) };
  }
  if (length !== liboqsHeader + secretKey + publicKey) return undefined;
  const pair = exactly(secretKey + publicKey, reader.octetString("keyPair"));
  const key = pair.subarray(0, secretKey);
  if (!equal(getPublicKey(key), pair.subarray(secretKey))) {
    throw new DecodeError("the public key does not follow from the private one");
  }
  return { key, contents: octetString(key) };
}

/** Identifier and length of an OCTET STRING of 256 to 65535 bytes. */
const liboqsHeader = 4;

function exactly(length: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== length) {
    throw new DecodeError(`the private key must have ${length} bytes, got ${bytes.length}`);
  }
  return bytes;
}
