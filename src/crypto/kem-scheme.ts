/** How a key that encapsulates proves itself in a handshake: AuthKEM (draft-celi-wiggers-tls-authkem-07). Experimental. */
import { SignatureScheme } from "../registry/index.ts";
import { checkCodePoint, failing } from "./code-point.ts";
import { hpkeKems, type HpkeSuite } from "./hpke.ts";
import { isAssigned } from "./oids.ts";
import { isKemKeyType, isOid, type Kem, type KemKeyType, type Oid } from "./provider.ts";
import type { Scheme } from "./scheme.ts";

/**
 * Authentication by KEM: a code point in signature_algorithms, and the KEM of HPKE behind it. It is told from a
 * {@link Scheme}, which signs, by its member `hpke`.
 */
export interface KemScheme {
  /** The scheme's name, by which options select it. */
  readonly name: string;
  /** SignatureScheme (draft-celi-wiggers-tls-authkem-07 §4.1). */
  readonly code: number;
  /** The type of the certificate keys that it is for. */
  readonly keyType: KemKeyType | Oid;
  /** The draft leaves KDF and AEAD open: HKDF of the KEM's strength, and nothing is encrypted. */
  readonly hpke: HpkeSuite;
  /** True if it is believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
}

/** What a peer can prove itself by: it signs, or it decapsulates. */
export type AuthenticationScheme = Scheme | KemScheme;

export const isKemScheme = (scheme: AuthenticationScheme): scheme is KemScheme => "hpke" in scheme;

const scheme = (
  name: "dhkem_x25519_sha256" | "kem_mlkem512" | "kem_mlkem768" | "kem_mlkem1024",
  keyType: KemKeyType,
): KemScheme => ({
  name,
  code: SignatureScheme[name],
  keyType,
  hpke: {
    kem: hpkeKems[keyType],
    kdf: keyType === "ML-KEM-1024" ? "HKDF-SHA384" : "HKDF-SHA256",
    aead: "export-only",
  },
  postQuantum: keyType.startsWith("ML-KEM"),
});

/**
 * All that have a name. The draft assigns a code point to X25519 alone; those of ML-KEM are of our choice, from the
 * range for private use.
 */
export const kemSchemes: readonly KemScheme[] = [
  scheme("kem_mlkem768", "ML-KEM-768"),
  scheme("kem_mlkem1024", "ML-KEM-1024"),
  scheme("kem_mlkem512", "ML-KEM-512"),
  scheme("dhkem_x25519_sha256", "x25519"),
];

/** A KEM of the caller's own that authenticates. */
export interface KemSchemeDefinition {
  /** The scheme's name; none of those that are registered. */
  readonly name: string;
  /** SignatureScheme, from the range for private use. */
  readonly code: number;
  /** Names its keys in certificates. */
  readonly keyType: Oid;
  /** Encapsulates to the keys, and decapsulates. */
  readonly kem: Kem;
  /** HPKE's identifier of the KEM. Default: 0xffff, which nobody has. */
  readonly id?: number;
}

/**
 * Makes a scheme of a custom KEM, whose keys stand in certificates as they are.
 * @throws RangeError that says which rule the definition breaks
 */
export function defineKemScheme(definition: KemSchemeDefinition): KemScheme {
  const { name, code, keyType, kem, id = 0xffff } = definition;
  const defined = Object.freeze<KemScheme>({
    name,
    code,
    keyType,
    hpke: { kem: { id, kem }, kdf: "HKDF-SHA256", aead: "export-only" },
    postQuantum: kem.postQuantum,
  });
  checkKemScheme(defined);
  return defined;
}

/** Of a custom one, in bytes: what has to fit into a certificate, and into a KEMEncapsulation. */
const longest = {
  // RFC 9846 §4.5.1: opaque cert_data<1..2^24-1>
  publicKeyLength: 0xff_ffff,
  ciphertextLength: 0xffff,
  sharedSecretLength: 0xffff,
} as const;

/** @throws RangeError as {@link defineKemScheme} */
export function checkKemScheme({ name, code, keyType, hpke: { kem } }: KemScheme): void {
  const fail = failing("KEM scheme", name);
  checkCodePoint(fail, name, code);
  if (typeof kem.kem === "string") {
    if (!isKemKeyType(keyType)) fail(`its KEM ${kem.kem} has keys of its own type, not ${keyType}`);
    return;
  }
  if (!isOid(keyType) || isAssigned(keyType)) {
    fail(`its keys are named by an object identifier that is nobody else's, not ${keyType}`);
  }
  for (const [member, most] of Object.entries(longest) as [keyof typeof longest, number][]) {
    const length = kem.kem[member];
    if (!Number.isInteger(length) || length < 1 || length > most) {
      fail(`its ${member} must be 1 to ${most} bytes, not ${length}`);
    }
  }
}
