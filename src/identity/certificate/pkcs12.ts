/**
 * PKCS #12 (RFC 7292): a key and its certificates in one file under a passphrase, as browsers, Java and Windows take
 * them. Written with PBES2 and a MAC whose key comes by the derivation of Appendix B, as OpenSSL 3 does; read also with
 * 3DES, as older ones write it, where the caller has that cipher, and in BER, as NSS does. RC2 is not read.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { PrivateKeyInfo } from "../../crypto/provider.ts";
import { TlsError } from "../../registry/index.ts";
import { concat, concatAll, DecodeError, equal, wipe } from "../../wire/index.ts";
import { derOfBer } from "../der/ber.ts";
import { type DerReader, readDer } from "../der/der-reader.ts";
import { constructed, primitive, Tag } from "../der/der-tags.ts";
import { der, octetString, oid, sequence, unsigned } from "../der/der-writer.ts";
import { PasswordOid, Pkcs12Oid } from "../der/oids.ts";
import { readAlgorithm } from "../keys/algorithm.ts";
import {
  checkEncryption,
  decryptPrivateKey,
  type EncryptionOptions,
  encryptPrivateKey,
  standardIterations,
  wrongPassphrase,
} from "../keys/encrypted-key.ts";
import { parsePrivateKey } from "../keys/keys.ts";
import { publicKeyOf } from "../keys/public-key-of.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { sameName } from "./distinguished-name.ts";

/** A key with the certificates that go with it: the leaf, those above it in their order, and any others. */
export interface KeyStore {
  /** Leaf first. */
  readonly certificates: readonly Certificate[];
  /** The leaf's private key. */
  readonly privateKey: PrivateKeyInfo;
}

/** How a file is read. */
export interface Pkcs12Options {
  /** `undefined`: an empty one, which is written in two ways; both are tried. */
  readonly passphrase?: string | undefined;
  /**
   * Opens 3DES in CBC mode with a key of 24 bytes and an IV of 8, and takes the padding off; it throws for a wrong one.
   * Without it a file that needs it is refused.
   */
  readonly openTripleDes?: OpenTripleDes;
}

/** As `openTripleDes` of {@link Pkcs12Options}. */
export type OpenTripleDes = (key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array) => Uint8Array;

/** Rounds that are done for a file, all its parts together; more would only keep us busy. */
const mostRounds = 6_000_000;

/** @throws TlsError `misuse` once more rounds are wanted in all than are done */
type Spend = (rounds: number) => void;

function budget(): Spend {
  let left = mostRounds;
  return (rounds) => {
    left -= rounds;
    if (left < 0) throw unusable(`it wants more than ${mostRounds} rounds in all`);
  };
}

/**
 * Writes a key with its certificates. Encryption and MAC have as many rounds: who guesses takes the cheaper one.
 * @returns PFX in DER
 * @throws TypeError or RangeError for options that cannot be
 */
export function writePkcs12(
  store: KeyStore,
  passphrase: string,
  options: EncryptionOptions,
): Uint8Array {
  checkEncryption(options, "writePkcs12");
  const { certificates, privateKey } = store;
  const { provider, iterations = standardIterations } = options;
  const encrypt = (content: Uint8Array): Uint8Array =>
    encryptPrivateKey({ pkcs8: content }, passphrase, { provider, iterations });
  // What belongs together has one localKeyID (RFC 7292 §4.2.2)
  const keyId = der(
    Tag.set,
    sequence(oid(Pkcs12Oid.localKeyId), der(Tag.set, octetString(Uint8Array.of(1)))),
  );
  const bags = certificates.map(({ der: encoded }, at) =>
    sequence(
      oid(Pkcs12Oid.certBag),
      der(
        constructed(0),
        sequence(oid(Pkcs12Oid.x509Certificate), der(constructed(0), octetString(encoded))),
      ),
      ...(at === 0 ? [keyId] : []),
    ),
  );
  const keyBag = sequence(
    oid(Pkcs12Oid.shroudedKeyBag),
    der(constructed(0), encrypt(privateKey.pkcs8)),
    keyId,
  );
  const safe = sequence(encryptedData(encrypt(sequence(...bags))), data(sequence(keyBag)));
  const salt = provider.random(16);
  const mac = macOf({ hash: sha256, password: bmpString(passphrase), salt, iterations }, safe);
  return sequence(
    unsigned(3),
    data(safe),
    sequence(
      sequence(sequence(oid(Pkcs12Oid.sha256), der(Tag.null)), octetString(mac)),
      octetString(salt),
      unsigned(iterations),
    ),
  );
}

/**
 * Reads a key with its certificates. Nothing is believed before the MAC was right.
 * @param pfx - DER or BER
 * @throws TlsError `misuse` for a wrong passphrase, an encryption that is not supported, what is not a PFX in DER, and what
 *   does not have one key and its certificate
 */
export function readPkcs12(pfx: Uint8Array, options: Pkcs12Options): KeyStore {
  try {
    return read(pfx, options);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw unusable(`${error.message}, where DER of PKCS #12 was expected`);
  }
}

function read(pfx: Uint8Array, options: Pkcs12Options): KeyStore {
  const { safe, mac } = readDer(derOfBer(pfx), (reader) =>
    reader.sequence("PFX", (contents) => {
      if (contents.count("version") !== 3) throw unusable("it is not of version 3");
      return {
        safe: dataIn(contents, "authSafe"),
        mac: contents.atEnd ? undefined : macIn(contents),
      };
    }),
  );
  if (mac === undefined) throw unusable("it has no MAC, and anybody may have changed it");
  const { passphrase } = options;
  // Nobody agrees how no passphrase is written: with the zero at its end, or without (Appendix B.1)
  const forms = passphrase ? [bmpString(passphrase)] : [bmpString(""), new Uint8Array(0)];
  const spend = budget();
  const password = forms.find((form) => {
    spend(mac.iterations);
    return equal(macOf({ ...mac, password: form }, safe), mac.value);
  });
  if (password === undefined) {
    throw unusable("the passphrase is wrong, or somebody has changed it");
  }
  const opening = { ...options, passphrase: passphrase ?? "", password, spend };
  const bags = readDer(derOfBer(safe), (reader) =>
    reader.sequence("AuthenticatedSafe", (parts) => parts.each(0, (part) => bagsIn(part, opening))),
  ).flat();
  const keys = bags.flatMap(({ key: own }) => (own === undefined ? [] : [own]));
  const [key] = keys;
  if (key === undefined || keys.length > 1)
    throw unusable(`it has ${keys.length} keys, and not one`);
  const privateKey = parsePrivateKey(key);
  const certificates = bags.flatMap(({ certificate }) => certificate ?? []);
  const { spki } = publicKeyOf(privateKey);
  const leaf = certificates.find(({ publicKey }) => equal(publicKey.spki, spki));
  if (leaf === undefined) throw unusable("it has no certificate for its key");
  return { privateKey, certificates: inOrder(leaf, certificates) };
}

/** The leaf, then the issuer of each, then what is left: a file may have them in any order. */
function inOrder(leaf: Certificate, all: readonly Certificate[]): Certificate[] {
  const chain = [leaf];
  const left = new Set(all);
  left.delete(leaf);
  // It grows while it is walked
  for (const { issuer } of chain) {
    const above = [...left].find(({ subject }) => sameName(subject, issuer));
    if (above === undefined) break;
    left.delete(above);
    chain.push(above);
  }
  return [...chain, ...left];
}

interface Bag {
  readonly key?: Uint8Array;
  readonly certificate?: Certificate;
}

/** What opens the parts of a file. */
interface Opening extends Pkcs12Options {
  readonly passphrase: string;
  /** The passphrase as Appendix B.1 writes it. */
  readonly password: Uint8Array;
  readonly spend: Spend;
}

function bagsIn(part: DerReader, opening: Opening): Bag[] {
  const contents = part.sequence("ContentInfo", (info) => {
    const type = info.oid("contentType");
    if (type === Pkcs12Oid.data)
      return info.read(constructed(0), "content", (own) => own.octetString("Data"));
    if (type !== Pkcs12Oid.encryptedData) throw unusable(`a part of it is of the type ${type}`);
    return info.read(constructed(0), "content", (own) =>
      own.sequence("EncryptedData", (encrypted) => {
        encrypted.count("version");
        return encrypted.sequence("EncryptedContentInfo", (inner) => {
          inner.oid("contentType");
          const algorithm = inner.element("contentEncryptionAlgorithm");
          const ciphertext = encryptedContent(inner);
          return decrypt(sequence(algorithm, octetString(ciphertext)), opening);
        });
      }),
    );
  });
  return readDer(derOfBer(contents), (reader) =>
    reader.sequence("SafeContents", (bags) => bags.each(0, (bag) => bagIn(bag, opening))),
  );
}

/** Whole, or in pieces (X.690 §8.7.3, §8.14). */
const encryptedContent = (reader: DerReader): Uint8Array =>
  reader.tag === constructed(0)
    ? reader.read(constructed(0), "encryptedContent", (pieces) =>
        concatAll(pieces.each(1, (piece, at) => piece.octetString(at))),
      )
    : reader.read(primitive(0), "encryptedContent", (all) => all.rest());

const bagIn = (reader: DerReader, opening: Opening): Bag =>
  reader.sequence("SafeBag", (bag) => {
    const type = bag.oid("bagId");
    const value = bag.read(constructed(0), "bagValue", (inner) => inner.element("bagValue"));
    bag.rest();
    if (type === Pkcs12Oid.keyBag) return { key: value };
    if (type === Pkcs12Oid.shroudedKeyBag) return { key: decrypt(value, opening) };
    if (type !== Pkcs12Oid.certBag) return {};
    return readDer(value, (certBag) =>
      certBag.sequence("CertBag", (inner) => {
        const isX509 = inner.oid("certId") === Pkcs12Oid.x509Certificate;
        const encoded = inner.read(constructed(0), "certValue", (own) =>
          own.octetString("certValue"),
        );
        return isX509 ? { certificate: parseCertificate(encoded, "certBag") } : {};
      }),
    );
  });

/**
 * @param encrypted EncryptedPrivateKeyInfo, which has the algorithm and the ciphertext
 * @throws DecodeError, or TlsError `misuse` for another algorithm
 */
function decrypt(encrypted: Uint8Array, opening: Opening): Uint8Array {
  const { algorithm, ciphertext } = readDer(encrypted, (reader) =>
    reader.sequence("EncryptedPrivateKeyInfo", (contents) => ({
      algorithm: readAlgorithm(contents, "encryptionAlgorithm"),
      ciphertext: contents.octetString("encryptedData"),
    })),
  );
  const { openTripleDes: open, passphrase, password, spend } = opening;
  if (algorithm.oid === PasswordOid.pbes2) return decryptPrivateKey(encrypted, passphrase, spend);
  if (algorithm.oid !== Pkcs12Oid.tripleDes || open === undefined) {
    throw unusable(
      `its encryption is not supported (${algorithm.oid}); write it anew with OpenSSL: ` +
        "`pkcs12 -legacy -in old.p12 -noenc -out all.pem`, `pkcs12 -export -in all.pem -out new.p12`",
    );
  }
  const { salt, iterations } = readDer(algorithm.parameters ?? new Uint8Array(0), (reader) =>
    reader.sequence("pkcs-12PbeParams", (contents) => ({
      salt: contents.octetString("salt"),
      iterations: roundsIn(contents),
    })),
  );
  spend(2 * iterations);
  // RFC 7292 Appendix C, with the identifiers of Appendix B.3
  const terms = { hash: sha1, password, salt, iterations };
  const [key, iv] = [derive(1, terms, 24), derive(2, terms, 8)];
  try {
    return open(key, iv, ciphertext);
  } catch (cause) {
    throw wrongPassphrase(cause);
  } finally {
    wipe(key);
  }
}

type Hash = typeof sha1 | typeof sha256 | typeof sha512;

const hashes: ReadonlyMap<string, Hash> = new Map<string, Hash>([
  [Pkcs12Oid.sha1, sha1],
  [Pkcs12Oid.sha256, sha256],
  [Pkcs12Oid.sha384, sha384],
  [Pkcs12Oid.sha512, sha512],
]);

const macIn = (reader: DerReader) =>
  reader.sequence("MacData", (contents) => {
    const { hash, value } = contents.sequence("mac", (digest) => {
      const { oid: id } = readAlgorithm(digest, "digestAlgorithm");
      const known = hashes.get(id);
      if (known === undefined) throw unusable(`its MAC is of a kind that is not read (${id})`);
      return { hash: known, value: digest.octetString("digest") };
    });
    const salt = contents.octetString("macSalt");
    return { hash, value, salt, iterations: contents.atEnd ? 1 : roundsIn(contents) };
  });

function roundsIn(reader: DerReader): number {
  const rounds = reader.count("iterations");
  if (rounds >= 1 && rounds <= mostRounds) return rounds;
  throw unusable(`it wants ${rounds} rounds, where 1 to ${mostRounds} are done`);
}

interface Terms {
  readonly hash: Hash;
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

const macOf = (terms: Terms, content: Uint8Array): Uint8Array =>
  hmac(terms.hash, derive(3, terms, terms.hash.outputLen), content);

/**
 * The derivation of RFC 7292 Appendix B.2.
 * @param id what the result is for (Appendix B.3): 1 a key, 2 an IV, 3 the key of a MAC
 * @param length bytes
 */
function derive(id: 1 | 2 | 3, terms: Terms, length: number): Uint8Array {
  const { hash, password, salt, iterations } = terms;
  const { blockLen: block, outputLen } = hash;
  const filled = (bytes: Uint8Array): Uint8Array =>
    Uint8Array.from(
      { length: block * Math.ceil(bytes.length / block) },
      (_, at) => bytes[at % bytes.length]!,
    );
  const diversifier = new Uint8Array(block).fill(id);
  const input = concat(filled(salt), filled(password));
  const derived = new Uint8Array(length);
  for (let at = 0; at < length; at += outputLen) {
    let digest = hash(concat(diversifier, input));
    for (let round = 1; round < iterations; round++) digest = hash(digest);
    derived.set(digest.subarray(0, length - at), at);
    // (6C): each block of the input, as a number, becomes larger by the digest and one
    const step = filled(digest);
    for (let start = 0; start < input.length; start += block) {
      let carry = 1;
      for (let octet = block - 1; octet >= 0; octet--) {
        carry += input[start + octet]! + step[octet]!;
        input[start + octet] = carry;
        carry >>= 8;
      }
    }
  }
  return derived;
}

/** A BMPString with a zero at its end (RFC 7292 Appendix B.1). */
function bmpString(text: string): Uint8Array {
  const ended = `${text}\0`;
  return Uint8Array.from(
    { length: 2 * ended.length },
    (_, at) => ended.charCodeAt(at >> 1) >> (at % 2 === 0 ? 8 : 0),
  );
}

const data = (content: Uint8Array): Uint8Array =>
  sequence(oid(Pkcs12Oid.data), der(constructed(0), octetString(content)));

const dataIn = (reader: DerReader, field: string): Uint8Array =>
  reader.sequence(field, (info) => {
    if (info.oid("contentType") !== Pkcs12Oid.data)
      throw unusable("its integrity is by a signature");
    return info.read(constructed(0), "content", (own) => own.octetString("Data"));
  });

/** @param encrypted EncryptedPrivateKeyInfo, which has the algorithm and the ciphertext */
const encryptedData = (encrypted: Uint8Array): Uint8Array => {
  const [algorithm, ciphertext] = readDer(encrypted, (reader) =>
    reader.sequence("EncryptedPrivateKeyInfo", (contents) => [
      contents.element("encryptionAlgorithm"),
      contents.octetString("encryptedData"),
    ]),
  ) as [Uint8Array, Uint8Array];
  return sequence(
    oid(Pkcs12Oid.encryptedData),
    der(
      constructed(0),
      sequence(
        unsigned(0),
        sequence(oid(Pkcs12Oid.data), algorithm, der(primitive(0), ciphertext)),
      ),
    ),
  );
};

const unusable = (reason: string): TlsError =>
  new TlsError("misuse", `this PKCS #12 file cannot be used: ${reason}`, {
    section: "RFC 7292 §4",
  });
