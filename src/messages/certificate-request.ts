import { opaque, struct, type ValueOf } from "../wire/index.ts";
import { extensionBlock } from "./extension-block.ts";

/** CertificateRequest (RFC 9846 §4.4.2). */
export const CertificateRequest = struct({
  certificateRequestContext: opaque(0, 255),
  extensions: extensionBlock("certificate_request"),
});
export type CertificateRequest = ValueOf<typeof CertificateRequest>;
