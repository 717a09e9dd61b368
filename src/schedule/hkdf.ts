/** HKDF as TLS 1.3 uses it (RFC 5869, RFC 9846 §7.1). */
import type { Hash } from "../crypto/provider.ts";
import { utf8 } from "../wire/index.ts";

/** HKDF-Extract; the result has the hash's length. */
export function hkdfExtract(
  hash: Hash,
  salt: Uint8Array,
  inputKeyMaterial: Uint8Array,
): Uint8Array {
  return hash.hmac(salt, inputKeyMaterial);
}

/**
 * HKDF-Expand-Label(secret, label, context, length).
 *
 * @param length bytes wanted, at most 255 times the hash's length
 */
export function hkdfExpandLabel(
  hash: Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const info = hkdfLabel(label, context, length);
  if (length <= hash.length) {
    const block = hash.hmac(secret, info);
    return length === hash.length ? block : block.slice(0, length);
  }
  return hkdfExpand(hash, secret, info, length);
}

/** `HkdfLabel ‖ 0x01`: the input of the first HMAC of HKDF-Expand. */
function hkdfLabel(label: string, context: Uint8Array, length: number): Uint8Array {
  const prefix = labelPrefix(label);
  const info = new Uint8Array(2 + prefix.length + 1 + context.length + 1);
  info[0] = length >> 8;
  info[1] = length & 0xff;
  info.set(prefix, 2);
  info[2 + prefix.length] = context.length;
  info.set(context, 3 + prefix.length);
  info[info.length - 1] = 1;
  return info;
}

/** `opaque label<7..255>` of the labels that the RFC names; an exporter's own label is not kept. */
const prefixes = new Map<string, Uint8Array>();
const knownLabels = new Set(
  "ext binder,res binder,imp binder,c e traffic,e exp master,derived,c hs traffic,s hs traffic,c ap traffic,s ap traffic,exp master,res master,finished,key,iv,traffic upd,exporter,resumption".split(
    ",",
  ),
);

function labelPrefix(label: string): Uint8Array {
  const kept = prefixes.get(label);
  if (kept !== undefined) return kept;
  const text = utf8(`tls13 ${label}`);
  if (text.length > 255) throw new RangeError(`the label ${label} is longer than 249 bytes`);
  const prefix = new Uint8Array(1 + text.length);
  prefix[0] = text.length;
  prefix.set(text, 1);
  if (knownLabels.has(label)) prefixes.set(label, prefix);
  return prefix;
}

/** HKDF-Expand over more than one block; `info` ends with the counter byte of the first. */
function hkdfExpand(hash: Hash, secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > 255 * hash.length) {
    throw new RangeError(`HKDF gives at most ${255 * hash.length} bytes, not ${length}`);
  }
  const output = new Uint8Array(length);
  let block = hash.hmac(secret, info);
  for (let at = 0, counter = 2; ; counter++) {
    output.set(block.subarray(0, length - at), at);
    at += hash.length;
    if (at >= length) return output;
    const input = new Uint8Array(hash.length + info.length);
    input.set(block);
    input.set(info, hash.length);
    input[input.length - 1] = counter;
    block = hash.hmac(secret, input);
  }
}
