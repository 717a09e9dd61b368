/** Joins byte strings into one new array. */
export const concat = (...parts: readonly Uint8Array[]): Uint8Array => concatAll(parts);

/** The same of a list, which may be longer than a call takes arguments. */
export function concatAll(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * Compares without leaving early at the first difference. JavaScript engines promise nothing about
 * timing; this is as much as can be done in the language.
 */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Overwrites secrets with zeros. Copies that the engine made are out of reach. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}

/** What is smaller is not worth a call, and may be part of a pool. */
const leastReleased = 4096;

/**
 * Gives the memory of bytes back at once, where the runtime can (Node 22 and later, browsers of 2024):
 * left to the garbage collector, buffers of whole records pile up in memory that no cache holds. The
 * caller must own the bytes, and nobody may use them any more. What shares its memory is left alone.
 */
export function release(bytes: Uint8Array): void {
  const buffer: ArrayBufferLike & { transfer?: (length: number) => ArrayBuffer } = bytes.buffer;
  if (bytes.length >= leastReleased && bytes.length === buffer.byteLength) buffer.transfer?.(0);
}

export function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/** @throws TypeError if the text is not an even number of hexadecimal digits */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new TypeError("expected an even number of hexadecimal digits");
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const utf8 = (text: string): Uint8Array => encoder.encode(text);
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Bytes, also those of another realm, which are instances of another Uint8Array: a frame's, a `vm` context's. */
export const isBytes = (value: unknown): value is Uint8Array =>
  ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
