import { CertificateType } from "../registry/index.ts";
import { code, list, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const type = code(uint8, CertificateType);

/** RFC 7250 §3: what the client can present. */
export const client_certificate_type = extension("client_certificate_type", {
  client_hello: list(type, 1, 255),
  encrypted_extensions: type,
});

/** RFC 7250 §3: what the client can verify. */
export const server_certificate_type = extension("server_certificate_type", {
  client_hello: list(type, 1, 255),
  encrypted_extensions: type,
});
