import { CertificateCompressionAlgorithm } from "../registry/index.ts";
import { code, opaque, struct, uint16, uint24, type ValueOf } from "../wire/index.ts";

/** CompressedCertificate (RFC 8879 §4). */
export const CompressedCertificate = struct({
  algorithm: code(uint16, CertificateCompressionAlgorithm),
  uncompressedLength: uint24,
  compressedCertificateMessage: opaque(1, 0xffffff),
});
export type CompressedCertificate = ValueOf<typeof CompressedCertificate>;
