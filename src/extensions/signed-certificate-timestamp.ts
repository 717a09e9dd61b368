import { empty, list, opaque } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** RFC 6962 §3.3.1: proofs of logging, in the Certificate message. */
export const signed_certificate_timestamp = extension("signed_certificate_timestamp", {
  client_hello: empty,
  certificate_request: empty,
  certificate: list(opaque(1, 0xffff), 1, 0xffff),
});
