import { CertificateCompressionAlgorithm } from "../../registry/index.ts";
import { code, distinct, list, uint16 } from "../../wire/index.ts";
import { extension } from "../extension.ts";

const algorithms = distinct(list(code(uint16, CertificateCompressionAlgorithm), 2, 254));

/** RFC 8879 §3: what the sender can decompress. */
export const compress_certificate = extension("compress_certificate", {
  client_hello: algorithms,
  certificate_request: algorithms,
});
