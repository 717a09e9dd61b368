import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "../../src/wire/index.ts";

/** Numbers and bytes that are the same in every run. */
export interface Seeded {
  /** 0 to `limit` - 1 */
  below(limit: number): number;
  bytes(length: number): Uint8Array;
}

/** Mulberry32, for tests only. */
export function seeded(seed: number | string): Seeded {
  const digest = sha256(utf8(String(seed)));
  let state = new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, bytes: (length) => Uint8Array.from({ length }, () => below(256)) };
}

/** Cuts bytes into pieces of 0 to about 2^k bytes. */
export function randomPieces(bytes: Uint8Array, random: Seeded): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + random.below(2 ** random.below(16));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}
