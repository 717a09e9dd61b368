import { struct, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** RFC 9149 §3: how many tickets the client would like. */
export const ticket_request = extension("ticket_request", {
  client_hello: struct({ newSessionCount: uint8, resumptionCount: uint8 }),
  encrypted_extensions: uint8,
});
