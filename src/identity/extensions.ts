import type { DistinguishedName } from "./distinguished-name.ts";

/** The names of subjectAltName by kind (RFC 5280 §4.2.1.6). */
export interface GeneralNames {
  readonly dns: readonly string[];
  /** 4 or 16 bytes; in name constraints 8 or 32, address and mask. */
  readonly ip: readonly Uint8Array[];
  readonly uri: readonly string[];
  readonly email: readonly string[];
  readonly directory: readonly DistinguishedName[];
  /** otherName, x400Address, ediPartyName, registeredID: context tag and contents. */
  readonly other: readonly { readonly tag: number; readonly value: Uint8Array }[];
}

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength?: number;
}

export type KeyUsage =
  | "digitalSignature"
  | "nonRepudiation"
  | "keyEncipherment"
  | "dataEncipherment"
  | "keyAgreement"
  | "keyCertSign"
  | "cRLSign"
  | "encipherOnly"
  | "decipherOnly";

export interface NameConstraints {
  readonly permitted: GeneralNames;
  readonly excluded: GeneralNames;
}

/** What the extensions of a certificate say; a field is absent if its extension is. */
export interface Extensions {
  readonly subjectAltNames?: GeneralNames;
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Object identifiers in dotted form. */
  readonly extendedKeyUsage?: readonly string[];
  readonly nameConstraints?: NameConstraints;
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
  /** Identifiers of critical extensions that path validation here does not process. */
  readonly criticalUnknown: readonly string[];
}
