/**
 * The presentation language of RFC 9846 §3 as combinators. A structure is declared once; decoder,
 * encoder, TypeScript type, annotated dump and the generators of the property tests follow from it.
 */
import { DecodeError, type FieldRange, Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** What a codec is made of, as data: from this, tests generate values and tools mutate them. */
export type Shape =
  | { readonly kind: "uint"; readonly size: number }
  | {
      readonly kind: "code";
      readonly size: number;
      readonly members: Readonly<Record<string, number>>;
    }
  | { readonly kind: "fixed"; readonly length: number }
  | { readonly kind: "opaque"; readonly min: number; readonly max: number }
  | { readonly kind: "text"; readonly min: number; readonly max: number }
  | {
      readonly kind: "list";
      readonly element: Codec<unknown>;
      readonly min: number;
      readonly max: number;
      /** No value may repeat. */
      readonly distinct?: true;
    }
  | { readonly kind: "struct"; readonly fields: Readonly<Record<string, Codec<unknown>>> }
  | { readonly kind: "empty" }
  | { readonly kind: "rest" }
  | { readonly kind: "extensions"; readonly context: string };

/** Reads and writes values of `T`. Method syntax, so that a `Codec<T>` is a `Codec<unknown>`. */
export interface Codec<T> {
  /** What the value looks like on the wire, for generators, mutators and documentation. */
  readonly shape: Shape;
  /** Decodes a value where the reader stands. @throws DecodeError for bytes that are malformed */
  read(reader: Reader): T;
  /** Appends an encoded value. @throws RangeError for a value that does not fit */
  write(writer: Writer, value: T): void;
}

/** The type that a codec reads and writes. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/**
 * Decodes a whole input.
 * @param elements entries of lists, numbers aside, and extensions that it may have in all
 * @throws DecodeError on malformed, truncated or trailing bytes
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, elements?: number): T {
  const reader = new Reader(bytes, elements);
  const value = codec.read(reader);
  reader.expectEnd();
  return value;
}

/** Encodes a value. @throws RangeError if the value breaks the declaration's bounds */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.finish();
}

/** Decodes and says where every field stood, outer fields before the inner ones. */
export function annotate<T>(
  codec: Codec<T>,
  bytes: Uint8Array,
): { value: T; fields: FieldRange[] } {
  const reader = new Reader(bytes);
  const fields: FieldRange[] = [];
  reader.fields = fields;
  const value = codec.read(reader);
  reader.expectEnd();
  return { value, fields };
}

function uint(size: number): Codec<number> {
  return {
    shape: { kind: "uint", size },
    read: (reader) => reader.uint(size),
    write: (writer, value) => writer.uint(size, value),
  };
}

export const uint8: Codec<number> = uint(1);
export const uint16: Codec<number> = uint(2);
export const uint24: Codec<number> = uint(3);
export const uint32: Codec<number> = uint(4);
/** Not of the RFC: milliseconds since the epoch, for what we store ourselves. */
export const uint48: Codec<number> = uint(6);

/** An enum of the RFC: a number whose members have names. Unknown numbers pass (RFC 9846 §3.5 leaves them to the reader). */
export function code(
  base: Codec<number>,
  members: Readonly<Record<string, number>>,
): Codec<number> {
  const size = base.shape.kind === "uint" ? base.shape.size : 0;
  return { ...base, shape: { kind: "code", size, members } };
}

/** `opaque[length]`: exactly `length` bytes. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    shape: { kind: "fixed", length },
    read: (reader) => reader.take(length),
    write(writer, value) {
      if (value.length !== length)
        throw new RangeError(`${value.length} bytes instead of ${length}`);
      writer.append(value);
    },
  };
}

/** `opaque<min..max>`: bytes behind their length. */
export function opaque(min: number, max: number): Codec<Uint8Array> {
  const size = prefixSize(max);
  return {
    shape: { kind: "opaque", min, max },
    read: (reader) => reader.take(readLength(reader, size, min, max)),
    write(writer, value) {
      const at = writer.begin(size);
      writer.append(value);
      writer.end(at, size, min, max);
    },
  };
}

/**
 * `opaque<min..max>` as text, one character a byte (ISO 8859-1), so that any bytes survive the round
 * trip: host names and protocol names, which are ASCII by their own rules.
 */
export function text(min: number, max: number): Codec<string> {
  const bytes = opaque(min, max);
  return {
    shape: { kind: "text", min, max },
    read: (reader) => characters(bytes.read(reader)),
    write: (writer, value) => bytes.write(writer, oneByteEach(value)),
  };
}

/**
 * By `apply`, several times as fast as spreading. Adding character to character would leave a tree of halves
 * behind, of 32 bytes for each.
 */
function characters(bytes: Uint8Array): string {
  let value = "";
  for (let at = 0; at < bytes.length; at += atOnce) {
    const some: ArrayLike<number> = bytes.subarray(at, at + atOnce);
    value += String.fromCharCode.apply(null, some as number[]);
  }
  return value;
}

/** Arguments of one call, which stand on the stack. */
const atOnce = 4096;

function oneByteEach(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = value.charCodeAt(i);
    if (byte > 0xff) throw new RangeError(`${JSON.stringify(value)} is not one byte a character`);
    bytes[i] = byte;
  }
  return bytes;
}

/** `T<min..max>`: elements behind their total length in bytes. */
export function list<T>(element: Codec<T>, min: number, max: number): Codec<T[]> {
  const size = prefixSize(max);
  const isNumber = element.shape.kind === "uint" || element.shape.kind === "code";
  const readAll = (reader: Reader): T[] => {
    const values: T[] = [];
    try {
      while (reader.position < reader.end) {
        if (!isNumber) reader.element();
        values.push(
          reader.fields === undefined
            ? element.read(reader)
            : reader.field(`[${values.length}]`, (r) => element.read(r)),
        );
      }
    } catch (error) {
      throw error instanceof DecodeError ? error.within(`[${values.length}]`) : error;
    }
    return values;
  };
  return {
    shape: { kind: "list", element, min, max },
    read: (reader) => reader.within(readLength(reader, size, min, max), readAll),
    write(writer, values) {
      const at = writer.begin(size);
      for (const value of values) element.write(writer, value);
      writer.end(at, size, min, max);
    },
  };
}

/** A list of numbers that may not repeat. */
export function distinct(numbers: Codec<number[]>): Codec<number[]> {
  const { shape } = numbers;
  return {
    ...numbers,
    shape: shape.kind === "list" ? { ...shape, distinct: true } : shape,
    read(reader) {
      const values = numbers.read(reader);
      if (new Set(values).size !== values.length) throw new DecodeError("a value stands twice");
      return values;
    },
  };
}

/** A `struct`: its fields in the order in which they stand on the wire. */
export function struct<const F extends Readonly<Record<string, Codec<unknown>>>>(
  fields: F,
): Codec<{ -readonly [K in keyof F]: ValueOf<F[K]> }> {
  type T = { -readonly [K in keyof F]: ValueOf<F[K]> };
  const entries = Object.entries(fields);
  return {
    shape: { kind: "struct", fields },
    read(reader) {
      const value: Record<string, unknown> = {};
      let current = "";
      try {
        for (const [name, codec] of entries) {
          current = name;
          value[name] =
            reader.fields === undefined
              ? codec.read(reader)
              : reader.field(name, (r) => codec.read(r));
        }
      } catch (error) {
        throw error instanceof DecodeError ? error.within(current) : error;
      }
      return value as T;
    },
    write(writer, value) {
      for (const [name, codec] of entries) codec.write(writer, value[name as keyof T]);
    },
  };
}

/** No bytes at all; the value is `true`, so that presence can be tested. */
export const empty: Codec<true> = {
  shape: { kind: "empty" },
  read: () => true,
  write: () => {},
};

/** All bytes up to the end of the enclosing structure. */
export const rest: Codec<Uint8Array> = {
  shape: { kind: "rest" },
  read: (reader) => reader.take(reader.remaining),
  write: (writer, value) => writer.append(value),
};

function prefixSize(max: number): number {
  return max < 2 ** 8 ? 1 : max < 2 ** 16 ? 2 : 3;
}

function readLength(reader: Reader, size: number, min: number, max: number): number {
  const length = reader.uint(size);
  if (length < min || length > max) {
    throw new DecodeError(`length ${length} is outside ${min}..${max}`);
  }
  return length;
}
