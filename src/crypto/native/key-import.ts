import * as crypto from "node:crypto";
import { concat, fromHex, wipe } from "../../wire/index.ts";
import { kemParameters } from "../parameters.ts";
import type { KemName } from "../provider.ts";
import { buffered, plain } from "./node-crypto.ts";

/** Makes a key that Node's functions take of a raw public key. */
export type KeyImport<Key> = (publicKey: Uint8Array) => Key;

/** A PEM string is the one form that Node 24 imports without asking whether it is a KeyObject. */
export const pemOf = (spki: Buffer): string =>
  `-----BEGIN PUBLIC KEY-----\n${spki.toString("base64")}\n-----END PUBLIC KEY-----\n`;

export const publicKeyFromPem = (spki: Buffer): crypto.KeyObject =>
  crypto.createPublicKey(pemOf(spki));

export const publicKeyFromDer = (spki: Buffer): crypto.KeyObject =>
  crypto.createPublicKey({ key: spki, format: "der", type: "spki" });

/** The start of a SubjectPublicKeyInfo, up to the key (RFC 8410, RFC 5480, RFC 9935). */
const spkiPrefixes: Readonly<Record<KemName, string>> = {
  x25519: "302a300506032b656e032100",
  x448: "3042300506032b656f033900",
  secp256r1: "3059301306072a8648ce3d020106082a8648ce3d030107034200",
  secp384r1: "3076301006072a8648ce3d020106052b81040022036200",
  secp521r1: "30819b301006072a8648ce3d020106052b8104002303818600",
  "ML-KEM-512": "30820332300b06096086480165030404010382032100",
  "ML-KEM-768": "308204b2300b0609608648016503040402038204a100",
  "ML-KEM-1024": "30820632300b06096086480165030404030382062100",
};

/** Lays the key into a SubjectPublicKeyInfo that is made once; public keys are not secrets. */
export function spkiImport<Key>(name: KemName, fromSpki: (spki: Buffer) => Key): KeyImport<Key> {
  const prefix = fromHex(spkiPrefixes[name]);
  const spki = Buffer.alloc(prefix.length + kemParameters[name].publicKeyLength);
  spki.set(prefix);
  return (publicKey) => {
    spki.set(publicKey, prefix.length);
    return fromSpki(spki);
  };
}

export function jwkImport(name: "x25519" | "x448"): KeyImport<crypto.KeyObject> {
  const crv = name.toUpperCase();
  return (publicKey) => {
    const x = buffered(publicKey).toString("base64url");
    return crypto.createPublicKey({ key: { kty: "OKP", crv, x }, format: "jwk" });
  };
}

/** PKCS#8 up to the private key (RFC 8410 §7, RFC 5915, RFC 9935 §6: a seed is [0]). */
const pkcs8Prefixes: Readonly<Record<KemName, string>> = {
  x25519: "302e020100300506032b656e04220420",
  x448: "3046020100300506032b656f043a0438",
  secp256r1: "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
  secp384r1: "304e020100301006072a8648ce3d020106052b81040022043730350201010430",
  secp521r1: "3060020100301006072a8648ce3d020106052b81040023044930470201010442",
  "ML-KEM-512": "3054020100300b060960864801650304040104428040",
  "ML-KEM-768": "3054020100300b060960864801650304040204428040",
  "ML-KEM-1024": "3054020100300b060960864801650304040304428040",
};

/** The KeyObject of a private key as {@link Kem.importKeyPair} takes it. */
export function privateKeyOf(name: KemName, privateKey: Uint8Array): crypto.KeyObject {
  const der = Buffer.from(concat(fromHex(pkcs8Prefixes[name]), privateKey));
  const key = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  wipe(der);
  return key;
}

/** The KeyObject of an ML-KEM decapsulation key: the choice `expandedKey` of RFC 9935 §6. */
export function decapsulationKeyOf(name: KemName, key: Uint8Array): crypto.KeyObject {
  const algorithm = fromHex(pkcs8Prefixes[name].slice(10, 36));
  const wrapped = octets(0x04, octets(0x04, key));
  const der = Buffer.from(octets(0x30, Uint8Array.of(2, 1, 0), algorithm, wrapped));
  const imported = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  wipe(der, wrapped);
  return imported;
}

/** An element of DER whose length takes two bytes. */
function octets(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  return concat(Uint8Array.of(tag, 0x82, content.length >> 8, content.length & 0xff), content);
}

/** The public key of a private one, raw: the end of its SubjectPublicKeyInfo. */
export function publicKeyOf(name: KemName, privateKey: crypto.KeyObject): Uint8Array {
  const spki = crypto.createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return plain(spki.subarray(-kemParameters[name].publicKeyLength));
}
