import { opaque, rest, struct, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** RFC 6066 §8, RFC 9846 §4.5.1.1: a stapled OCSP response in the Certificate message. */
export const status_request = extension("status_request", {
  client_hello: struct({ statusType: uint8, request: rest }),
  certificate_request: rest,
  certificate: struct({ statusType: uint8, response: opaque(1, 0xffffff) }),
});
