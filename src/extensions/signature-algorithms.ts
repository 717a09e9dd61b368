import { SignatureScheme } from "../registry/index.ts";
import { code, list, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const SignatureSchemeList = list(code(uint16, SignatureScheme), 2, 0xfffe);

/** RFC 9846 §4.3.3: schemes for CertificateVerify, and for certificates unless the next one says otherwise. */
export const signature_algorithms = extension("signature_algorithms", {
  client_hello: SignatureSchemeList,
  certificate_request: SignatureSchemeList,
});

/** RFC 9846 §4.3.3: schemes for the signatures in certificates. */
export const signature_algorithms_cert = extension("signature_algorithms_cert", {
  client_hello: SignatureSchemeList,
  certificate_request: SignatureSchemeList,
});
