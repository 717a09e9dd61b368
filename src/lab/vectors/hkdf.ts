import type { Hash } from "../../crypto/index.ts";
import { concat } from "../../wire/index.ts";

/** HKDF-Expand with any info; the engine itself has HKDF-Expand-Label only (RFC 5869 §2.3). */
export function hkdfExpand(
  hash: Hash,
  secret: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const blocks: Uint8Array[] = [];
  let block = new Uint8Array();
  for (let counter = 1; blocks.length * hash.length < length; counter++) {
    block = new Uint8Array(hash.hmac(secret, concat(block, info, Uint8Array.of(counter))));
    blocks.push(block);
  }
  return concat(...blocks).subarray(0, length);
}
