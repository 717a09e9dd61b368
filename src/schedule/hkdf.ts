/** HKDF as TLS 1.3 uses it (RFC 5869, RFC 9846 §7.1). */
import { hkdfExpand } from "../crypto/hkdf.ts";
import type { Hash } from "../crypto/provider.ts";
import { concat, utf8, wipe } from "../wire/index.ts";

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
    if (length === hash.length) return block;
    const output = block.slice(0, length);
    wipe(block);
    return output;
  }
  return hkdfExpand(hash, secret, info.subarray(0, -1), length);
}

/** An HkdfLabel with the counter byte of HKDF-Expand behind it, but for its context. */
interface Layout {
  readonly info: Uint8Array;
  readonly contextAt: number;
  readonly contextLength: number;
  readonly length: number;
}

/** The labels that the RFC names, laid out for the sizes of their last use; an exporter's own is not kept. */
const layouts = new Map<string, Layout | undefined>(
  "ext binder,res binder,imp binder,c e traffic,c e hs traffic,e exp master,derived,c hs traffic,s hs traffic,c ahs traffic,s ahs traffic,c ap traffic,s ap traffic,exp master,res master,finished,key,iv,traffic upd,exporter,resumption"
    .split(",")
    .map((label) => [label, undefined]),
);

/** `HkdfLabel ‖ 0x01`: the input of the first HMAC of HKDF-Expand. The next call overwrites it. */
function hkdfLabel(label: string, context: Uint8Array, length: number): Uint8Array {
  let layout = layouts.get(label);
  if (layout?.length !== length || layout.contextLength !== context.length) {
    layout = layOut(label, context.length, length);
    if (layouts.has(label)) layouts.set(label, layout);
  }
  layout.info.set(context, layout.contextAt);
  return layout.info;
}

function layOut(label: string, contextLength: number, length: number): Layout {
  const text = utf8(`tls13 ${label}`);
  if (text.length > 255) throw new RangeError(`the label ${label} is longer than 249 bytes`);
  const info = concat(
    Uint8Array.of(length >> 8, length & 0xff, text.length),
    text,
    Uint8Array.of(contextLength),
    new Uint8Array(contextLength),
    Uint8Array.of(1),
  );
  return { info, contextAt: 4 + text.length, contextLength, length };
}
