import type {
  PrivateKeyInfo,
  Provider,
  PublicKeyInfo,
  SignatureName,
  Oid,
} from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import * as option from "../certificate/option-checks.ts";
import { usualSignatureOf } from "../keys/algorithm.ts";
import { type Csr, parseCsr } from "./csr.ts";
import { constructed, Tag } from "../der/der-tags.ts";
import { der, oid, sequence, unsigned } from "../der/der-writer.ts";
import { encodeName, type NameAttributes } from "../certificate/distinguished-name.ts";
import { type Draft, draftOf, signDraft } from "./draft.ts";
import {
  basicConstraints,
  encodeExtensions,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
} from "../certificate/extension-writer.ts";
import type { KeyUsage, RawExtension } from "../certificate/extensions.ts";
import { RequestOid } from "../der/oids.ts";
import { encodeNames, type SubjectNames } from "../certificate/subject-names.ts";

/** What to ask for. */
export interface CsrOptions {
  /** Attributes, the outermost first. May be empty if there are names. */
  readonly subject: NameAttributes;
  /** Names for subjectAltName. Default: none. */
  readonly names?: SubjectNames;
  /** Asks to become a CA. */
  readonly ca?: { readonly pathLength?: number };
  /** Default: none is asked for, and the authority decides. */
  readonly keyUsage?: readonly KeyUsage[];
  /** Object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  /** Further extensions, in DER. */
  readonly extensions?: readonly RawExtension[];
  /** The key that is to be certified. */
  readonly publicKey: PublicKeyInfo;
  /** The key of `publicKey`. */
  readonly privateKey: PrivateKeyInfo;
  /** Signs the request. */
  readonly provider: Provider;
  /** Default: the usual one for the key. */
  readonly signatureName?: SignatureName | Oid;
}

/** As {@link CsrOptions}, where the key is not in this process. */
export type CsrDraftOptions = Omit<CsrOptions, "privateKey" | "signatureName" | "provider"> & {
  readonly signatureName: SignatureName | Oid;
};

const draftTable = {
  subject: option.subject,
  names: option.names,
  ca: option.authority,
  keyUsage: option.usages,
  extendedKeyUsage: check.listOf(check.text),
  extensions: option.extensions,
  publicKey: option.publicKey,
  signatureName: option.signatureName,
} satisfies check.OptionTable<CsrDraftOptions>;
const checkDraft = check.complete(draftTable, "write { subject, publicKey, signatureName }", [
  "subject",
  "publicKey",
  "signatureName",
]);
const checkCsr = check.complete(
  {
    ...draftTable,
    privateKey: option.privateKey,
    provider: option.provider,
  } satisfies check.OptionTable<CsrOptions>,
  "write { subject, publicKey, privateKey, provider }",
  ["subject", "publicKey", "privateKey", "provider"],
);

/**
 * Makes a certification request (RFC 2986).
 * @throws TypeError or RangeError for options that cannot be; TlsError `misuse` if the provider cannot sign with the key
 */
export function createCsr(options: CsrOptions): Csr {
  checkCsr(options, "createCsr");
  const { privateKey, provider } = options;
  const signatureName = options.signatureName ?? usualSignatureOf(privateKey.type);
  return signDraft(draft({ ...options, signatureName }), privateKey, provider);
}

/**
 * A request but for its signature.
 * @throws TypeError or RangeError for options that cannot be
 */
export function draftCsr(options: CsrDraftOptions): Draft<Csr> {
  checkDraft(options, "draftCsr");
  return draft(options);
}

function draft(options: CsrDraftOptions): Draft<Csr> {
  const { subject, publicKey, signatureName } = options;
  const extensions = extensionsOf(options);
  const attributes =
    extensions.length === 0
      ? []
      : [sequence(oid(RequestOid.extensionRequest), der(Tag.set, encodeExtensions(extensions)))];
  const info = sequence(
    unsigned(0),
    encodeName(subject),
    publicKey.spki,
    der(constructed(0), ...attributes),
  );
  return draftOf(info, { signatureName, signer: options }, (bytes) => parseCsr(bytes));
}

function extensionsOf(options: CsrDraftOptions): RawExtension[] {
  const names = encodeNames(options.names ?? {});
  const wished: (RawExtension | undefined | false)[] = [
    options.ca && basicConstraints(options.ca),
    options.keyUsage && keyUsage(options.keyUsage),
    options.extendedKeyUsage && extendedKeyUsage(options.extendedKeyUsage),
    names.length > 0 && subjectAltName(names, Object.keys(options.subject).length === 0),
  ];
  return [
    ...wished.filter((each) => each !== undefined && each !== false),
    ...(options.extensions ?? []),
  ];
}
