import type {
  PrivateKeyInfo,
  Provider,
  PublicKeyInfo,
  SignatureName,
} from "../../crypto/provider.ts";
import { usualSignature } from "../keys/algorithm.ts";
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
  readonly names?: SubjectNames;
  /** Asks to become a CA. */
  readonly ca?: { readonly pathLength?: number };
  /** Default: none is asked for, and the authority decides. */
  readonly keyUsage?: readonly KeyUsage[];
  /** Object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  /** Further extensions, in DER. */
  readonly extensions?: readonly RawExtension[];
  readonly publicKey: PublicKeyInfo;
  /** The key of `publicKey`. */
  readonly privateKey: PrivateKeyInfo;
  readonly provider: Provider;
  /** Default: the usual one for the key. */
  readonly signatureName?: SignatureName;
}

/** As {@link CsrOptions}, where the key is not in this process. */
export type CsrDraftOptions = Omit<CsrOptions, "privateKey" | "signatureName" | "provider"> & {
  readonly signatureName: SignatureName;
};

/**
 * Makes a certification request (RFC 2986).
 * @throws TlsError `misuse` if the provider cannot sign with the key
 */
export function createCsr(options: CsrOptions): Csr {
  const { privateKey, provider } = options;
  const signatureName = options.signatureName ?? usualSignature[privateKey.type];
  return signDraft(draftCsr({ ...options, signatureName }), privateKey, provider);
}

/** A request but for its signature. */
export function draftCsr(options: CsrDraftOptions): Draft<Csr> {
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
