import { list, opaque, struct, type ValueOf } from "../wire/index.ts";
import { extensionBlock } from "./extension-block.ts";

/** CertificateEntry (RFC 9846 §4.5.1): an X.509 certificate, or a SubjectPublicKeyInfo (RFC 7250), in DER. */
export const CertificateEntry = struct({
  certData: opaque(1, 0xffffff),
  extensions: extensionBlock("certificate"),
});
export type CertificateEntry = ValueOf<typeof CertificateEntry>;

/** Certificate (RFC 9846 §4.5.1). */
export const Certificate = struct({
  certificateRequestContext: opaque(0, 255),
  certificateList: list(CertificateEntry, 0, 0xffffff),
});
export type Certificate = ValueOf<typeof Certificate>;
