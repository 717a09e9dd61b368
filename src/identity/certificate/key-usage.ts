import type { KemKeyType, SubjectKeyType } from "../../crypto/provider.ts";
import type { KeyUsage } from "./extensions.ts";

const signing: readonly KeyUsage[] = [
  "digitalSignature",
  "nonRepudiation",
  "keyCertSign",
  "cRLSign",
];

/** By which a peer is known that proves itself by decapsulation (RFC 8410 §5, RFC 9935 §5). */
export const kemUsage = (type: KemKeyType): KeyUsage =>
  type === "x25519" ? "keyAgreement" : "keyEncipherment";

/**
 * What a key of that type can do, and a certificate may therefore say (RFC 3279 §2.3.1, RFC 4055 §1.2,
 * RFC 5480 §3, RFC 8410 §5, RFC 9881 §5, RFC 9909 §5, RFC 9935 §5).
 */
export function usagesOf(type: SubjectKeyType): readonly KeyUsage[] {
  if (type === "rsa") return [...signing, "keyEncipherment", "dataEncipherment"];
  if (type.startsWith("secp")) return [...signing, "keyAgreement", "encipherOnly", "decipherOnly"];
  if (type.startsWith("ML-KEM")) return ["keyEncipherment"];
  if (type === "x25519") return ["keyAgreement", "encipherOnly", "decipherOnly"];
  return signing;
}
