/**
 * compress_certificate (RFC 8879 §3): what the sender can decompress. A value that stands twice says no more
 * than once. The answer is a message: `handshake/authentication/certificate-compression.ts`.
 */
import { CertificateCompressionAlgorithm } from "../registry/index.ts";
import { code, list, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const algorithms = list(code(uint16, CertificateCompressionAlgorithm), 2, 254);

const offered = ({
  certificateCompression: known,
}: {
  readonly certificateCompression: readonly { readonly algorithm: number }[];
}): number[] | undefined => (known.length > 0 ? known.map((each) => each.algorithm) : undefined);

export const compress_certificate = extension(
  "compress_certificate",
  { client_hello: algorithms, certificate_request: algorithms },
  { offer: offered, request: offered },
);
