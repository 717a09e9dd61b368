import type { GeneratedKey, KeyType, PrivateKeyInfo, PublicKeyInfo } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";

/** Which of the three forms of RFC 9881 §6 an ML-DSA private key is written in. */
export type PrivateKeyForm = "seed" | "expanded" | "both";

/** Reads a private key from PEM or DER: PKCS#8, SEC1 or PKCS#1. */
export function parsePrivateKey(input: string | Uint8Array): PrivateKeyInfo {
  throw new TlsError("internal", `keys are not read yet (${typeof input})`);
}

export function encodePrivateKey(key: GeneratedKey, form: PrivateKeyForm = "both"): PrivateKeyInfo {
  throw new TlsError("internal", `keys are not written yet (${key.type}, ${form})`);
}

export function encodePublicKey(type: KeyType, key: Uint8Array): PublicKeyInfo {
  throw new TlsError("internal", `keys are not written yet (${type}, ${key.length} bytes)`);
}
