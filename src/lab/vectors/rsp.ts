/** NIST response files (`.rsp`): records of `Name = value` lines, under headings in brackets. */
import { type AeadName, type KemName, kemParameters } from "../../crypto/index.ts";
import { encodePrivateKey } from "../../identity/index.ts";
import { concat, equal } from "../../wire/index.ts";
import { type Case, type Corpus, failed, passed, skipped } from "./corpus.ts";
import { deterministicSigner, kemKeyPair, signingKey } from "./given-keys.ts";
import { UnknownFormat, UnreadableCorpus } from "./json.ts";
import { digest } from "./rsp-digest.ts";
import { field, type Fields, type Kind } from "./rsp-kind.ts";

/** @throws UnreadableCorpus */
export function parseRsp(text: string): Corpus {
  const records = parseRecords(text);
  const first = records[0];
  if (first === undefined) throw new UnreadableCorpus("no records");
  const { algorithm, run } = kindOf(first, text);
  const cases = records.map((fields, index): Case => ({
    id: `record ${fields["count"] ?? index}`,
    run: (subject) => run(subject, fields, records[index - 1]),
  }));
  return { algorithm, cases };
}

/** A record ends where a name comes again; a heading holds until the same heading comes again. */
function parseRecords(text: string): Fields[] {
  const records: Record<string, string>[] = [];
  const headings: Record<string, string> = {};
  let current: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    // A heading is a name with a value, or words
    const heading = /^\[(?:\s*(\w+)\s*=\s*(\w+)\s*|.*)\]$/.exec(line);
    const entry = /^(\w[\w ]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? /^(FAIL)$/.exec(line);
    if (heading !== null) {
      const [, name = "", value = ""] = heading;
      headings[name] = value;
      current = undefined;
    } else if (entry !== null) {
      const [, name = "", value = ""] = entry;
      if (current === undefined || Object.hasOwn(current, name)) {
        current = { ...headings };
        records.push(current);
      }
      current[name] = value;
    } else if (line.trim() !== "" && !line.startsWith("#")) {
      throw new UnreadableCorpus(`not a line of a response file: ${line.slice(0, 40)}`);
    }
  }
  return records;
}

function kindOf(first: Fields, text: string): Kind {
  if ("MD" in first) return digest(first, text);
  if ("ct" in first && "d" in first) return mlKem(first);
  if ("xi" in first && "sm" in first) return mlDsa(first);
  if ("Taglen" in first && "IVlen" in first) return aesGcm(first);
  throw new UnknownFormat(`unknown fields ${Object.keys(first).join(", ")}`);
}

/** AES-GCM (CAVS); a record with `FAIL` must not open. */
function aesGcm(first: Fields): Kind {
  const size = first["Keylen"] ?? "";
  const name = aeadNames[size];
  return {
    algorithm: `AES-${size}-GCM`,
    run({ provider }, fields) {
      if (name === undefined) return skipped(`TLS 1.3 has no use for ${size}-bit keys`);
      if (fields["IVlen"] !== "96") return skipped("TLS 1.3 has nonces of 96 bits only");
      if (fields["Taglen"] !== "128") return skipped("TLS 1.3 has tags of 128 bits only");
      const key = provider.aeads[name].importKey(field(fields, "Key"));
      const [nonce, aad] = [field(fields, "IV"), field(fields, "AAD")];
      const ciphertext = concat(field(fields, "CT"), field(fields, "Tag"));
      const opened = key.open(nonce, aad, ciphertext);
      if ("FAIL" in fields) return opened === undefined ? passed : failed("opened what is forged");
      const plaintext = field(fields, "PT");
      if (opened === undefined || !equal(opened, plaintext)) return failed("did not open");
      const sealed = concat(...key.seal(nonce, aad, plaintext, new Uint8Array()));
      return equal(sealed, ciphertext) ? passed : failed("sealed to other bytes");
    },
  };
}

/** By key size in bits. */
const aeadNames: Readonly<Record<string, AeadName>> = { 128: "aes-128-gcm", 256: "aes-256-gcm" };

/** Key generation from d and z, decapsulation, and implicit rejection of a damaged ciphertext. */
function mlKem(first: Fields): Kind {
  const length = field(first, "pk").length;
  const name = kemNames.find((known) => kemParameters[known].publicKeyLength === length);
  return {
    algorithm: name ?? "ML-KEM",
    run(subject, fields) {
      if (name === undefined) return skipped("unknown parameter set");
      const seed = concat(field(fields, "d"), field(fields, "z"));
      const pair = kemKeyPair(subject, name, seed);
      if (pair === undefined) return skipped("this back end takes no given private keys");
      if (!equal(pair.publicKey, field(fields, "pk"))) return failed("made another public key");
      const secret = pair.decapsulate(field(fields, "ct"));
      if (!equal(secret, field(fields, "ss"))) return failed("computed another secret");
      if (!("ct_n" in fields)) return passed;
      const rejected = pair.decapsulate(field(fields, "ct_n"));
      return equal(rejected, field(fields, "ss_n"))
        ? passed
        : failed("computed another secret for a damaged ciphertext");
    },
  };
}

/** Key generation from xi; signatures only with an empty context. */
function mlDsa(first: Fields): Kind {
  const name = signatureNames[[1312, 1952, 2592].indexOf(field(first, "pk").length)];
  return {
    algorithm: name ?? "ML-DSA",
    run(subject, fields) {
      if (name === undefined) return skipped("unknown parameter set");
      const key = signingKey(subject, name, field(fields, "xi"));
      if (key === undefined) return skipped("this back end takes no given private keys");
      if (!equal(key.publicKey, field(fields, "pk"))) return failed("made another public key");
      if (!equal(key.privateKey, field(fields, "sk"))) return failed("made another private key");
      if ((fields["ctx"] ?? "") !== "") return skipped("the key is right; TLS 1.3 has no context");
      const sign = deterministicSigner(subject, name, encodePrivateKey(key));
      if (sign === undefined) return skipped("this back end signs with fresh randomness only");
      const message = field(fields, "msg");
      const signed = concat(sign(message), message);
      return equal(signed, field(fields, "sm")) ? passed : failed("made another signature");
    },
  };
}

const kemNames: readonly KemName[] = ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"];
const signatureNames = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const;
