import {
  forSlhDsa,
  type GeneratedKey,
  type PrivateKeyInfo,
  type PublicKeyInfo,
  slhDsaNames,
} from "../../src/crypto/index.ts";
import { concat, fromHex } from "../../src/wire/index.ts";

/** AlgorithmIdentifier in DER (RFC 5480, RFC 8410, RFC 4055, RFC 9881, RFC 9909). */
const algorithms: Readonly<Record<string, string>> = {
  secp256r1: "301306072a8648ce3d020106082a8648ce3d030107",
  secp384r1: "301006072a8648ce3d020106052b81040022",
  secp521r1: "301006072a8648ce3d020106052b81040023",
  ed25519: "300506032b6570",
  ed448: "300506032b6571",
  rsa: "300d06092a864886f70d0101010500",
  "rsa-pss": "300b06092a864886f70d01010a",
  "ML-DSA-44": "300b0609608648016503040311",
  "ML-DSA-65": "300b0609608648016503040312",
  "ML-DSA-87": "300b0609608648016503040313",
  ...forSlhDsa(
    (name) => `300b06096086480165030403${(0x14 + slhDsaNames.indexOf(name)).toString(16)}`,
  ),
};

/** One element of DER. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concat(...contents);
  const { length } = content;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content);
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), content);
  return concat(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), content);
}

export function publicKeyInfo(type: PublicKeyInfo["type"], key: Uint8Array): PublicKeyInfo {
  const spki = der(0x30, fromHex(algorithms[type]!), der(0x03, new Uint8Array(1), key));
  return { type, key, spki };
}

export function privateKeyInfo({ type, privateKey, seed }: GeneratedKey): PrivateKeyInfo {
  const inner =
    seed !== undefined
      ? der(0x80, seed)
      : type.startsWith("secp")
        ? der(0x30, der(0x02, Uint8Array.of(1)), der(0x04, privateKey))
        : type.startsWith("ed")
          ? der(0x04, privateKey)
          : privateKey;
  const version = der(0x02, new Uint8Array(1));
  const pkcs8 = der(0x30, version, fromHex(algorithms[type]!), der(0x04, inner));
  return { type, key: privateKey, pkcs8, ...(seed && { seed }) };
}

/** Both halves of a generated key, as identity would read them from files. */
export const keyPairOf = (generated: GeneratedKey) => ({
  publicKey: publicKeyInfo(generated.type, generated.publicKey),
  privateKey: privateKeyInfo(generated),
});
