import { type DerReader, readDer } from "./der-reader.ts";

/**
 * What is read from DER can take hundreds of times its memory: an empty directory name is four bytes, and an
 * object with views of the bytes. Such a value is checked when it comes, thrown away, and read again
 * whenever somebody asks for it; an ordinary one is read once.
 *
 * Gives the value of a field, or how to get it.
 * @throws DecodeError
 */
export function keepIfLight<T>(
  der: Uint8Array,
  read: (reader: DerReader) => T,
): { readonly value: T } | { readonly get: () => T } {
  const value = readDer(der, read);
  if (der.length <= alwaysLight) return { value };
  const room = timesItsBytes * der.length + ordinary;
  // A closure that could see the value would keep it
  return room - heapOf(value, room) > 0 ? { value } : { get: reading(der, read) };
}

const reading =
  <T>(der: Uint8Array, read: (reader: DerReader) => T): (() => T) =>
  () =>
    readDer(der, read);

/** Defines a field of an object by what {@link keepIfLight} gave. */
export function defineKept<T>(
  object: Record<string, unknown>,
  name: string,
  kept: { readonly value: T } | { readonly get: () => T },
): void {
  if ("value" in kept) object[name] = kept.value;
  else Object.defineProperty(object, name, { ...kept, enumerable: true });
}

/** So many bytes hold a few small things whatever they are, which saves the look at ordinary extensions. */
const alwaysLight = 32;
/** The most that a value may take, for each byte that it was read from. */
const timesItsBytes = 6;
/** And bytes on top, for a few small things of any kind. */
const ordinary = 2048;

/** About what a value takes on V8's heap, in bytes; counts no further than `most`. */
function heapOf(value: unknown, most: number): number {
  if (typeof value === "string") return 24 + value.length;
  if (typeof value !== "object" || value === null) return 0;
  // A view, and a share of nothing else: its bytes are those of the certificate
  if (value instanceof Uint8Array) return 112;
  const parts = value instanceof Set ? [...value] : Object.values(value);
  let size = 40 + 8 * parts.length;
  for (const part of parts) {
    if (size >= most) break;
    size += heapOf(part, most - size);
  }
  return size;
}
