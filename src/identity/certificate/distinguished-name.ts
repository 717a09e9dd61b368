import { sha256 } from "@noble/hashes/sha2.js";
import { DecodeError, fromUtf8, toHex, utf8 } from "../../wire/index.ts";
import { type DerReader, readDer } from "../der/der-reader.ts";
import { Tag } from "../der/der-tags.ts";
import { der, oid, sequence } from "../der/der-writer.ts";
import { AttributeOid } from "../der/oids.ts";
import { prepareString } from "./string-preparation.ts";

/** An X.501 Name (RFC 5280 §4.1.2.4). */
export interface DistinguishedName {
  /** The whole Name in DER. */
  readonly der: Uint8Array;
  /** RFC 4514: `CN=example.com,O=Example,C=DE`. */
  readonly text: string;
  /**
   * One string for each RDN, outermost first. Two names match under RFC 5280 §7.1 exactly if these
   * are equal one by one.
   */
  readonly comparable: readonly string[];
  /** One for maps: equal for names that match. */
  readonly key: string;
  /** The texts of the attributes of that type, outermost first. */
  valuesOf(type: string): readonly string[];
}

/** Attributes by their RFC 4514 short name, outermost first: `{ C: "DE", O: "Example", CN: "example.com" }`. */
export type NameAttributes = Partial<Record<keyof typeof AttributeOid, string>>;

/** The names that {@link NameAttributes} knows. */
export const attributeNames: readonly string[] = Object.keys(AttributeOid);

interface Attribute {
  readonly type: string;
  readonly tag: number;
  readonly contents: Uint8Array;
  /** `undefined` for a type that is not a string of characters. */
  readonly text: string | undefined;
}

/** Reads a Name; its form is checked now, what it says is decoded on first use. */
export function readName(reader: DerReader, field: string): DistinguishedName {
  const bytes = reader.element(field);
  try {
    readRdns(bytes);
  } catch (error) {
    if (error instanceof DecodeError) error.within(field);
    throw error;
  }
  return new Name(bytes);
}

/** Keeps no more than its bytes and two strings: an attribute of thirteen bytes would be an object with views of them. */
class Name implements DistinguishedName {
  readonly der: Uint8Array;
  #text: string | undefined;
  #key: string | undefined;

  constructor(bytes: Uint8Array) {
    this.der = bytes;
  }

  get text(): string {
    return (this.#text ??= readRdns(this.der).toReversed().map(printRdn).join(","));
  }

  get comparable(): readonly string[] {
    return this.key === "" ? [] : this.key.split(separator);
  }

  get key(): string {
    return (this.#key ??= readRdns(this.der).map(comparableRdn).join(separator));
  }

  valuesOf(type: string): string[] {
    return readRdns(this.der)
      .flat()
      .flatMap((attribute) => (attribute.type === type ? [attribute.text ?? ""] : []));
  }
}

/** Stands in no comparable RDN: JSON escapes it. */
const separator = "\n";

const readRdns = (bytes: Uint8Array): Attribute[][] =>
  readDer(bytes, (reader) =>
    reader.sequence("", (names) => names.each(0, (rdn, at) => readRdn(rdn, at))),
  );

/** Reads one RDN; returns it in comparable form. */
export const readRelativeName = (reader: DerReader, field: string, tag: number): string =>
  comparableRdn(readRdn(reader, field, tag));

export function encodeName(attributes: NameAttributes): Uint8Array {
  return sequence(
    ...Object.entries(attributes).map(([name, value]) => {
      const type = AttributeOid[name as keyof NameAttributes];
      return der(Tag.set, sequence(oid(type), der(stringTag(name, value), utf8(value))));
    }),
  );
}

/** Whether two names match (RFC 5280 §7.1). */
export const sameName = (a: DistinguishedName, b: DistinguishedName): boolean => a.key === b.key;

/** Whether `name` is `base` or lies below it (RFC 5280 §4.2.1.10). */
export const isWithin = (name: DistinguishedName, base: DistinguishedName): boolean =>
  base.key === "" || name.key === base.key || name.key.startsWith(base.key + separator);

function readRdn(reader: DerReader, field: string, setTag: number = Tag.set): Attribute[] {
  return reader.read(setTag, field, (set) =>
    set.each(1, (item, at) =>
      item.sequence(at, (attribute) => {
        const type = attribute.oid("type");
        const tag = attribute.tag ?? 0;
        const contents = attribute.read(tag, "value", (value) => value.rest());
        return { type, tag, contents, text: characters(tag, contents) };
      }),
    ),
  );
}

function characters(tag: number, contents: Uint8Array): string | undefined {
  switch (tag) {
    case Tag.utf8String:
    case Tag.printableString:
    case Tag.ia5String:
      return fromUtf8(contents);
    case Tag.teletexString:
      return Array.from(contents, (octet) => String.fromCharCode(octet)).join("");
    case Tag.bmpString:
      return units(contents, 2)?.reduce((text, unit) => text + String.fromCharCode(unit), "");
    case Tag.universalString: {
      const points = units(contents, 4);
      if (points?.every((point) => point <= 0x10ffff) !== true) return undefined;
      return points.reduce((text, point) => text + String.fromCodePoint(point), "");
    }
    default:
      return undefined;
  }
}

/** Numbers of that many bytes; `undefined` if some are left over. */
function units(contents: Uint8Array, length: number): number[] | undefined {
  if (contents.length % length !== 0) return undefined;
  return Array.from({ length: contents.length / length }, (_, at) =>
    contents
      .subarray(at * length, (at + 1) * length)
      .reduce((unit, octet) => unit * 256 + octet, 0),
  );
}

/**
 * Strings of characters match as prepared (RFC 5280 §7.1), whatever their type, case and white space; all
 * else matches by its bytes. JSON keeps the parts apart: no value can imitate two. A character can unfold to
 * eighteen; what grows like that is compared by its hash.
 */
function comparableRdn(rdn: readonly Attribute[]): string {
  const parts = rdn.map(({ type, tag, contents, text }) => {
    const prepared = text === undefined ? undefined : prepareString(text);
    if (prepared === undefined) return [type, tag, toHex(contents)];
    return prepared.length > 3 * contents.length
      ? [type, "sha256", toHex(sha256(utf8(prepared)))]
      : [type, prepared];
  });
  return parts.length === 1
    ? JSON.stringify(parts[0])
    : parts
        .map((part) => JSON.stringify(part))
        .toSorted()
        .join("+");
}

const shortNames = new Map<string, string>(
  Object.entries(AttributeOid).map(([name, dotted]) => [dotted, name]),
);

function printRdn(rdn: readonly Attribute[]): string {
  return rdn
    .map(({ type, tag, contents, text }) => {
      const name = shortNames.get(type) ?? type;
      if (text === undefined) return `${name}=#${toHex(der(tag, contents))}`;
      return `${name}=${escapeValue(text)}`;
    })
    .join("+");
}

/** RFC 4514 §2.4; control characters too, so that a name cannot forge lines of a log. */
function escapeValue(text: string): string {
  return text
    .replaceAll(/[\\"+,;<>]|^[ #]| $/g, (character) => `\\${character}`)
    .replaceAll(/\p{Cc}/gu, (character) =>
      toHex(utf8(character)).replaceAll(/../g, (pair) => `\\${pair}`),
    );
}

/** Countries are PrintableString, domain components and e-mail addresses IA5String (RFC 5280 Appendix A). */
function stringTag(name: string, value: string): number {
  if (name === "C") return Tag.printableString;
  if (name !== "DC" && name !== "emailAddress") return Tag.utf8String;
  if (utf8(value).some((octet) => octet >= 0x80)) {
    throw new TypeError(`${name} holds ASCII only, got ${JSON.stringify(value)}`);
  }
  return Tag.ia5String;
}
