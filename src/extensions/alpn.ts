import { list, text } from "../wire/index.ts";
import { extension } from "./extension.ts";

const ProtocolNameList = list(text(1, 255), 2, 0xffff);

/** RFC 7301 §3.1: protocols in order of preference; the answer names exactly one. */
export const application_layer_protocol_negotiation = extension(
  "application_layer_protocol_negotiation",
  { client_hello: ProtocolNameList, encrypted_extensions: ProtocolNameList },
);
