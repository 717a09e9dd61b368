import { list, opaque, struct } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** RFC 9846 §4.3.5: certificate extensions that the client's certificate should have. */
export const oid_filters = extension("oid_filters", {
  certificate_request: list(struct({ oid: opaque(1, 255), values: opaque(0, 0xffff) }), 0, 0xffff),
});
