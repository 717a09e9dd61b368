/**
 * PKCS #12 (RFC 7292): a key and its certificates in one file under a passphrase, as browsers, Java and Windows take
 * them. Encrypted with PBES2 and integrity by a MAC with the derivation of Appendix B, as OpenSSL 3 does; older
 * encryptions (RC2, 3DES) are not read.
 */
import { createHmac, createHash, timingSafeEqual } from "node:crypto";
import type { PrivateKeyInfo } from "../crypto/index.ts";
import {
  type Certificate,
  type EncryptionOptions,
  encryptPrivateKey,
  parseCertificate,
  publicKeyOf,
  parsePrivateKey,
} from "../identity/index.ts";
import { type DerReader, readDer } from "../identity/der/der-reader.ts";
import { constructed, primitive, Tag } from "../identity/der/der-tags.ts";
import { der, octetString, oid, sequence, unsigned } from "../identity/der/der-writer.ts";
import { Pkcs12Oid } from "../identity/der/oids.ts";
import { readAlgorithm } from "../identity/keys/algorithm.ts";
import {
  checkEncryption,
  decryptPrivateKey,
  standardIterations,
} from "../identity/keys/encrypted-key.ts";
import { DecodeError, equal } from "../wire/index.ts";
import { AuthorityError } from "./errors.ts";

/** A key with the certificates that go with it, the leaf first. */
export interface KeyStore {
  readonly certificates: readonly Certificate[];
  readonly privateKey: PrivateKeyInfo;
}

/** Rounds of a MAC that is read; more would only keep us busy. */
const mostRounds = 6_000_000;

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
  const mac = macOf("sha256", { passphrase, salt, iterations }, safe);
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
 * @param pfx - DER
 * @throws AuthorityError `damaged` for a wrong passphrase, for what is no PFX in DER, or not of one key and its
 *   certificate; TlsError `misuse` for an encryption that is not supported
 */
export function readPkcs12(pfx: Uint8Array, passphrase: string): KeyStore {
  try {
    return read(pfx, passphrase);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw damaged(`${error.message}, where DER of PKCS #12 was expected`);
  }
}

function read(pfx: Uint8Array, passphrase: string): KeyStore {
  const { safe, mac } = readDer(pfx, (reader) =>
    reader.sequence("PFX", (contents) => {
      if (contents.count("version") !== 3) throw damaged("it is not of version 3");
      return {
        safe: dataIn(contents, "authSafe"),
        mac: contents.atEnd ? undefined : macIn(contents),
      };
    }),
  );
  if (mac === undefined) throw damaged("it has no MAC, and anybody may have changed it");
  const expected = macOf(mac.hash, { passphrase, ...mac }, safe);
  if (mac.value.length !== expected.length || !timingSafeEqual(expected, mac.value)) {
    throw damaged("the passphrase is wrong, or somebody has changed it");
  }
  const bags = readDer(safe, (reader) =>
    reader.sequence("AuthenticatedSafe", (parts) =>
      parts.each(0, (part) => bagsIn(part, passphrase)),
    ),
  ).flat();
  const keys = bags.flatMap(({ key: own }) => (own === undefined ? [] : [own]));
  const [key] = keys;
  if (key === undefined || keys.length > 1)
    throw damaged(`it has ${keys.length} keys, and not one`);
  const privateKey = parsePrivateKey(key);
  const certificates = bags.flatMap(({ certificate }) => certificate ?? []);
  const { spki } = publicKeyOf(privateKey);
  const leaf = certificates.find(({ publicKey }) => equal(publicKey.spki, spki));
  if (leaf === undefined) throw damaged("it has no certificate for its key");
  return { privateKey, certificates: [leaf, ...certificates.filter((each) => each !== leaf)] };
}

interface Bag {
  readonly key?: Uint8Array;
  readonly certificate?: Certificate;
}

function bagsIn(part: DerReader, passphrase: string): Bag[] {
  const contents = part.sequence("ContentInfo", (info) => {
    const type = info.oid("contentType");
    if (type === Pkcs12Oid.data)
      return info.read(constructed(0), "content", (own) => own.octetString("Data"));
    if (type !== Pkcs12Oid.encryptedData) throw damaged(`a part of it is of the type ${type}`);
    return info.read(constructed(0), "content", (own) =>
      own.sequence("EncryptedData", (encrypted) => {
        encrypted.count("version");
        return encrypted.sequence("EncryptedContentInfo", (inner) => {
          inner.oid("contentType");
          const algorithm = inner.element("contentEncryptionAlgorithm");
          const ciphertext = inner.read(primitive(0), "encryptedContent", (all) => all.rest());
          return decryptPrivateKey(sequence(algorithm, octetString(ciphertext)), passphrase);
        });
      }),
    );
  });
  return readDer(contents, (reader) =>
    reader.sequence("SafeContents", (bags) => bags.each(0, (bag) => bagIn(bag, passphrase))),
  );
}

const bagIn = (reader: DerReader, passphrase: string): Bag =>
  reader.sequence("SafeBag", (bag) => {
    const type = bag.oid("bagId");
    const value = bag.read(constructed(0), "bagValue", (inner) => inner.element("bagValue"));
    bag.rest();
    if (type === Pkcs12Oid.keyBag) return { key: value };
    if (type === Pkcs12Oid.shroudedKeyBag) return { key: decryptPrivateKey(value, passphrase) };
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

type Hash = "sha1" | "sha256" | "sha384" | "sha512";

const hashes: ReadonlyMap<string, Hash> = new Map([
  [Pkcs12Oid.sha1, "sha1"],
  [Pkcs12Oid.sha256, "sha256"],
  [Pkcs12Oid.sha384, "sha384"],
  [Pkcs12Oid.sha512, "sha512"],
]);

const macIn = (reader: DerReader) =>
  reader.sequence("MacData", (contents) => {
    const { hash, value } = contents.sequence("mac", (digest) => {
      const { oid: id } = readAlgorithm(digest, "digestAlgorithm");
      const known = hashes.get(id);
      if (known === undefined) throw damaged(`its MAC is of a kind that is not read (${id})`);
      return { hash: known, value: digest.octetString("digest") };
    });
    const salt = contents.octetString("macSalt");
    const iterations = contents.atEnd ? 1 : contents.count("iterations");
    if (iterations < 1 || iterations > mostRounds) {
      throw damaged(`its MAC has ${iterations} rounds, where 1 to ${mostRounds} are read`);
    }
    return { hash, value, salt, iterations };
  });

interface MacTerms {
  readonly passphrase: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** RFC 7292 §4 and Appendix B.2 with ID 3: the key is as long as the hash, so that one block is enough. */
function macOf(
  hash: Hash,
  { passphrase, salt, iterations }: MacTerms,
  content: Uint8Array,
): Buffer {
  const block = hash === "sha1" || hash === "sha256" ? 64 : 128;
  // A BMPString with a zero at its end (Appendix B.1)
  const password = Buffer.from(`${passphrase}\0`, "utf16le").swap16();
  const filled = (bytes: Uint8Array): Buffer =>
    Buffer.alloc(block * Math.ceil(bytes.length / block), bytes);
  let key: Buffer = Buffer.concat([Buffer.alloc(block, 3), filled(salt), filled(password)]);
  for (let round = 0; round < iterations; round++) key = createHash(hash).update(key).digest();
  return createHmac(hash, key).update(content).digest();
}

const data = (content: Uint8Array): Uint8Array =>
  sequence(oid(Pkcs12Oid.data), der(constructed(0), octetString(content)));

const dataIn = (reader: DerReader, field: string): Uint8Array =>
  reader.sequence(field, (info) => {
    if (info.oid("contentType") !== Pkcs12Oid.data)
      throw damaged("its integrity is by a signature");
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

const damaged = (reason: string): AuthorityError =>
  new AuthorityError("damaged", `this PKCS #12 file cannot be used: ${reason}`);
