/**
 * BER (X.690 §8) where others write it in place of DER: NSS, and with it Firefox, leaves lengths open and writes strings in
 * pieces in PKCS #12.
 */
import { concatAll, DecodeError } from "../../wire/index.ts";
import { Tag } from "./der-tags.ts";
import { der } from "./der-writer.ts";

/** Constructed, as against primitive (X.690 §8.1.2.5). */
const isConstructed = (tag: number): boolean => (tag & 0x20) !== 0;
/** An OCTET STRING in pieces (X.690 §8.7.3). */
const octetStringInPieces = Tag.octetString | 0x20;
/** Elements in elements; more would only keep us busy. */
const deepest = 32;
/** Elements of a file: each takes hundreds of bytes, of the two that it may have. */
const mostElements = 65_536;

/**
 * The same with every length told and every OCTET STRING whole. What is DER already comes back as it is.
 * @throws DecodeError for what is not an element of BER, and for what stands behind it
 */
export function derOfBer(bytes: Uint8Array): Uint8Array {
  const { encoded, end } = elementAt(bytes, 0, { depth: 0, count: { left: mostElements } });
  if (end !== bytes.length) throw new DecodeError("bytes are left over");
  return encoded;
}

interface Read {
  readonly encoded: Uint8Array;
  readonly content: Uint8Array;
  readonly tag: number;
  /** Where the next one begins. */
  readonly end: number;
}

/** How deep an element stands, and how many there may still be. */
interface Place {
  readonly depth: number;
  readonly count: { left: number };
}

function elementAt(bytes: Uint8Array, start: number, { depth, count }: Place): Read {
  if (count.left-- === 0) throw new DecodeError(`more than ${mostElements} elements, our limit`);
  const tag = bytes[start];
  if (tag === undefined) throw new DecodeError("expected an element, got the end");
  if ((tag & 0x1f) === 0x1f) throw new DecodeError("a tag of several octets is not read");
  const { length, begin } = lengthAt(bytes, start + 1);
  if (length === undefined && !isConstructed(tag)) {
    throw new DecodeError("a length is left open where nothing is constructed (X.690 §8.1.3.2)");
  }
  const end = length === undefined ? undefined : begin + length;
  if (end !== undefined && end > bytes.length) throw new DecodeError("it ends too early");
  if (!isConstructed(tag)) return whole(tag, bytes.subarray(begin, end), end!);
  if (depth === deepest) throw new DecodeError(`nested deeper than ${deepest}, our limit`);
  const within = bytes.subarray(0, end);
  const parts: Read[] = [];
  let at = begin;
  while (end === undefined ? !endsAt(bytes, at) : at < end) {
    const part = elementAt(within, at, { depth: depth + 1, count });
    parts.push(part);
    at = part.end;
  }
  const next = end ?? at + 2;
  if (tag !== octetStringInPieces) {
    return whole(tag, concatAll(parts.map(({ encoded }) => encoded)), next);
  }
  if (parts.some((part) => part.tag !== Tag.octetString)) {
    throw new DecodeError("an OCTET STRING is made of others (X.690 §8.7.3)");
  }
  return whole(Tag.octetString, concatAll(parts.map(({ content }) => content)), next);
}

const whole = (tag: number, content: Uint8Array, end: number): Read => ({
  encoded: der(tag, content),
  content,
  tag,
  end,
});

/** End-of-contents octets (X.690 §8.1.5). */
const endsAt = (bytes: Uint8Array, at: number): boolean => bytes[at] === 0 && bytes[at + 1] === 0;

/** @returns no length for one that is left open */
function lengthAt(
  bytes: Uint8Array,
  at: number,
): { readonly length: number | undefined; readonly begin: number } {
  const first = bytes[at];
  if (first === undefined) throw new DecodeError("expected a length, got the end");
  if (first < 0x80) return { length: first, begin: at + 1 };
  const count = first & 0x7f;
  if (count === 0) return { length: undefined, begin: at + 1 };
  const octets = bytes.subarray(at + 1, at + 1 + count);
  if (count > 4 || octets.length < count) throw new DecodeError("the length is not read");
  return { length: octets.reduce((sum, octet) => sum * 256 + octet, 0), begin: at + 1 + count };
}
