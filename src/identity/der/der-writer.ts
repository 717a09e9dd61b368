import { concat } from "../../wire/index.ts";
import { Tag } from "./der-tags.ts";

/** Writes one element: identifier, length, contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concat(...contents);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  const header = body.length < 0x80 ? [tag, body.length] : [tag, 0x80 | length.length, ...length];
  return concat(Uint8Array.from(header), body);
}

export const sequence = (...items: readonly Uint8Array[]): Uint8Array =>
  der(Tag.sequence, ...items);

/** Writes an INTEGER that is not negative, from its octets, most significant first. */
export function unsigned(octets: Uint8Array | number): Uint8Array {
  const bytes = typeof octets === "number" ? octetsOf(octets) : octets;
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const minimal = bytes.subarray(start);
  return der(Tag.integer, Uint8Array.from((minimal[0] ?? 0) >= 0x80 ? [0] : []), minimal);
}

/** Writes an ENUMERATED below 128. */
export const enumerated = (value: number): Uint8Array => der(Tag.enumerated, Uint8Array.of(value));

/** Writes an OBJECT IDENTIFIER from its dotted form; `tag` replaces the universal one. */
export function oid(dotted: string, tag: number = Tag.oid): Uint8Array {
  const [first = 0n, second = 0n, ...rest] = dotted.split(".").map(BigInt);
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const digits = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) digits.unshift(Number(left & 0x7fn) | 0x80);
    octets.push(...digits);
  }
  return der(tag, Uint8Array.from(octets));
}

export const octetString = (...contents: readonly Uint8Array[]): Uint8Array =>
  der(Tag.octetString, ...contents);

/** Writes a BIT STRING of whole octets. */
export const bitString = (octets: Uint8Array): Uint8Array =>
  der(Tag.bitString, Uint8Array.of(0), octets);

/** Writes a BIT STRING of named bits, without the zeros at its end (X.690 §11.2.2). */
export function namedBits(positions: readonly number[]): Uint8Array {
  const last = Math.max(-1, ...positions);
  const octets = new Uint8Array(Math.ceil((last + 1) / 8));
  for (const position of positions) octets[position >> 3]! |= 0x80 >> (position & 7);
  return der(Tag.bitString, Uint8Array.of(8 * octets.length - (last + 1)), octets);
}

export const boolean = (value: boolean): Uint8Array =>
  der(Tag.boolean, Uint8Array.of(value ? 0xff : 0));

/** Writes UTCTime up to 2049 and GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5), in whole seconds. */
export function time(milliseconds: number): Uint8Array {
  const text = timeText(milliseconds);
  const year = Number(text.slice(0, 4));
  return year >= 1950 && year < 2050
    ? der(Tag.utcTime, ascii(text.slice(2)))
    : generalizedTime(milliseconds);
}

/** Writes GeneralizedTime in whole seconds. */
export const generalizedTime = (milliseconds: number): Uint8Array =>
  der(Tag.generalizedTime, ascii(timeText(milliseconds)));

/** `YYYYMMDDHHMMSSZ` */
const timeText = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;

export const ascii = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

function octetsOf(value: number): Uint8Array {
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.from(octets.length === 0 ? [0] : octets);
}
