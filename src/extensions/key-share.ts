import { NamedGroup } from "../registry/index.ts";
import { code, list, opaque, struct, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const group = code(uint16, NamedGroup);

/**
 * KeyShareEntry (RFC 9846 §4.3.8). The RFC's lower bound is 1; here an empty share can be read, so that it
 * is refused with `illegal_parameter`, as any other that has the wrong length.
 */
export const KeyShareEntry = struct({ group, keyExchange: opaque(0, 0xffff) });

/** RFC 9846 §4.3.8: shares of the client, the server's answer, or the group to retry with. */
export const key_share = extension("key_share", {
  client_hello: list(KeyShareEntry, 0, 0xffff),
  server_hello: KeyShareEntry,
  hello_retry_request: group,
});
