import { PskKeyExchangeMode } from "../registry/index.ts";
import { code, list, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** RFC 9846 §4.3.9: how the client would use a PSK. */
export const psk_key_exchange_modes = extension("psk_key_exchange_modes", {
  client_hello: list(code(uint8, PskKeyExchangeMode), 1, 255),
});
