import type { ExtensionName } from "../registry/index.ts";
import { rest } from "../wire/index.ts";
import { extension } from "./extension.ts";

/**
 * Extensions that are registered for TLS 1.3 and not interpreted here. They stand in the table so that
 * one in the wrong message is refused (RFC 9846 §4.3).
 */
const inHello = <const N extends ExtensionName>(name: N) => extension(name, { client_hello: rest });
const inBoth = <const N extends ExtensionName>(name: N) =>
  extension(name, { client_hello: rest, encrypted_extensions: rest });

export const max_fragment_length = inBoth("max_fragment_length");
export const use_srtp = inBoth("use_srtp");
export const heartbeat = inBoth("heartbeat");
export const external_id_hash = inBoth("external_id_hash");
export const external_session_id = inBoth("external_session_id");
export const quic_transport_parameters = inBoth("quic_transport_parameters");
export const padding = extension("padding", { client_hello: rest }, { mayChange: true });
export const ech_outer_extensions = inHello("ech_outer_extensions");
/** TLS 1.2 signals that a client which also offers 1.2 still sends. */
export const extended_main_secret = inHello("extended_main_secret");
export const renegotiation_info = inHello("renegotiation_info");

export const encrypted_client_hello = extension(
  "encrypted_client_hello",
  {
    client_hello: rest,
    hello_retry_request: rest,
    encrypted_extensions: rest,
  },
  /* An outer hello is sealed anew after a retry (RFC 9849 §6.1). */ { mayChange: true },
);
export const transparency_info = extension("transparency_info", {
  client_hello: rest,
  certificate_request: rest,
  certificate: rest,
});
