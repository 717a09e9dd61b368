import { annotateMessage } from "../../messages/index.ts";
import { ExtensionType } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";

/** KeyShareEntry (RFC 9846 §4.3.8), of any length. */
export interface ShareEntry {
  readonly group: number;
  readonly keyExchange: Uint8Array;
}

/**
 * The same hello with other entries in its key_share; without any, without the extension. It is put
 * together from bytes, since an encoder would refuse what is wrong.
 */
export function withShares(
  hello: Uint8Array,
  from: Role,
  entries: readonly ShareEntry[],
): Uint8Array {
  const type = `${from}_hello` as const;
  const fields = annotateMessage(type, hello);
  const rangeOf = (path: string): { readonly start: number; readonly end: number } => {
    const found = fields.find((field) => field.path === path);
    if (found === undefined) throw new RangeError(`the hello has no ${path}`);
    return found;
  };
  const block = rangeOf(`${type}.extensions`);
  const extension = rangeOf(`${type}.extensions.key_share`);
  const written = concat(
    ...entries.map(({ group, keyExchange }) => concat(uint16(group), prefixed(keyExchange))),
  );
  const body = from === "client" ? prefixed(written) : written;
  const replaced = entries.length === 0 ? [] : [uint16(ExtensionType.key_share), prefixed(body)];
  const extensions = concat(
    hello.subarray(block.start + 2, extension.start - 4),
    ...replaced,
    hello.subarray(extension.end, block.end),
  );
  const content = concat(hello.subarray(4, block.start), prefixed(extensions));
  return concat(
    hello.subarray(0, 1),
    Uint8Array.of(content.length >> 16),
    uint16(content.length),
    content,
  );
}

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);

const prefixed = (bytes: Uint8Array): Uint8Array => concat(uint16(bytes.length), bytes);
