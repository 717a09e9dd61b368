import { isKemKeyType, isOid, type Provider, type SubjectKeyType } from "../../crypto/provider.ts";
import type { KeyUsage } from "./extensions.ts";

const signing: readonly KeyUsage[] = [
  "digitalSignature",
  "nonRepudiation",
  "keyCertSign",
  "cRLSign",
];

/**
 * What a certificate must allow its key if that is to authenticate a peer: to sign, or, where it encapsulates, what stands
 * for that (RFC 8410 §5, RFC 9935 §5). A custom KEM is known by the provider that has it; its keys are used as ML-KEM's.
 */
export function provingUsage(
  type: SubjectKeyType,
  { kems }: Pick<Provider, "kems">,
): Extract<KeyUsage, "digitalSignature" | "keyAgreement" | "keyEncipherment"> {
  if (type === "x25519") return "keyAgreement";
  const isKem = isKemKeyType(type) || (isOid(type) && kems[type] !== undefined);
  return isKem ? "keyEncipherment" : "digitalSignature";
}

/**
 * What a key of that type can do, and a certificate may therefore say (RFC 3279 §2.3.1, RFC 4055 §1.2,
 * RFC 5480 §3, RFC 8410 §5, RFC 9881 §5, RFC 9909 §5, RFC 9935 §5). One of
 * somebody's own type signs or encapsulates.
 */
export function usagesOf(type: SubjectKeyType): readonly KeyUsage[] {
  if (type === "rsa") return [...signing, "keyEncipherment", "dataEncipherment"];
  if (type.startsWith("secp")) return [...signing, "keyAgreement", "encipherOnly", "decipherOnly"];
  if (type.startsWith("ML-KEM")) return ["keyEncipherment"];
  if (type === "x25519") return ["keyAgreement", "encipherOnly", "decipherOnly"];
  return isOid(type) ? [...signing, "keyEncipherment"] : signing;
}
