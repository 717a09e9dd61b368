/**
 * Certificates as an abridged handshake would send them (draft-ietf-tls-cert-abridge), by size: each issuer that the
 * peer knows is three bytes, and a leaf stays as it is. Only a decompressor in the same process can undo it.
 */
import type { CertificateCompressor } from "../../handshake/index.ts";
import { parseCertificate } from "../../identity/index.ts";
import { concat, toHex } from "../../wire/index.ts";

export function abridged(): CertificateCompressor {
  const originals = new Map<string, Uint8Array>();
  return {
    algorithm: 0xab00,
    compress(data) {
      const small = concat(...abridge(data));
      originals.set(toHex(small), data.slice());
      return small;
    },
    decompress(data) {
      const original = originals.get(toHex(data));
      if (original === undefined) throw new Error("abridged in another process");
      return original;
    },
  };
}

/** Certificate (RFC 9846 §4.5.1): context<0..255>, then entries of a certificate<1..2^24-1> and extensions<0..2^16-1>. */
function abridge(data: Uint8Array): Uint8Array[] {
  let at = 1 + data[0]! + 3;
  const pieces = [data.subarray(0, at)];
  for (let entry = 0; at < data.length; entry++) {
    const extensions = at + 3 + number(data, at, 3);
    const end = extensions + 2 + number(data, extensions, 2);
    const isLeaf = entry === 0 || !isIssuer(data.subarray(at + 3, extensions));
    pieces.push(isLeaf ? data.subarray(at, end) : data.subarray(at + 3, at + 6));
    at = end;
  }
  return pieces;
}

/** Dual chains have a second leaf behind the issuers of the first. */
const isIssuer = (der: Uint8Array): boolean => parseCertificate(der).basicConstraints?.ca === true;

const number = (data: Uint8Array, at: number, length: number): number =>
  data.subarray(at, at + length).reduce((value, byte) => value * 256 + byte, 0);
