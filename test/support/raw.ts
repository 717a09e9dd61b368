import { concat } from "../../src/wire/index.ts";

/** A handshake message of any number around any bytes. */
export const withBody = (type: number, body: Uint8Array): Uint8Array =>
  concat(
    Uint8Array.of(type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff),
    body,
  );

/** A copy with some bytes changed. */
export function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  change(copy);
  return copy;
}
