import type { PrivateKeyInfo, Provider, SignatureName, Oid } from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import * as option from "../certificate/option-checks.ts";
import { usualSignatureOf } from "../keys/algorithm.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { crlReasons } from "../revocation/crl.ts";
import { constructed, primitive } from "../der/der-tags.ts";
import { der, enumerated, generalizedTime, octetString, oid, sequence } from "../der/der-writer.ts";
import { type Draft, draftOf, signDraft } from "./draft.ts";
import { encodeExtensions, ordinary } from "../certificate/extension-writer.ts";
import { type OcspResponse, type OcspStatus, parseOcspResponse } from "../revocation/ocsp.ts";
import {
  type CertId,
  type CertIdHash,
  encodeCertId,
  responderKeyHash,
} from "../revocation/ocsp-cert-id.ts";
import { OcspOid } from "../der/oids.ts";

/** What is said of one certificate. */
export interface OcspStatement {
  /** As a request names it, or by its number: the content octets of the INTEGER. */
  readonly certificate: CertId | { readonly serialNumber: Uint8Array };
  /** `good`, `unknown`, or when and why it was revoked. */
  readonly status: OcspStatus;
  /** Milliseconds since the epoch; responses hold whole seconds. */
  readonly thisUpdate: number;
  /** When newer information is there at the latest. Milliseconds since the epoch. */
  readonly nextUpdate: number;
}

/** What an OCSP response says (RFC 6960 §4.2), and who signs it. */
export interface OcspOptions {
  /** The CA of the certificates that are spoken of. */
  readonly issuer: Certificate;
  /** Signs in the issuer's place, with a certificate of its own from the issuer (RFC 6960 §4.2.2.2). */
  readonly responder?: Certificate;
  /** The responder's key, or the issuer's if there is none. */
  readonly signingKey: PrivateKeyInfo;
  /** One for each certificate. */
  readonly statements: readonly OcspStatement[];
  /** Milliseconds since the epoch. */
  readonly producedAt: number;
  /** That of the request (RFC 9654), as {@link OcspRequest} has it. */
  readonly nonce?: Uint8Array;
  /** How certificates that are given by their number are named. Default: `sha1`, as most clients do. */
  readonly certIdHash?: CertIdHash;
  /** Signs the response, and hashes names and keys. */
  readonly provider: Provider;
  /** Default: the usual one for the key. */
  readonly signatureName?: SignatureName | Oid;
}

/** As {@link OcspOptions}; the key that will sign is known by its algorithm only. */
export type OcspDraftOptions = Omit<OcspOptions, "signingKey" | "signatureName" | "provider"> & {
  readonly signatureName: SignatureName | Oid;
};

const draftTable = {
  issuer: option.certificate,
  responder: option.certificate,
  statements: check.listOf(
    check.complete(
      {
        certificate: check.like("a certificate, or { serialNumber }", "serialNumber"),
        status: check.options({
          kind: check.oneOf("good", "revoked", "unknown"),
          revokedAt: check.time,
          reason: check.oneOf(...Object.keys(crlReasons)),
        }),
        thisUpdate: check.time,
        nextUpdate: check.time,
      } satisfies check.OptionTable<OcspStatement>,
      "write { certificate, status, thisUpdate, nextUpdate }",
    ),
  ),
  producedAt: check.time,
  nonce: check.bytes,
  certIdHash: check.oneOf("sha1", "sha256"),
  signatureName: option.signatureName,
} satisfies check.OptionTable<OcspDraftOptions>;
const required = ["issuer", "statements", "producedAt"];
const hint = `write { ${required.join(", ")}, … }`;
const checkDraft = check.complete(draftTable, hint, [...required, "signatureName"]);
const checkIssue = check.complete(
  {
    ...draftTable,
    signingKey: option.privateKey,
    provider: option.provider,
  } satisfies check.OptionTable<OcspOptions>,
  hint,
  [...required, "signingKey", "provider"],
);

/**
 * Makes a response (RFC 6960 §4.2), to be stapled or handed out.
 * @throws TypeError or RangeError for options that cannot be; TlsError `misuse` if the provider cannot sign with the key
 */
export function issueOcspResponse(options: OcspOptions): OcspResponse {
  checkIssue(options, "issueOcspResponse");
  const { signingKey, provider } = options;
  const signatureName = options.signatureName ?? usualSignatureOf(signingKey.type);
  return signDraft(draft({ ...options, signatureName }), signingKey, provider);
}

/**
 * A response but for its signature.
 * @throws TypeError or RangeError for options that cannot be
 */
export function draftOcspResponse(options: OcspDraftOptions): Draft<OcspResponse> {
  checkDraft(options, "draftOcspResponse");
  return draft(options);
}

function draft(options: OcspDraftOptions): Draft<OcspResponse> {
  const { issuer, responder, statements, nonce, signatureName } = options;
  const extensions =
    nonce === undefined
      ? []
      : [der(constructed(1), encodeExtensions([ordinary(OcspOid.nonce, nonce)]))];
  const data = sequence(
    der(constructed(2), octetString(responderKeyHash(responder ?? issuer))),
    generalizedTime(options.producedAt),
    sequence(...statements.map((each) => encodeStatement(each, options))),
    ...extensions,
  );
  const enclosed = responder === undefined ? [] : [der(constructed(0), sequence(responder.der))];
  return draftOf(
    data,
    { signatureName, signer: responder ?? issuer },
    (basic) => parseOcspResponse(wrap(basic)),
    ...enclosed,
  );
}

/** A successful OCSPResponse. */
const wrap = (basic: Uint8Array): Uint8Array =>
  sequence(
    enumerated(0),
    der(constructed(0), sequence(oid(OcspOid.basicResponse), octetString(basic))),
  );

function encodeStatement(statement: OcspStatement, options: OcspDraftOptions): Uint8Array {
  const { certificate, status, thisUpdate, nextUpdate } = statement;
  return sequence(
    "issuerKeyHash" in certificate
      ? certificate.der
      : encodeCertId(options.issuer, certificate.serialNumber, options.certIdHash ?? "sha1"),
    encodeStatus(status),
    generalizedTime(thisUpdate),
    der(constructed(0), generalizedTime(nextUpdate)),
  );
}

function encodeStatus(status: OcspStatus): Uint8Array {
  if (status.kind === "good") return der(primitive(0));
  if (status.kind === "unknown") return der(primitive(2));
  const { revokedAt, reason } = status;
  return der(
    constructed(1),
    generalizedTime(revokedAt),
    ...(reason === "unspecified" ? [] : [der(constructed(0), enumerated(crlReasons[reason]))]),
  );
}
