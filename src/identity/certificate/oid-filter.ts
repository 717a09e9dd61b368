import type { Certificate } from "./certificate.ts";
import { readDer } from "../der/der-reader.ts";
import { keyUsages } from "./extensions.ts";
import { ExtensionOid } from "../der/oids.ts";

/** What a server wants in a client's certificate (RFC 9846 §4.3.5). */
export interface OidFilter {
  /** OBJECT IDENTIFIER of an extension, in DER. */
  readonly oid: Uint8Array;
  /** The extension's value, in DER; of it the certificate's must have all. */
  readonly values: Uint8Array;
}

/**
 * Whether a certificate has all the values of the extensions that we know how to compare: key usage
 * and extended key usage. Other extensions are skipped, as the RFC demands.
 * @throws DecodeError
 */
export const passesFilter = (certificate: Certificate, { oid, values }: OidFilter): boolean => {
  const id = readDer(oid, (reader) => reader.oid("oid"));
  const { keyUsage, extendedKeyUsage } = certificate;
  if (id === ExtensionOid.keyUsage) {
    const bits = readDer(values, (reader) => reader.namedBits("values"));
    return bits.every((bit) => {
      const name = keyUsages[bit];
      return name !== undefined && keyUsage?.has(name) === true;
    });
  }
  if (id === ExtensionOid.extKeyUsage) {
    const purposes = readDer(values, (reader) =>
      reader.sequence("values", (contents) => contents.each(1, (item, at) => item.oid(at))),
    );
    return purposes.every((purpose) => extendedKeyUsage?.includes(purpose) === true);
  }
  return true;
};
