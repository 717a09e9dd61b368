import { DecodeError, fromUtf8 } from "../../wire/index.ts";
import { Tag } from "./der-tags.ts";
import { identityLimits } from "./limits.ts";

/**
 * A cursor over the Distinguished Encoding Rules (X.690 §8, §10), as strict as certificates need: a
 * length that is not minimal, an element that is left over and a boolean that is neither 00 nor ff are
 * errors, where general BER libraries let them pass. Byte strings that it returns are views of the
 * input.
 */
export class DerReader {
  readonly bytes: Uint8Array;
  position = 0;
  end: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  get atEnd(): boolean {
    return this.position === this.end;
  }

  /** The identifier octet of the next element; `undefined` at the end. */
  get tag(): number | undefined {
    return this.atEnd ? undefined : this.bytes[this.position];
  }

  /** Reads one element; `body` gets a reader of its contents and must use them up. An empty field adds no step to the path. */
  read<T>(tag: number, field: string, body: (contents: DerReader) => T): T {
    const outer = this.end;
    try {
      if (this.tag !== tag)
        throw new DecodeError(`expected ${tagName(tag)}, got ${tagName(this.tag)}`);
      this.end = this.#header();
      const value = body(this);
      this.expectEnd();
      this.end = outer;
      return value;
    } catch (error) {
      if (error instanceof DecodeError && field !== "") error.within(field);
      throw error;
    }
  }

  /** As {@link read}, if the next element has that tag. */
  optional<T>(tag: number, field: string, body: (contents: DerReader) => T): T | undefined {
    return this.tag === tag ? this.read(tag, field, body) : undefined;
  }

  sequence<T>(field: string, body: (contents: DerReader) => T): T {
    return this.read(Tag.sequence, field, body);
  }

  /**
   * Reads items to the end of the contents; there must be at least `least`.
   * @param most items; more are refused
   */
  each<T>(
    least: number,
    item: (reader: DerReader, field: string) => T,
    most: number = identityLimits.items,
  ): T[] {
    const items: T[] = [];
    while (!this.atEnd) {
      if (items.length === most) throw new DecodeError(`more than ${most} items, our limit`);
      items.push(item(this, `[${items.length}]`));
    }
    if (items.length < least) throw new DecodeError(`expected at least ${least} items`);
    return items;
  }

  /** The next element as it stands, header included. */
  element(field: string): Uint8Array {
    const start = this.position;
    try {
      if (this.atEnd) throw new DecodeError("expected an element, got the end");
      this.position = this.#header();
    } catch (error) {
      if (error instanceof DecodeError && field !== "") error.within(field);
      throw error;
    }
    return this.bytes.subarray(start, this.position);
  }

  /** What is left of the contents. */
  rest(): Uint8Array {
    const start = this.position;
    this.position = this.end;
    return this.bytes.subarray(start, this.end);
  }

  boolean(field: string, tag: number = Tag.boolean): boolean {
    return this.read(tag, field, (contents) => {
      const octets = contents.rest();
      const [value] = octets;
      if (octets.length > 1 || (value !== 0 && value !== 0xff)) {
        throw new DecodeError("a BOOLEAN is 00 or ff (X.690 §11.1)");
      }
      return value === 0xff;
    });
  }

  /** The content octets of an INTEGER, two's complement, most significant first. */
  integer(field: string, tag: number = Tag.integer): Uint8Array {
    return this.read(tag, field, (contents) => {
      const octets = contents.rest();
      const [first, second] = octets;
      if (first === undefined) throw new DecodeError("an INTEGER has at least one octet");
      if (second !== undefined && (first === 0 || first === 0xff) && second >> 7 === first >> 7) {
        throw new DecodeError("the INTEGER is not of minimal length (X.690 §8.3.2)");
      }
      return octets;
    });
  }

  /** An INTEGER that must be at least 0. Larger ones than 2^31 − 1 count as that. */
  count(field: string, tag: number = Tag.integer): number {
    const octets = this.integer(field, tag);
    if (octets[0]! >= 0x80) throw new DecodeError("must not be negative", field);
    return octets.length > 4 ? 0x7fffffff : octets.reduce((value, octet) => value * 256 + octet, 0);
  }

  /** A CertificateSerialNumber: its content octets, at most 20 and a sign (RFC 5280 §4.1.2.2). */
  serialNumber(field: string): Uint8Array {
    const octets = this.integer(field);
    // Negative ones break a rule for issuers, and verifiers are to live with them (RFC 5280 §4.1.2.2).
    if (octets.length > (octets[0] === 0 ? 21 : 20)) {
      throw new DecodeError("has more than 20 octets (RFC 5280 §4.1.2.2)", field);
    }
    return octets;
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  oid(field: string, tag: number = Tag.oid): string {
    return this.read(tag, field, (contents) => oidText(contents.rest()));
  }

  octetString(field: string): Uint8Array {
    return this.read(Tag.octetString, field, (contents) => contents.rest());
  }

  /** A BIT STRING of whole octets, as keys and signatures are. */
  bitString(field: string): Uint8Array {
    return this.read(Tag.bitString, field, (contents) => {
      const octets = contents.rest();
      if (octets[0] !== 0) throw new DecodeError("expected a BIT STRING of whole octets");
      return octets.subarray(1);
    });
  }

  /** The positions of the ones in a BIT STRING of named bits. */
  namedBits(field: string, tag: number = Tag.bitString): number[] {
    return this.read(tag, field, (contents) => {
      const [unused, ...octets] = contents.rest().subarray(0, identityLimits.namedOctets + 2);
      if (octets.length > identityLimits.namedOctets) throw new DecodeError("too many named bits");
      const last = octets.at(-1) ?? 0;
      if (unused === undefined || unused > 7 || (octets.length === 0 && unused > 0)) {
        throw new DecodeError("a BIT STRING begins with the number of its unused bits, 0 to 7");
      }
      if ((last & ((1 << unused) - 1)) !== 0) {
        throw new DecodeError("the unused bits must be 0 (X.690 §11.2.1)");
      }
      return octets.flatMap((octet, at) =>
        [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => octet & (0x80 >> bit)).map((bit) => 8 * at + bit),
      );
    });
  }

  /** A string whose characters are ASCII, as IA5String is; NUL has no place in any name. */
  ascii(field: string, tag: number = Tag.ia5String): string {
    return this.read(tag, field, (contents) => {
      const octets = contents.rest();
      if (octets.some((octet) => octet === 0 || octet >= 0x80)) {
        throw new DecodeError("expected ASCII characters without NUL");
      }
      return fromUtf8(octets);
    });
  }

  /** UTCTime or GeneralizedTime in milliseconds since the epoch (RFC 5280 §4.1.2.5). */
  time(field: string): number {
    const general = this.tag === Tag.generalizedTime;
    return this.read(general ? Tag.generalizedTime : Tag.utcTime, field, (contents) =>
      parseTime(fromUtf8(contents.rest()), general),
    );
  }

  expectEnd(): void {
    if (!this.atEnd) throw new DecodeError(`${this.end - this.position} bytes are left over`);
  }

  /** Moves past the header of the next element, and returns where its contents end. */
  #header(): number {
    const tag = this.#octet();
    if ((tag & 0x1f) === 0x1f) throw new DecodeError("tag numbers above 30 do not occur here");
    let length = this.#octet();
    if (length >= 0x80) {
      const octets = length - 0x80;
      if (octets === 0) throw new DecodeError("the length must be definite (X.690 §10.1)");
      if (octets > 4) throw new DecodeError(`a length has at most 4 octets here, not ${octets}`);
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + this.#octet();
      if (length < 0x80 || length < 2 ** (8 * (octets - 1))) {
        throw new DecodeError("the length is not minimal (X.690 §10.1)");
      }
    }
    if (length > this.end - this.position) {
      throw new DecodeError(`needs ${length} bytes, has ${this.end - this.position}`);
    }
    return this.position + length;
  }

  #octet(): number {
    if (this.atEnd) throw new DecodeError("ends within the header of an element");
    return this.bytes[this.position++]!;
  }
}

/** Reads one element that fills `bytes`, such as an extension's value. */
export function readDer<T>(bytes: Uint8Array, read: (reader: DerReader) => T): T {
  const reader = new DerReader(bytes);
  const value = read(reader);
  reader.expectEnd();
  return value;
}

/** The dotted form of an OBJECT IDENTIFIER's content octets. */
function oidText(octets: Uint8Array): string {
  if (octets.length === 0 || octets.at(-1)! >= 0x80)
    throw new DecodeError("the OBJECT IDENTIFIER is cut off");
  if (octets.length > identityLimits.oidOctets) {
    throw new DecodeError(`the OBJECT IDENTIFIER has ${octets.length} octets`);
  }
  let text = "";
  let start = true;
  let arc: number | bigint = 0;
  for (const octet of octets) {
    if (start && octet === 0x80) throw new DecodeError("an arc is not minimal (X.690 §8.19.2)");
    arc =
      typeof arc === "number" && arc < largestShifted
        ? arc * 128 + (octet & 0x7f)
        : (BigInt(arc) << 7n) | BigInt(octet & 0x7f);
    start = octet < 0x80;
    if (!start) continue;
    if (text === "") {
      const root = arc < 80 ? Math.floor(Number(arc) / 40) : 2;
      text = `${root}.${typeof arc === "number" ? arc - 40 * root : arc - 80n}`;
    } else {
      text += `.${arc}`;
    }
    arc = 0;
  }
  return text;
}

/** What seven more bits leave exact; arcs beyond it, as of UUIDs, are big integers. */
const largestShifted = 2 ** 46;

function parseTime(text: string, general: boolean): number {
  const form = general
    ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
    : /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] =
    form.exec(text)?.slice(1).map(Number) ?? [];
  // Two digits stand for 1950 to 2049 (RFC 5280 §4.1.2.5.1).
  const full = general ? year : year + (year >= 50 ? 1900 : 2000);
  const date = new Date(0);
  date.setUTCFullYear(full, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (
    date.getUTCMonth() !== month - 1 ||
    date.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  ) {
    throw new DecodeError(
      `not a time of the form ${general ? "YYYY" : "YY"}MMDDHHMMSSZ: ${JSON.stringify(text)}`,
    );
  }
  return date.getTime();
}

const tagNames = new Map<number, string>(Object.entries(Tag).map(([name, tag]) => [tag, name]));

function tagName(tag: number | undefined): string {
  if (tag === undefined) return "the end";
  return (
    tagNames.get(tag) ??
    (tag >= 0x80 && tag < 0xc0 ? `[${tag & 0x1f}]` : `tag 0x${tag.toString(16)}`)
  );
}
