import { DecodeError, toHex, isBytes } from "../../wire/index.ts";
import { type DerReader, readDer } from "../der/der-reader.ts";
import { constructed, Tag } from "../der/der-tags.ts";
import { type DistinguishedName, readName } from "../certificate/distinguished-name.ts";
import {
  type IssuingDistributionPoint,
  readIssuingDistributionPoint,
} from "../certificate/distribution-point.ts";
import {
  type RawExtension,
  readAuthorityKeyIdentifier,
  readRawExtensions,
} from "../certificate/extensions.ts";
import { readGeneralNames } from "../certificate/general-name.ts";
import { ExtensionOid } from "../der/oids.ts";
import { decodePem } from "../der/pem.ts";
import { readSigned, type Signed, type SignedPart } from "../certificate/signed.ts";

/** A certificate revocation list of version 1 or 2 (RFC 5280 §5.1). */
export interface Crl extends Signed {
  /** Who signed the list. */
  readonly issuer: DistinguishedName;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  /** Milliseconds since the epoch; the list is not to be used afterwards. */
  readonly nextUpdate?: number;
  /** What the list covers (RFC 5280 §5.2.5). Absent: all certificates of its issuer, for all reasons. */
  readonly issuingDistributionPoint?: IssuingDistributionPoint;
  /** The keyIdentifier of the issuer's key (RFC 5280 §5.2.1). */
  readonly authorityKeyIdentifier?: Uint8Array;
  /** Higher than that of every list before of the same scope (RFC 5280 §5.2.3). */
  readonly number?: bigint;
  /** The extension with the number is critical, which RFC 5280 §5.2.3 forbids. */
  readonly isNumberCritical: boolean;
  /** The number of the list that this one completes: it is a delta CRL. */
  readonly baseNumber?: bigint;
  /** Critical extensions, of the list or of an entry, that make it unusable (RFC 5280 §5.2, §5.3). */
  readonly criticalUnknown: readonly string[];
  /** All that stands on the list, in its order. */
  readonly entries: readonly CrlEntry[];
  /** Why a certificate stands on the list; `undefined` if it does not. */
  find(issuer: DistinguishedName, serialNumber: Uint8Array): CrlReason | undefined;
}

/** A certificate on a list; of which issuer it is, the list tells. */
export interface CrlEntry {
  /** The content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly revokedAt: number;
  /** Why it was revoked; `unspecified` where the list does not say. */
  readonly reason: CrlReason;
}

/** CRLReason (RFC 5280 §5.3.1). */
export const crlReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;
/** Why a certificate was revoked: CRLReason (RFC 5280 §5.3.1). */
export type CrlReason = keyof typeof crlReasons;

/**
 * Reads a list.
 * @param where begins the field path of an error
 * @throws TlsError `bad_certificate`
 */
export const parseCrl = (der: Uint8Array, where = "crl"): Crl => readSigned(der, where, readTbs);

/** Reads lists in order: PEM text with any number of blocks, DER, or a list of both. */
export function parseCrls(input: string | Uint8Array | readonly (string | Uint8Array)[]): Crl[] {
  const items = typeof input === "string" || isBytes(input) ? [input] : input;
  return items
    .flatMap((item) => (typeof item === "string" ? decodePem(item).map(({ der }) => der) : [item]))
    .map((bytes, index) => parseCrl(bytes, `crl[${index}]`));
}

type Tbs = SignedPart<Omit<Crl, keyof Signed>>;

function readTbs(reader: DerReader): Tbs {
  return reader.sequence("tbsCertList", (tbs) => {
    const version = tbs.tag === Tag.integer ? tbs.count("version") : 0;
    const algorithm = tbs.element("signature");
    const issuer = readName(tbs, "issuer");
    const thisUpdate = tbs.time("thisUpdate");
    const hasNext = tbs.tag === Tag.utcTime || tbs.tag === Tag.generalizedTime;
    const nextUpdate = hasNext ? tbs.time("nextUpdate") : undefined;
    const entries = new Entries(issuer);
    tbs.optional(Tag.sequence, "revokedCertificates", (list) => {
      list.each(0, (item, at) => item.sequence(at, (entry) => entries.read(entry)), Infinity);
    });
    const raw =
      tbs.optional(constructed(0), "crlExtensions", (inner) =>
        inner.sequence("", readRawExtensions),
      ) ?? [];
    // RFC 5280 §5.1.2.1: extensions only in version 2.
    if (version !== (raw.length > 0 ? 1 : version) || version > 1) {
      throw new DecodeError(`extensions in a list of version ${version + 1}`, "version");
    }
    const listed = readExtensionFields(raw);
    const fields: Omit<Crl, keyof Signed> = {
      issuer,
      thisUpdate,
      ...(nextUpdate === undefined ? {} : { nextUpdate }),
      ...listed,
      criticalUnknown: [...listed.criticalUnknown, ...entries.criticalUnknown],
      entries: entries.list,
      find: (of, serialNumber) => entries.find(of, serialNumber),
    };
    return { algorithm, fields };
  });
}

type ExtensionFields = Pick<
  Crl,
  | "issuingDistributionPoint"
  | "authorityKeyIdentifier"
  | "number"
  | "isNumberCritical"
  | "baseNumber"
  | "criticalUnknown"
>;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const processed = new Map<string, (fields: Mutable<ExtensionFields>, reader: DerReader) => void>([
  [
    ExtensionOid.issuingDistributionPoint,
    (fields, reader) => {
      fields.issuingDistributionPoint = reader.sequence(
        "issuingDistributionPoint",
        readIssuingDistributionPoint,
      );
    },
  ],
  [
    ExtensionOid.authorityKeyIdentifier,
    (fields, reader) => {
      const identifier = readAuthorityKeyIdentifier(reader);
      if (identifier !== undefined) fields.authorityKeyIdentifier = identifier;
    },
  ],
  [
    ExtensionOid.cRLNumber,
    (fields, reader) => {
      fields.number = readNumber(reader, "cRLNumber");
    },
  ],
  [
    ExtensionOid.deltaCRLIndicator,
    (fields, reader) => {
      fields.baseNumber = readNumber(reader, "deltaCRLIndicator");
    },
  ],
]);

function readExtensionFields(raw: readonly RawExtension[]): ExtensionFields {
  const fields: Mutable<ExtensionFields> = {
    isNumberCritical: raw.some(({ oid, critical }) => critical && oid === ExtensionOid.cRLNumber),
    criticalUnknown: unknown(raw, (oid) => processed.has(oid)),
  };
  for (const { oid, value } of raw) {
    const read = processed.get(oid);
    if (read !== undefined) readDer(value, (inner) => read(fields, inner));
  }
  return fields;
}

const unknown = (raw: readonly RawExtension[], isKnown: (oid: string) => boolean): string[] =>
  raw.filter(({ oid, critical }) => critical && !isKnown(oid)).map(({ oid }) => oid);

function readNumber(reader: DerReader, field: string): bigint {
  const octets = reader.integer(field);
  if (octets[0]! >= 0x80) throw new DecodeError("must not be negative", field);
  // RFC 5280 §5.2.3
  if (octets.length > 21) throw new DecodeError("has more than 20 octets", field);
  return BigInt(`0x${toHex(octets)}`);
}

/** The revoked certificates by issuer and serial number. */
class Entries {
  readonly criticalUnknown: string[] = [];
  readonly list: CrlEntry[] = [];
  /** RFC 5280 §5.3.3: each entry's issuer is that of the entry before, and of the list at first. */
  #issuers: ReadonlySet<string>;
  /** By serial number, the latest last. */
  readonly #revoked = new Map<string, { issuers: ReadonlySet<string>; reason: CrlReason }[]>();

  constructor(issuer: DistinguishedName) {
    this.#issuers = new Set([issuer.key]);
  }

  read(entry: DerReader): void {
    const serialNumber = entry.serialNumber("userCertificate");
    const revokedAt = entry.time("revocationDate");
    const raw = entry.optional(Tag.sequence, "crlEntryExtensions", readRawExtensions) ?? [];
    this.criticalUnknown.push(
      ...unknown(
        raw,
        (oid) => oid === ExtensionOid.certificateIssuer || oid === ExtensionOid.reasonCode,
      ),
    );
    let reason: CrlReason = "unspecified";
    for (const { oid, value } of raw) {
      if (oid === ExtensionOid.certificateIssuer) {
        const names = readDer(value, (inner) =>
          inner.sequence("certificateIssuer", readGeneralNames),
        );
        this.#issuers = new Set(names.directory.map(({ key }) => key));
      }
      if (oid === ExtensionOid.reasonCode) {
        reason = readDer(value, readReason);
      }
    }
    this.list.push({ serialNumber, revokedAt, reason });
    const revoked = { issuers: this.#issuers, reason };
    const number = toHex(serialNumber);
    const others = this.#revoked.get(number);
    if (others === undefined) this.#revoked.set(number, [revoked]);
    else others.push(revoked);
  }

  find(issuer: DistinguishedName, serialNumber: Uint8Array): CrlReason | undefined {
    const { key } = issuer;
    const entries = this.#revoked.get(toHex(serialNumber));
    return entries?.findLast(({ issuers }) => issuers.has(key))?.reason;
  }
}

const reasonNames = new Map<number, CrlReason>(
  Object.entries(crlReasons).map(([name, code]) => [code, name as CrlReason]),
);

/** CRLReason, in lists and in OCSP responses. */
export function readReason(reader: DerReader): CrlReason {
  const code = reader.count("reasonCode", Tag.enumerated);
  const reason = reasonNames.get(code);
  if (reason === undefined) throw new DecodeError(`unknown reason ${code}`, "reasonCode");
  return reason;
}
