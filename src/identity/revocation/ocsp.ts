import { TlsError } from "../../registry/index.ts";
import { DecodeError } from "../../wire/index.ts";
import { type Certificate, parseCertificate } from "../certificate/certificate.ts";
import { type CrlReason, readReason } from "./crl.ts";
import type { DerReader } from "../der/der-reader.ts";
import { constructed, primitive, Tag } from "../der/der-tags.ts";
import { type DistinguishedName, readName } from "../certificate/distinguished-name.ts";
import { type RawExtension, readRawExtensions } from "../certificate/extensions.ts";
import { type CertId, readCertId } from "./ocsp-cert-id.ts";
import { OcspOid } from "../der/oids.ts";
import {
  parseStructure,
  readSignedContents,
  type Signed,
  type SignedPart,
} from "../certificate/signed.ts";

/** A successful OCSP response (RFC 6960 §4.2), read once and never changed. */
export interface OcspResponse extends Signed {
  /** Who signed it, by name or by the hash of the key. */
  readonly responder: Responder;
  /** Milliseconds since the epoch, as are all times here. */
  readonly producedAt: number;
  /** One for each certificate that it speaks of. */
  readonly responses: readonly SingleResponse[];
  /** The contents of the extension's value, as the request had it. */
  readonly nonce?: Uint8Array;
  /** Certificates that help to verify the signature. */
  readonly certificates: readonly Certificate[];
  /** Critical extensions that are not processed. */
  readonly criticalUnknown: readonly string[];
}

/** Who signed: a subject, or the SHA-1 of a public key. */
export type Responder = { readonly name: DistinguishedName } | { readonly keyHash: Uint8Array };

/** What a response says of one certificate. Times are milliseconds since the epoch. */
export interface SingleResponse {
  /** Which certificate is meant. */
  readonly certId: CertId;
  /** `good`, `unknown`, or when and why it was revoked. */
  readonly status: OcspStatus;
  /** When this was known to be so. */
  readonly thisUpdate: number;
  /** Absent: newer information is always available. */
  readonly nextUpdate?: number;
  /** Object identifiers of critical extensions that are not processed. */
  readonly criticalUnknown: readonly string[];
}

/** What a responder says of a certificate (RFC 6960 §4.2.1). */
export type OcspStatus =
  | { readonly kind: "good" }
  | { readonly kind: "revoked"; readonly revokedAt: number; readonly reason: CrlReason }
  /** The responder does not know the certificate. */
  | { readonly kind: "unknown" };

const section = "RFC 6960 §4.2.1";

/**
 * Reads a response. Whether its signer may speak, and whether it is fresh, is another matter.
 * @param where begins the field path of an error
 * @throws TlsError `bad_certificate_status`, also for a response that is not a success
 */
export function parseOcspResponse(der: Uint8Array, where = "ocsp_response"): OcspResponse {
  return parseStructure(der, { where, section, code: "bad_certificate_status" }, (contents) => {
    const status = contents.count("responseStatus", Tag.enumerated);
    if (status !== 0) {
      const name = failures.get(status) ?? `status ${status}`;
      throw new TlsError("bad_certificate_status", "the responder gave no answer", {
        expected: "successful",
        received: name,
        where: `${where}.responseStatus`,
        section,
      });
    }
    const basic = contents.read(constructed(0), "responseBytes", (inner) =>
      inner.sequence("", readResponseBytes),
    );
    return { ...basic, der: contents.bytes };
  });
}

/** OCSPResponseStatus. */
const failures = new Map([
  [1, "malformedRequest"],
  [2, "internalError"],
  [3, "tryLater"],
  [5, "sigRequired"],
  [6, "unauthorized"],
]);

function readResponseBytes(reader: DerReader): OcspResponse {
  const type = reader.oid("responseType");
  if (type !== OcspOid.basicResponse) throw new DecodeError(`unknown type ${type}`, "responseType");
  return reader.read(Tag.octetString, "response", (inner) =>
    inner.sequence("BasicOCSPResponse", (basic) => {
      const signed = readSignedContents(basic, readResponseData);
      const certificates =
        basic.optional(constructed(0), "certs", (list) =>
          list.sequence("", (items) => items.each(0, readEnclosed).flat()),
        ) ?? [];
      return { ...signed, certificates };
    }),
  );
}

/** One that cannot be read helps nobody, and does no harm: the response may not need it. */
function readEnclosed(reader: DerReader, at: string): Certificate[] {
  const der = reader.element(at);
  try {
    return [parseCertificate(der)];
  } catch (error) {
    if (error instanceof TlsError) return [];
    throw error;
  }
}

function readResponseData(
  reader: DerReader,
): SignedPart<Omit<OcspResponse, keyof Signed | "certificates">> {
  return reader.sequence("tbsResponseData", (data) => {
    const version = data.optional(constructed(0), "version", (inner) => inner.count("")) ?? 0;
    if (version !== 0) throw new DecodeError(`unknown version ${version}`, "version");
    const responder = readResponder(data);
    const producedAt = generalizedTime(data, "producedAt");
    const responses = data.sequence("responses", (list) => list.each(1, readSingle));
    const raw = optionalExtensions(data, 1, "responseExtensions");
    const nonce = raw.find(({ oid }) => oid === OcspOid.nonce)?.value;
    const fields = {
      responder,
      producedAt,
      responses,
      ...(nonce === undefined ? {} : { nonce }),
      criticalUnknown: criticalAmong(raw.filter(({ oid }) => oid !== OcspOid.nonce)),
    };
    return { fields };
  });
}

function readResponder(reader: DerReader): Responder {
  if (reader.tag === constructed(1)) {
    return { name: reader.read(constructed(1), "byName", (inner) => readName(inner, "")) };
  }
  return { keyHash: reader.read(constructed(2), "byKey", (inner) => inner.octetString("")) };
}

function readSingle(reader: DerReader, at: string): SingleResponse {
  return reader.sequence(at, (single) => {
    const certId = readCertId(single, "certID");
    const status = readStatus(single);
    const thisUpdate = generalizedTime(single, "thisUpdate");
    const nextUpdate = single.optional(constructed(0), "nextUpdate", (inner) =>
      generalizedTime(inner, ""),
    );
    const raw = optionalExtensions(single, 1, "singleExtensions");
    return {
      certId,
      status,
      thisUpdate,
      ...(nextUpdate === undefined ? {} : { nextUpdate }),
      criticalUnknown: criticalAmong(raw),
    };
  });
}

/** CertStatus, a CHOICE of implicit tags. */
function readStatus(reader: DerReader): OcspStatus {
  const field = "certStatus";
  if (reader.tag === primitive(0)) {
    return reader.read(primitive(0), field, () => ({ kind: "good" as const }));
  }
  if (reader.tag === primitive(2)) {
    return reader.read(primitive(2), field, () => ({ kind: "unknown" as const }));
  }
  return reader.read(constructed(1), field, (revoked) => {
    const revokedAt = generalizedTime(revoked, "revocationTime");
    const reason =
      revoked.optional(constructed(0), "revocationReason", readReason) ?? "unspecified";
    return { kind: "revoked" as const, revokedAt, reason };
  });
}

function generalizedTime(reader: DerReader, field: string): number {
  if (reader.tag !== Tag.generalizedTime) {
    throw new DecodeError("expected generalizedTime (RFC 6960 §4.2.2.1)", field);
  }
  return reader.time(field);
}

const optionalExtensions = (reader: DerReader, tag: number, field: string): RawExtension[] =>
  reader.optional(constructed(tag), field, (inner) => inner.sequence("", readRawExtensions)) ?? [];

const criticalAmong = (raw: readonly RawExtension[]): string[] =>
  raw.filter(({ critical }) => critical).map(({ oid }) => oid);

/** Whether a certificate says that its own status need not be asked for (RFC 6960 §4.2.2.2.1). */
export const hasNoCheck = ({ extensions }: Certificate): boolean =>
  extensions.some(({ oid }) => oid === OcspOid.noCheck);
