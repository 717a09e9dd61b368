/** post_handshake_auth (RFC 9846 §4.3.6): the client is willing to authenticate later. */
import { empty } from "../wire/index.ts";
import { extension } from "./extension.ts";

export const post_handshake_auth = extension(
  "post_handshake_auth",
  { client_hello: empty },
  {
    offer: (config: { readonly postHandshakeAuthentication: boolean }) =>
      config.postHandshakeAuthentication ? true : undefined,
  },
);
