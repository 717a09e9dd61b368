import { DecodeError } from "../../wire/index.ts";
import { type DerReader } from "../der/der-reader.ts";
import { constructed, primitive } from "../der/der-tags.ts";
import { type DistinguishedName, readName } from "./distinguished-name.ts";

/** GeneralName values by kind (RFC 5280 §4.2.1.6). */
export interface GeneralNames {
  /** dNSName, as it stands; in name constraints also with a leading dot. */
  readonly dns: readonly string[];
  /** 4 or 16 bytes; in name constraints 8 or 32, address and mask. */
  readonly ip: readonly Uint8Array[];
  /** uniformResourceIdentifier; in name constraints a host, or a domain with a leading dot. */
  readonly uri: readonly string[];
  /** rfc822Name: a mailbox; in name constraints also a host or a domain. */
  readonly email: readonly string[];
  /** directoryName. */
  readonly directory: readonly DistinguishedName[];
  /** otherName, x400Address, ediPartyName, registeredID: identifier octet and contents. */
  readonly other: readonly OtherName[];
}

/** An otherName (RFC 5280 §4.2.1.6): a name of a type of its own. */
export interface OtherName {
  /** The identifier octet of the choice in DER. */
  readonly tag: number;
  /** The contents, in DER. */
  readonly value: Uint8Array;
}

interface Collected {
  dns: string[];
  ip: Uint8Array[];
  uri: string[];
  email: string[];
  directory: DistinguishedName[];
  other: OtherName[];
}

export const noNames = (): Collected => ({
  dns: [],
  ip: [],
  uri: [],
  email: [],
  directory: [],
  other: [],
});

/** Tags of GeneralName; directoryName is explicit, because Name is a CHOICE. */
const kind = {
  otherName: constructed(0),
  rfc822Name: primitive(1),
  dNSName: primitive(2),
  x400Address: constructed(3),
  directoryName: constructed(4),
  ediPartyName: constructed(5),
  uniformResourceIdentifier: primitive(6),
  iPAddress: primitive(7),
  registeredID: primitive(8),
};

/** Reads GeneralNames to the end of the contents: at least one. */
export function readGeneralNames(reader: DerReader): GeneralNames {
  const names = noNames();
  reader.each(1, (item, field) => readGeneralName(item, field, names, [4, 16]));
  return names;
}

/** Reads one GeneralName into the list of its kind. */
export function readGeneralName(
  reader: DerReader,
  field: string,
  into: Collected,
  ipLengths: readonly number[],
): void {
  const tag = reader.tag ?? 0;
  switch (tag) {
    case kind.rfc822Name:
      into.email.push(reader.ascii(field, tag));
      return;
    case kind.dNSName:
      into.dns.push(reader.ascii(field, tag));
      return;
    case kind.uniformResourceIdentifier:
      into.uri.push(reader.ascii(field, tag));
      return;
    case kind.directoryName:
      into.directory.push(reader.read(tag, field, (inner) => readName(inner, "directoryName")));
      return;
    case kind.iPAddress: {
      const address = reader.read(tag, field, (contents) => contents.rest());
      if (!ipLengths.includes(address.length)) {
        throw new DecodeError(
          `an iPAddress here has ${ipLengths.join(" or ")} bytes, got ${address.length} (RFC 5280 §4.2.1.6)`,
          field,
        );
      }
      into.ip.push(address);
      return;
    }
    case kind.otherName:
    case kind.x400Address:
    case kind.ediPartyName:
    case kind.registeredID:
      into.other.push({ tag, value: reader.read(tag, field, (contents) => contents.rest()) });
      return;
    default:
      throw new DecodeError(`tag 0x${tag.toString(16)} is not a GeneralName`, field);
  }
}
