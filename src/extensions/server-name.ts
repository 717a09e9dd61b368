import { empty, list, struct, text, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** ServerNameList (RFC 6066 §3). The only name type is host_name(0). */
const ServerNameList = list(struct({ nameType: uint8, name: text(1, 0xffff) }), 1, 0xffff);

/** RFC 6066 §3: the server that the client asks for; the answer is empty. */
export const server_name = extension("server_name", {
  client_hello: ServerNameList,
  encrypted_extensions: empty,
  certificate_request: ServerNameList,
});
