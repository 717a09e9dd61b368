import { SignatureScheme } from "../registry/index.ts";
import { code, opaque, struct, uint16, type ValueOf } from "../wire/index.ts";

/** CertificateVerify (RFC 9846 §4.5.2). */
export const CertificateVerify = struct({
  algorithm: code(uint16, SignatureScheme),
  signature: opaque(0, 0xffff),
});
export type CertificateVerify = ValueOf<typeof CertificateVerify>;
