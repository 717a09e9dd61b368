import { empty, uint32 } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** RFC 9846 §4.3.10: 0-RTT data follows; in a ticket, how many bytes of it are allowed. */
export const early_data = extension("early_data", {
  client_hello: empty,
  encrypted_extensions: empty,
  new_session_ticket: uint32,
});
