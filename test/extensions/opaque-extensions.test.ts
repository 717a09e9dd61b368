import {
  ech_outer_extensions,
  encrypted_client_hello,
  extended_main_secret,
  external_id_hash,
  external_session_id,
  heartbeat,
  max_fragment_length,
  padding,
  quic_transport_parameters,
  renegotiation_info,
  transparency_info,
  use_srtp,
} from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

// Registered for TLS 1.3 (RFC 9846 §4.3), and kept as they came
const golden = {
  accepts: [
    ["", bytesOf("")],
    ["00ff", bytesOf("00ff")],
  ],
} as const;

for (const entry of [
  external_id_hash,
  external_session_id,
  heartbeat,
  max_fragment_length,
  quic_transport_parameters,
  use_srtp,
]) {
  describeExtension(entry, { client_hello: golden, encrypted_extensions: golden });
}
for (const entry of [ech_outer_extensions, extended_main_secret, padding, renegotiation_info]) {
  describeExtension(entry, { client_hello: golden });
}
// RFC 9849 §5
describeExtension(encrypted_client_hello, {
  client_hello: golden,
  hello_retry_request: golden,
  encrypted_extensions: golden,
});
describeExtension(transparency_info, {
  client_hello: golden,
  certificate_request: golden,
  certificate: golden,
});
