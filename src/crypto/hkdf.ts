import { concat, wipe } from "../wire/index.ts";
import type { Hash } from "./provider.ts";

/**
 * HKDF-Expand (RFC 5869 §2.3). HKDF-Extract is the hash's HMAC under the salt.
 *
 * @param length bytes wanted, at most 255 times the hash's length
 * @throws RangeError for more
 */
export function hkdfExpand(
  hash: Hash,
  secret: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  if (length > 255 * hash.length) {
    throw new RangeError(`HKDF gives at most ${255 * hash.length} bytes, not ${length}`);
  }
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, counter = 1; at < length; at += hash.length, counter++) {
    const input = concat(block, info, Uint8Array.of(counter));
    wipe(block);
    block = hash.hmac(secret, input);
    wipe(input);
    output.set(block.subarray(0, length - at), at);
  }
  wipe(block);
  return output;
}
