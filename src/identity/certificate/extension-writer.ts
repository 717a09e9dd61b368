/** Extensions of certificates, lists and responses, as they are written. */
import type { Provider, PublicKeyInfo } from "../../crypto/provider.ts";
import { constructed, primitive } from "../der/der-tags.ts";
import {
  boolean,
  der,
  namedBits,
  octetString,
  oid,
  sequence,
  unsigned,
} from "../der/der-writer.ts";
import { type KeyUsage, keyUsages, type RawExtension } from "./extensions.ts";
import { AccessMethod, ExtensionOid } from "../der/oids.ts";
import { encodeNames } from "./subject-names.ts";

/** Extensions (RFC 5280 §4.2). */
export const encodeExtensions = (extensions: readonly RawExtension[]): Uint8Array =>
  sequence(
    ...extensions.map(({ oid: id, critical: isCritical, value }) =>
      sequence(oid(id), isCritical ? boolean(true) : new Uint8Array(), octetString(value)),
    ),
  );

export const critical = (id: string, value: Uint8Array): RawExtension => ({
  oid: id,
  critical: true,
  value,
});

export const ordinary = (id: string, value: Uint8Array): RawExtension => ({
  oid: id,
  critical: false,
  value,
});

export const basicConstraints = (ca: { readonly pathLength?: number }): RawExtension =>
  critical(
    ExtensionOid.basicConstraints,
    sequence(boolean(true), ...(ca.pathLength === undefined ? [] : [unsigned(ca.pathLength)])),
  );

export const keyUsage = (usage: readonly KeyUsage[]): RawExtension =>
  critical(ExtensionOid.keyUsage, namedBits(usage.map((name) => keyUsages.indexOf(name))));

/** @param purposes object identifiers */
export const extendedKeyUsage = (purposes: readonly string[]): RawExtension =>
  ordinary(ExtensionOid.extKeyUsage, sequence(...purposes.map((each) => oid(each))));

/** RFC 5280 §4.2.1.4, without qualifiers. @param policies object identifiers */
export const certificatePolicies = (policies: readonly string[]): RawExtension =>
  ordinary(
    ExtensionOid.certificatePolicies,
    sequence(...policies.map((each) => sequence(oid(each)))),
  );

/** RFC 7633 §4.1. @param codes of TLS extensions */
export const tlsFeature = (codes: readonly number[]): RawExtension =>
  ordinary(ExtensionOid.tlsFeature, sequence(...codes.map((each) => unsigned(each))));

/** RFC 5280 §4.2.1.6: critical if the subject is empty. */
export const subjectAltName = (
  names: readonly Uint8Array[],
  isOnlyName: boolean,
): RawExtension => ({
  oid: ExtensionOid.subjectAltName,
  critical: isOnlyName,
  value: sequence(...names),
});

export const subjectKeyIdentifier = (identifier: Uint8Array): RawExtension =>
  ordinary(ExtensionOid.subjectKeyIdentifier, octetString(identifier));

export const authorityKeyIdentifier = (identifier: Uint8Array): RawExtension =>
  ordinary(ExtensionOid.authorityKeyIdentifier, sequence(der(primitive(0), identifier)));

/** RFC 7093 §2 (1): 160 bits of the SHA-256 of the subjectPublicKey bits. */
export const keyIdentifier = (publicKey: PublicKeyInfo, provider: Provider): Uint8Array =>
  provider.hashes.sha256.digest(publicKey.key).slice(0, 20);

/** Where the issuer's lists are (RFC 5280 §4.2.1.13): URLs of the same list. */
export const crlDistributionPoint = (urls: readonly string[]): RawExtension =>
  ordinary(
    ExtensionOid.cRLDistributionPoints,
    sequence(sequence(der(constructed(0), der(constructed(0), ...encodeNames({ uri: urls }))))),
  );

/** Where the issuer's OCSP responders are (RFC 5280 §4.2.2.1). */
export const ocspLocations = (urls: readonly string[]): RawExtension =>
  ordinary(
    ExtensionOid.authorityInfoAccess,
    sequence(...encodeNames({ uri: urls }).map((uri) => sequence(oid(AccessMethod.ocsp), uri))),
  );
