/** Certificate compression (RFC 8879). */
import { headerLength, messages, type Message, type MessageBody } from "../../messages/index.ts";
import { CertificateCompressionAlgorithm, nameOf, TlsError } from "../../registry/index.ts";
import { decode, DecodeError } from "../../wire/index.ts";
import { type Carrier, encode } from "../carrier.ts";
import type { CommonConfig } from "../config.ts";

/** A Certificate message, compressed if the peer can decompress what we can compress. */
export function encodeCertificate(
  config: CommonConfig,
  link: Carrier,
  body: MessageBody<"certificate">,
  offered: readonly number[],
): Uint8Array {
  const compressor = config.certificateCompression.find((entry) =>
    offered.includes(entry.algorithm),
  );
  const plain = encode(link, "certificate", body);
  if (compressor === undefined) return plain;
  const uncompressed = plain.subarray(headerLength);
  return encode(link, "compressed_certificate", {
    algorithm: compressor.algorithm,
    uncompressedLength: uncompressed.length,
    compressedCertificateMessage: compressor.compress(uncompressed),
  });
}

/** The Certificate inside. Its raw bytes stay those of the message as it was sent, which the transcript holds (§4). */
export function decompressCertificate(
  config: CommonConfig,
  { body, raw }: Message<"compressed_certificate">,
): Message<"certificate"> {
  const { algorithm, uncompressedLength, compressedCertificateMessage } = body;
  const compressor = config.certificateCompression.find((entry) => entry.algorithm === algorithm);
  // §4: one that we offered
  if (compressor === undefined) {
    throw new TlsError("illegal_parameter", "a compression algorithm that was not offered", {
      received: nameOf(CertificateCompressionAlgorithm, algorithm),
      where: "compressed_certificate.algorithm",
      section: "RFC 8879 §4",
    });
  }
  const { handshakeMessage, certificateExpansion } = config.limits;
  const limit = Math.min(
    handshakeMessage,
    certificateExpansion * compressedCertificateMessage.length,
  );
  if (uncompressedLength > limit)
    throw bad(`at most ${limit} bytes`, `${uncompressedLength} bytes`);
  let uncompressed: Uint8Array;
  try {
    uncompressed = compressor.decompress(compressedCertificateMessage, uncompressedLength);
  } catch (cause) {
    throw bad(`${uncompressedLength} bytes`, "data that does not decompress to them", cause);
  }
  if (uncompressed.length !== uncompressedLength) {
    throw bad(`${uncompressedLength} bytes`, `${uncompressed.length} bytes`);
  }
  try {
    const plain = decode(messages.certificate, uncompressed, config.limits.messageElements);
    return { type: "certificate", body: plain, raw };
  } catch (error) {
    throw error instanceof DecodeError ? error.within("certificate") : error;
  }
}

function bad(expected: string, received: string, cause?: unknown): TlsError {
  return new TlsError(
    "bad_certificate",
    "a compressed certificate lies about its size, or is damaged",
    {
      expected,
      received,
      where: "compressed_certificate",
      section: "RFC 8879 §4",
      cause,
    },
  );
}
