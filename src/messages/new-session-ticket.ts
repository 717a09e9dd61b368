import { opaque, struct, uint32, type ValueOf } from "../wire/index.ts";
import { extensionBlock } from "./extension-block.ts";

/** NewSessionTicket (RFC 9846 §4.7.1). */
export const NewSessionTicket = struct({
  /** Seconds; at most seven days. */
  ticketLifetime: uint32,
  ticketAgeAdd: uint32,
  ticketNonce: opaque(0, 255),
  ticket: opaque(1, 0xffff),
  extensions: extensionBlock("new_session_ticket"),
});
export type NewSessionTicket = ValueOf<typeof NewSessionTicket>;
