import type { KeyType, Oid } from "../../crypto/provider.ts";
import type { KeyUsage } from "./extensions.ts";

const signing: readonly KeyUsage[] = [
  "digitalSignature",
  "nonRepudiation",
  "keyCertSign",
  "cRLSign",
];

/**
 * What a key of that type can do, and a certificate may therefore say (RFC 3279 §2.3.1, RFC 4055 §1.2,
 * RFC 5480 §3, RFC 8410 §5, RFC 9881 §5, RFC 9909 §5).
 */
export function usagesOf(type: KeyType | Oid): readonly KeyUsage[] {
  if (type === "rsa") return [...signing, "keyEncipherment", "dataEncipherment"];
  if (type.startsWith("secp")) return [...signing, "keyAgreement", "encipherOnly", "decipherOnly"];
  return signing;
}
