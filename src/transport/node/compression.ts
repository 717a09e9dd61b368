/** Certificate compression (RFC 8879) by Node's own zlib, brotli and zstd. */
import * as zlib from "node:zlib";
import type { CertificateCompressor } from "../../handshake/index.ts";
import { CertificateCompressionAlgorithm } from "../../registry/index.ts";

/** One end presents few chains, and presents them often. */
const maxChains = 16;

interface Cap {
  readonly maxOutputLength: number;
}

/** What inflates, and how much of the input it used; `info` asks for that. */
type Inflate = (
  data: Uint8Array,
  options: Cap & { readonly info: true },
) => { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

function compressor(
  algorithm: keyof typeof CertificateCompressionAlgorithm,
  deflate: (data: Uint8Array) => Buffer,
  inflate: (data: Uint8Array, options: Cap) => Buffer,
): CertificateCompressor {
  const chains: { readonly plain: Uint8Array; readonly compressed: Uint8Array }[] = [];
  return {
    algorithm: CertificateCompressionAlgorithm[algorithm],
    compress(data) {
      const known = chains.find(({ plain }) => Buffer.compare(plain, data) === 0);
      if (known !== undefined) return known.compressed;
      const compressed = deflate(data);
      chains.unshift({ plain: data.slice(), compressed });
      chains.splice(maxChains);
      return compressed;
    },
    decompress(data, maxOutputLength) {
      const { buffer, engine } = (inflate as unknown as Inflate)(data, {
        maxOutputLength,
        info: true,
      });
      if (engine.bytesWritten !== data.length) {
        throw new RangeError(`${data.length - engine.bytesWritten} bytes after the end`);
      }
      return buffer;
    },
  };
}

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = zlib.constants;

/** A chain of 4.6 kB becomes 3.9 kB in 0.1 ms; the highest quality would save 150 bytes more, for 5 ms. */
const brotliParameters = { [BROTLI_PARAM_QUALITY]: 5, [BROTLI_PARAM_LGWIN]: 16 };

/** Since Node 22.15; the types that we compile against are older. */
const { zstdCompressSync, zstdDecompressSync } = zlib as {
  readonly zstdCompressSync?: (data: Uint8Array) => Buffer;
  readonly zstdDecompressSync?: (data: Uint8Array, options: Cap) => Buffer;
};

/**
 * What this Node has of brotli, zstd and zlib, for the option `certificateCompression`. What a peer sends
 * inflates to no more than it said; what we send is compressed once, and remembered for a few chains.
 */
export const certificateCompressors: readonly CertificateCompressor[] = [
  compressor(
    "brotli",
    (data) => zlib.brotliCompressSync(data, { params: brotliParameters }),
    zlib.brotliDecompressSync,
  ),
  ...(zstdCompressSync === undefined || zstdDecompressSync === undefined
    ? []
    : [compressor("zstd", zstdCompressSync, zstdDecompressSync)]),
  compressor("zlib", (data) => zlib.deflateSync(data), zlib.inflateSync),
];
