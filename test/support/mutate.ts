/** Seeded damage to DER, so that a failure can be had again. */
import { concat } from "../../src/wire/index.ts";
import { seeded } from "./random.ts";

interface Place {
  /** Where the length octets begin, and the contents. */
  readonly length: number;
  readonly contents: number;
  readonly end: number;
}

/** Every element of a DER structure, as deep as its constructed tags tell. */
function elementsOf(bytes: Uint8Array, from = 0, to = bytes.length): Place[] {
  const places: Place[] = [];
  for (let at = from; at + 2 <= to;) {
    const tag = bytes[at]!;
    const first = bytes[at + 1]!;
    const more = first < 0x80 ? 0 : first - 0x80;
    let size = first < 0x80 ? first : 0;
    for (const octet of bytes.subarray(at + 2, at + 2 + more)) size = size * 256 + octet;
    const contents = at + 2 + more;
    const end = contents + size;
    if (more > 4 || end > to) break;
    places.push({ length: at + 1, contents, end });
    if ((tag & 0x20) !== 0) places.push(...elementsOf(bytes, contents, end));
    at = end;
  }
  return places;
}

type Damage = (bytes: Uint8Array, pick: (below: number) => number) => Uint8Array;

const flipped: Damage = (bytes, pick) => {
  const damaged = bytes.slice();
  for (let count = 1 + pick(3); count > 0; count--) {
    damaged[pick(damaged.length)]! ^= 1 << pick(8);
  }
  return damaged;
};

const truncated: Damage = (bytes, pick) => bytes.slice(0, pick(bytes.length));

const stretched: Damage = (bytes, pick) => {
  const at = pick(bytes.length);
  const more = Uint8Array.from({ length: 1 + pick(20) }, () => pick(256));
  return concat(bytes.subarray(0, at), more, bytes.subarray(at));
};

/** The length of an element says something else, short or long, up to four gigabytes. */
const lying: Damage = (bytes, pick) => {
  const places = elementsOf(bytes);
  const { length } = places[pick(places.length)]!;
  const lies = [
    [pick(128)],
    [0x80],
    [0x81, pick(256)],
    [0x82, pick(256), pick(256)],
    [0x84, 0xff, 0xff, 0xff, 0xff],
    [0x89],
  ];
  const lie = Uint8Array.from(lies[pick(lies.length)]!);
  return concat(bytes.subarray(0, length), lie, bytes.subarray(length + 1));
};

/** Contents of an element are another's, or empty, or nested without end; all lengths around stay right. */
const replaced: Damage = (bytes, pick) => {
  const places = elementsOf(bytes);
  const { contents, end } = places[pick(places.length)]!;
  const other = places[pick(places.length)]!;
  const inside = [
    new Uint8Array(0),
    bytes.subarray(other.contents, other.end),
    nested(1 + pick(2000)),
    Uint8Array.from({ length: end - contents }, () => pick(256)),
  ][pick(4)]!;
  return rebuilt(bytes, contents, end, inside);
};

/** SEQUENCE in SEQUENCE … */
export function nested(depth: number): Uint8Array {
  const whole = depth > deep.depth ? nest(depth) : deep;
  // What stands so deep is the end of the whole
  return whole.bytes.slice(whole.bytes.length - whole.sizes[depth]!);
}

interface Nest {
  readonly depth: number;
  readonly bytes: Uint8Array;
  /** Of the innermost elements, by their number. */
  readonly sizes: readonly number[];
}

function nest(depth: number): Nest {
  const headers: Uint8Array[] = [];
  const sizes = [0];
  for (let level = 0; level < depth; level++) {
    const header = headerOf(0x30, sizes[level]!);
    headers.push(header);
    sizes.push(sizes[level]! + header.length);
  }
  return { depth, bytes: concat(...headers.toReversed()), sizes };
}

/** Puts other bytes in the place of an element's contents, with the lengths of all around it. */
function rebuilt(bytes: Uint8Array, from: number, to: number, inside: Uint8Array): Uint8Array {
  const write = (start: number, end: number): Uint8Array => {
    if (start === from && end === to) return inside;
    const children: Uint8Array[] = [];
    for (let at = start; at < end;) {
      const place = elementsOf(bytes, at, end)[0];
      if (place === undefined) return bytes.subarray(start, end);
      const touches = place.contents <= from && to <= place.end;
      const body = touches ? write(place.contents, place.end) : undefined;
      children.push(
        body === undefined
          ? bytes.subarray(at, place.end)
          : concat(headerOf(bytes[at]!, body.length), body),
      );
      at = place.end;
    }
    return concat(...children);
  };
  return write(0, bytes.length);
}

function headerOf(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) octets.unshift(rest & 0xff);
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets);
}

const deep = nest(2000);

const damages = [flipped, truncated, stretched, lying, replaced, replaced];

/** One damaged copy for each seed. */
export function mutate(bytes: Uint8Array, seed: number): Uint8Array {
  const { below } = seeded(seed);
  return damages[below(damages.length)]!(bytes, below);
}
