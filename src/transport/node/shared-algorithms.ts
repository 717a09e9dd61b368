/** Signature algorithms by the names that `getSharedSigalgs` of `node:tls` has for them. */
import { SignatureScheme } from "../../registry/index.ts";

const kinds: Readonly<Record<string, string>> = {
  rsa_pkcs1: "RSA",
  rsa_pss: "RSA-PSS",
  ecdsa: "ECDSA",
};

const names = new Map(
  Object.entries(SignatureScheme).map(([name, code]) => [code as number, opensslName(name)]),
);

/** @param codes SignatureSchemes, as a client sent them; what has no name here is left out */
export const sharedAlgorithms = (codes: readonly number[]): string[] =>
  codes.flatMap((code) => names.get(code) ?? []);

/** `ECDSA+SHA256`; for what is younger than that way of naming, the name that IANA has. */
function opensslName(name: string): string {
  const [, kind, bits] = /^(rsa_pkcs1|rsa_pss|ecdsa).*_sha(256|384|512)$/.exec(name) ?? [];
  if (kind !== undefined) return `${kinds[kind]}+SHA${bits}`;
  return { ed25519: "Ed25519+UNDEF", ed448: "Ed448+UNDEF" }[name] ?? name;
}
