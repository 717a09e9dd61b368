import type { AeadName, HashName, Provider } from "../../crypto/index.ts";
import { hkdfExtract } from "../../schedule/index.ts";
import { concat, equal } from "../../wire/index.ts";
import { hkdfExpand } from "../../crypto/hkdf.ts";
import { hex, number } from "./json.ts";
import { type Check, unused, type Vector } from "./wycheproof-check.ts";

const aeadNames: Readonly<Record<string, AeadName>> = {
  "AES-GCM 128": "aes-128-gcm",
  "AES-GCM 256": "aes-256-gcm",
  "CHACHA20-POLY1305 256": "chacha20-poly1305",
};

const aead: Check = ({ provider }, { algorithm, group, test, result }) => {
  const name = aeadNames[`${algorithm} ${number(group, "keySize")}`];
  if (name === undefined) return unused(`${algorithm} with ${number(group, "keySize")}-bit keys`);
  if (number(group, "ivSize") !== 96) return unused("a nonce of other than 96 bits");
  if (number(group, "tagSize") !== 128) return unused("a tag of other than 128 bits");
  const key = provider.aeads[name].importKey(hex(test, "key"));
  const [nonce, aad, message] = [hex(test, "iv"), hex(test, "aad"), hex(test, "msg")];
  const ciphertext = concat(hex(test, "ct"), hex(test, "tag"));
  const opened = key.open(nonce, aad, ciphertext);
  if (opened === undefined) return "rejected";
  if (!equal(opened, message)) return { wrong: "opened to another plaintext" };
  if (result === "invalid") return "accepted";
  // The last byte goes in as the trailer, as the content type of a record does.
  const split = Math.max(0, message.length - 1);
  const sealed = key.seal(nonce, aad, message.subarray(0, split), message.subarray(split));
  return equal(concat(...sealed), ciphertext) ? "accepted" : { wrong: "sealed to other bytes" };
};

const mac: Check = ({ provider }, { algorithm, group, test }) => {
  const hash = hashOf(provider, algorithm, "HMAC");
  if (hash === undefined) return unused(algorithm);
  const tag = hex(test, "tag");
  const computed = hash.hmac(hex(test, "key"), hex(test, "msg"));
  return equal(computed.subarray(0, number(group, "tagSize") / 8), tag) ? "accepted" : "rejected";
};

const hkdf: Check = ({ provider }, { algorithm, test }) => {
  const hash = hashOf(provider, algorithm, "HKDF");
  if (hash === undefined) return unused(algorithm);
  const size = number(test, "size");
  if (size > 255 * hash.length) return "rejected";
  const secret = hkdfExtract(hash, hex(test, "salt"), hex(test, "ikm"));
  const output = hkdfExpand(hash, secret, hex(test, "info"), size);
  return equal(output, hex(test, "okm")) ? "accepted" : { wrong: "derived other bytes" };
};

export const symmetricChecks = {
  AeadTest: aead,
  HkdfTest: hkdf,
  MacTest: mac,
} satisfies Readonly<Record<string, Check>>;

const hashNames: Readonly<Record<string, HashName>> = {
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** `HMACSHA256` and `HKDF-SHA-256` name their hash in two ways. */
function hashOf(provider: Provider, algorithm: Vector["algorithm"], prefix: string) {
  const rest = algorithm.slice(prefix.length).replace(/^-/, "");
  const name = hashNames[rest.replace(/^SHA-?/, "SHA-")];
  return name === undefined ? undefined : provider.hashes[name];
}
