import * as crypto from "node:crypto";
import { newer, writesRawKeys } from "../../src/crypto/native/node-crypto.ts";
import { systemRandom } from "../../src/crypto/native/random.ts";
import { kept, plaintext } from "./kept.ts";
import type { FloorExchange, Primitives } from "./script.ts";

interface RawPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: crypto.KeyObject;
}
type Hybrid = readonly [RawPair, RawPair];

type Gcm = "aes-128-gcm" | "aes-256-gcm";
interface Sealed {
  readonly text: Buffer;
  readonly tag: Buffer;
}

const pem = (...spki: readonly Uint8Array[]): string =>
  `-----BEGIN PUBLIC KEY-----\n${Buffer.concat(spki).toString("base64")}\n-----END PUBLIC KEY-----\n`;

const x25519Prefix = Buffer.from("302a300506032b656e032100", "hex");
const mlKemPrefix = Buffer.from("308204b2300b0609608648016503040402038204a100", "hex");
const raw = { publicKeyEncoding: { format: "raw-public" } };

const generate = (type: string): RawPair => newer.generateKeyPairSync(type, raw) as RawPair;

/** A PEM string is the fastest form of a peer's key. */
const agree = (own: RawPair, peer: RawPair): void =>
  void newer.diffieHellman({
    privateKey: own.privateKey,
    publicKey: pem(x25519Prefix, peer.publicKey),
  });

const x25519: FloorExchange<RawPair, RawPair> = {
  generate: () => generate("x25519"),
  encapsulate(pair) {
    const own = generate("x25519");
    agree(own, pair);
    return own;
  },
  decapsulate: agree,
};

const hybrid: FloorExchange<Hybrid, readonly [Uint8Array, RawPair]> = {
  generate: () => [generate("ml-kem-768"), generate("x25519")],
  encapsulate([pair, own]) {
    const { ciphertext } = newer.encapsulate(pem(mlKemPrefix, pair.publicKey));
    return [ciphertext, x25519.encapsulate(own)];
  },
  decapsulate([pair, own], [ciphertext, share]) {
    newer.decapsulate(pair.privateKey, ciphertext);
    x25519.decapsulate(own, share);
  },
};

/** `node:crypto` by its fastest calls; `undefined` where the running Node is too old for them. */
export function nativePrimitives(): Primitives | undefined {
  if (!("encapsulate" in crypto) || !writesRawKeys) return undefined;

  const { privateKey, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const content = new Uint8Array(130).fill(0x20);
  const signature = crypto.sign("sha256", content, privateKey);
  const key = new Uint8Array(32).fill(1);
  const outer = new Uint8Array(96);
  const inners = new Map<number, Uint8Array>();
  const aeadKey = crypto.createSecretKey(key.subarray(0, 16));
  const ticketKey = crypto.createSecretKey(key);
  const nonce = new Uint8Array(12);
  const header = new Uint8Array(5);
  const sealed = new Map<number, Sealed>();

  const sealWith = (name: Gcm, withKey: crypto.KeyObject, length: number): Sealed => {
    const cipher = crypto.createCipheriv(name, withKey, nonce);
    cipher.setAAD(header);
    const text = cipher.update(plaintext(length));
    cipher.final();
    return { text, tag: cipher.getAuthTag() };
  };
  const seal = (length: number): Sealed => sealWith("aes-128-gcm", aeadKey, length);
  const openWith = (name: Gcm, withKey: crypto.KeyObject, { text, tag }: Sealed): void => {
    const decipher = crypto.createDecipheriv(name, withKey, nonce);
    decipher.setAAD(header);
    decipher.setAuthTag(tag);
    decipher.update(text);
    decipher.final();
  };
  const ticket = sealWith("aes-256-gcm", ticketKey, 120);

  return {
    random: () => void systemRandom(32),
    exchanges: { x25519, X25519MLKEM768: hybrid },
    startHash: () => crypto.createHash("sha256"),
    update: (hash: crypto.Hash, message) => void hash.update(message),
    snapshot: (hash: crypto.Hash) => void hash.copy().digest("binary"),
    hmac(length) {
      // FIPS 198-1 by two one-shot hashes
      const inner = kept(inners, length, () => new Uint8Array(64 + length));
      for (let i = 0; i < 32; i++) {
        const byte = key[i]!;
        inner[i] = byte ^ 0x36;
        outer[i] = byte ^ 0x5c;
      }
      const digest = crypto.hash("sha256", inner, "binary");
      for (let i = 0; i < 32; i++) outer[64 + i] = digest.charCodeAt(i);
      crypto.hash("sha256", outer, "binary");
    },
    digest: (message) => void crypto.hash("sha256", message, "binary"),
    importAeadKey: () => void crypto.createSecretKey(key),
    seal: (length) => void seal(length),
    open: (length) =>
      openWith(
        "aes-128-gcm",
        aeadKey,
        kept(sealed, length, () => seal(length)),
      ),
    openTicket: () => openWith("aes-256-gcm", ticketKey, ticket),
    sign: () => void crypto.sign("sha256", content, privateKey),
    verify: () => void crypto.verify("sha256", content, publicKey, signature),
  };
}
