import type { PrivateKeyInfo, Provider, SignatureName, Oid } from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import * as option from "../certificate/option-checks.ts";
import { encodeSignatureAlgorithm, usualSignatureOf } from "../keys/algorithm.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { type Crl, type CrlReason, crlReasons, parseCrl } from "../revocation/crl.ts";
import { constructed, Tag } from "../der/der-tags.ts";
import { der, enumerated, sequence, time, unsigned } from "../der/der-writer.ts";
import { type Draft, draftOf, signDraft } from "./draft.ts";
import {
  authorityKeyIdentifier,
  critical,
  encodeExtensions,
  ordinary,
} from "../certificate/extension-writer.ts";
import type { RawExtension } from "../certificate/extensions.ts";
import { ExtensionOid } from "../der/oids.ts";

/** A certificate that is revoked. */
export interface Revoked {
  /** The content octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly revokedAt: number;
  /** Default: unspecified. */
  readonly reason?: CrlReason;
}

/** What a certificate revocation list says (RFC 5280 §5), and who signs it. */
export interface CrlOptions {
  /** The CA that speaks; it issued all that is listed. */
  readonly issuer: Certificate;
  /** The CA's private key. */
  readonly signingKey: PrivateKeyInfo;
  /** All certificates that are on the list. */
  readonly revoked: readonly Revoked[];
  /** Higher than that of every list before (RFC 5280 §5.2.3). */
  readonly number: number;
  /** Makes a delta: the number of the complete list that it adds to (RFC 5280 §5.2.4). */
  readonly baseNumber?: number;
  /** Milliseconds since the epoch; lists hold whole seconds. */
  readonly thisUpdate: number;
  /** When the next list is there at the latest. */
  readonly nextUpdate: number;
  /** Signs the list. */
  readonly provider: Provider;
  /** Default: the usual one for the key. */
  readonly signatureName?: SignatureName | Oid;
}

/** As {@link CrlOptions}; the key that will sign is known by its algorithm only. */
export type CrlDraftOptions = Omit<CrlOptions, "signingKey" | "signatureName" | "provider"> & {
  readonly signatureName: SignatureName | Oid;
};

const draftTable = {
  issuer: option.certificate,
  revoked: check.listOf(
    check.complete(
      {
        serialNumber: check.bytes,
        revokedAt: check.time,
        reason: check.oneOf(...Object.keys(crlReasons)),
      } satisfies check.OptionTable<Revoked>,
      "write { serialNumber, revokedAt }",
      ["serialNumber", "revokedAt"],
    ),
  ),
  number: check.whole(),
  baseNumber: check.whole(),
  thisUpdate: check.time,
  nextUpdate: check.time,
  signatureName: option.signatureName,
} satisfies check.OptionTable<CrlDraftOptions>;
const required = ["issuer", "revoked", "number", "thisUpdate", "nextUpdate"];
const hint = `write { ${required.join(", ")}, … }`;
const checkDraft = check.complete(draftTable, hint, [...required, "signatureName"]);
const checkIssue = check.complete(
  {
    ...draftTable,
    signingKey: option.privateKey,
    provider: option.provider,
  } satisfies check.OptionTable<CrlOptions>,
  hint,
  [...required, "signingKey", "provider"],
);

/**
 * Issues a list (RFC 5280 §5) of all that its CA has issued.
 * @throws TypeError or RangeError for options that cannot be; TlsError `misuse` if the provider cannot sign with the key
 */
export function issueCrl(options: CrlOptions): Crl {
  checkIssue(options, "issueCrl");
  const { signingKey, provider } = options;
  const signatureName = options.signatureName ?? usualSignatureOf(signingKey.type);
  return signDraft(draft({ ...options, signatureName }), signingKey, provider);
}

/**
 * A list but for its signature.
 * @throws TypeError or RangeError for options that cannot be
 */
export function draftCrl(options: CrlDraftOptions): Draft<Crl> {
  checkDraft(options, "draftCrl");
  return draft(options);
}

function draft(options: CrlDraftOptions): Draft<Crl> {
  const { issuer, revoked, signatureName } = options;
  const tbs = sequence(
    unsigned(1),
    encodeSignatureAlgorithm(signatureName),
    issuer.subject.der,
    time(options.thisUpdate),
    time(options.nextUpdate),
    // RFC 5280 §5.1.2.6: absent if there are none.
    ...(revoked.length === 0 ? [] : [sequence(...revoked.map(encodeEntry))]),
    der(constructed(0), encodeExtensions(extensionsOf(options))),
  );
  return draftOf(tbs, { signatureName, signer: issuer }, (bytes) => parseCrl(bytes));
}

function extensionsOf({ issuer, number, baseNumber }: CrlDraftOptions): RawExtension[] {
  const { subjectKeyIdentifier: key } = issuer;
  return [
    ...(key === undefined ? [] : [authorityKeyIdentifier(key)]),
    ordinary(ExtensionOid.cRLNumber, unsigned(number)),
    ...(baseNumber === undefined
      ? []
      : [critical(ExtensionOid.deltaCRLIndicator, unsigned(baseNumber))]),
  ];
}

function encodeEntry({ serialNumber, revokedAt, reason = "unspecified" }: Revoked): Uint8Array {
  // RFC 5280 §5.3.1: absent rather than unspecified.
  const extensions = reason === "unspecified" ? [] : [reasonExtensions[reason]];
  return sequence(der(Tag.integer, serialNumber), time(revokedAt), ...extensions);
}

/** The extensions of an entry: of ten thousand entries most have the same. */
const reasonExtensions = Object.fromEntries(
  Object.entries(crlReasons).map(([reason, code]) => [
    reason,
    encodeExtensions([ordinary(ExtensionOid.reasonCode, enumerated(code))]),
  ]),
) as Readonly<Record<CrlReason, Uint8Array>>;
