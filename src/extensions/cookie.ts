/** cookie (RFC 9846 §4.3.2): what a server hands out with a HelloRetryRequest and gets back. */
import { equal, opaque } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal } from "./illegal.ts";

export const cookie = extension(
  "cookie",
  { client_hello: opaque(1, 0xffff), hello_retry_request: opaque(1, 0xffff) },
  {
    /** A client gives it back as it was. */
    offer: (_config: unknown, terms: { readonly cookie?: Uint8Array | undefined }) => terms.cookie,
    mayChange: true,
  },
);

/** A server: the cookie comes back as it was, and none where none was sent. */
export function checkReturnedCookie(
  returned: Uint8Array | undefined,
  sent: Uint8Array | undefined,
): void {
  const isSame =
    returned === undefined || sent === undefined ? returned === sent : equal(returned, sent);
  if (isSame) return;
  const where = "client_hello.extensions.cookie";
  throw illegal("the cookie is not the one that was sent", where, "RFC 9846 §4.3.2");
}
