/** One algorithm of certificate compression (RFC 8879). The Node face has zlib, brotli, and zstd where the runtime does. */
export interface CertificateCompressor {
  /** CertificateCompressionAlgorithm. */
  readonly algorithm: number;
  /** Compresses the body of a Certificate message. */
  compress(data: Uint8Array): Uint8Array;
  /** Throws where the data is damaged, or would inflate to more than `maxLength` bytes. */
  decompress(data: Uint8Array, maxLength: number): Uint8Array;
}
