import * as check from "../../registry/check.ts";
import * as option from "../certificate/option-checks.ts";
import type { Certificate } from "../certificate/certificate.ts";
import type { DerReader } from "../der/der-reader.ts";
import { constructed } from "../der/der-tags.ts";
import { der, octetString, sequence } from "../der/der-writer.ts";
import { encodeExtensions, ordinary } from "../certificate/extension-writer.ts";
import { readRawExtensions } from "../certificate/extensions.ts";
import { type CertId, type CertIdHash, encodeCertId, readCertId } from "./ocsp-cert-id.ts";
import { OcspOid } from "../der/oids.ts";
import { parseStructure } from "../certificate/signed.ts";

/** What a client asks a responder (RFC 6960 §4.1). A signature on it is not looked at. */
export interface OcspRequest {
  /** The certificates that are asked about, in order. */
  readonly certIds: readonly CertId[];
  /** The contents of the extension's value: what the response is to repeat. */
  readonly nonce?: Uint8Array;
}

/**
 * Reads an OCSPRequest in DER.
 * @throws TlsError `bad_certificate_status` that names the field
 */
export const parseOcspRequest = (bytes: Uint8Array, where = "ocsp_request"): OcspRequest =>
  parseStructure(
    bytes,
    { where, section: "RFC 6960 §4.1.1", code: "bad_certificate_status" },
    (contents) => {
      const request = contents.sequence("tbsRequest", readTbs);
      contents.optional(constructed(0), "optionalSignature", (inner) => inner.rest());
      return request;
    },
  );

/** Which certificates an OCSP request asks about. */
export interface OcspRequestOptions {
  /** The CA that issued the certificates. */
  readonly issuer: Certificate;
  /** Certificates of that issuer. */
  readonly certificates: readonly Certificate[];
  /** 1 to 32 random bytes, so that an old response is not an answer (RFC 9654). */
  readonly nonce?: Uint8Array;
  /** Default: `sha1`. */
  readonly hash?: CertIdHash;
}

const checkRequest = check.complete(
  {
    issuer: option.certificate,
    certificates: check.listOf(option.certificate, 1),
    nonce: check.bytes,
    hash: check.oneOf("sha1", "sha256"),
  } satisfies check.OptionTable<OcspRequestOptions>,
  "write { issuer, certificates }",
  ["issuer", "certificates"],
);

/**
 * An OCSPRequest in DER.
 * @throws TypeError or RangeError for options that cannot be
 */
export function encodeOcspRequest(options: OcspRequestOptions): Uint8Array {
  checkRequest(options, "encodeOcspRequest");
  const { issuer, certificates, nonce, hash = "sha1" } = options;
  const list = certificates.map(({ serialNumber }) =>
    sequence(encodeCertId(issuer, serialNumber, hash)),
  );
  const extensions =
    nonce === undefined
      ? []
      : [der(constructed(2), encodeExtensions([ordinary(OcspOid.nonce, octetString(nonce))]))];
  return sequence(sequence(sequence(...list), ...extensions));
}

function readTbs(tbs: DerReader): OcspRequest {
  tbs.optional(constructed(0), "version", (inner) => inner.count(""));
  tbs.optional(constructed(1), "requestorName", (inner) => inner.rest());
  const certIds = tbs.sequence("requestList", (list) =>
    list.each(1, (item, at) =>
      item.sequence(at, (request) => {
        const certId = readCertId(request, "reqCert");
        request.optional(constructed(0), "singleRequestExtensions", (inner) => inner.rest());
        return certId;
      }),
    ),
  );
  const raw =
    tbs.optional(constructed(2), "requestExtensions", (inner) =>
      inner.sequence("", readRawExtensions),
    ) ?? [];
  const nonce = raw.find(({ oid }) => oid === OcspOid.nonce)?.value;
  return { certIds, ...(nonce === undefined ? {} : { nonce }) };
}
