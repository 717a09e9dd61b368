import { opaque } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** RFC 9846 §4.3.2: state that a server hands to the client and gets back. */
export const cookie = extension("cookie", {
  client_hello: opaque(1, 0xffff),
  hello_retry_request: opaque(1, 0xffff),
});
