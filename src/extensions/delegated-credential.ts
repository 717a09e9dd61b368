import { SignatureScheme } from "../registry/index.ts";
import { code, list, opaque, struct, uint16, uint32 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const scheme = code(uint16, SignatureScheme);

/** Credential (RFC 9345 §4.1.1). */
export const DelegatedCredentialBody = struct({
  validTime: uint32,
  expectedCertVerifyAlgorithm: scheme,
  asn1SubjectPublicKeyInfo: opaque(1, 0xffffff),
});

/** DelegatedCredential (RFC 9345 §4.1.1). */
export const DelegatedCredential = struct({
  credential: DelegatedCredentialBody,
  algorithm: scheme,
  signature: opaque(1, 0xffff),
});

/** RFC 9345 §4.1: a short-lived key that the certificate's key signed. */
export const delegated_credential = extension("delegated_credential", {
  client_hello: list(scheme, 2, 0xfffe),
  certificate_request: list(scheme, 2, 0xfffe),
  certificate: DelegatedCredential,
});
