import { list, opaque, struct, uint16, uint32 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const PskIdentity = struct({ identity: opaque(1, 0xffff), obfuscatedTicketAge: uint32 });

/** OfferedPsks (RFC 9846 §4.3.11). Binders stand last, so that a prefix of the message can be bound. */
const OfferedPsks = struct({
  identities: list(PskIdentity, 7, 0xffff),
  binders: list(opaque(32, 255), 33, 0xffff),
});

/** RFC 9846 §4.3.11: the keys that the client offers; the answer is an index into them. */
export const pre_shared_key = extension("pre_shared_key", {
  client_hello: OfferedPsks,
  server_hello: uint16,
});
