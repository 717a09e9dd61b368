import { psk_key_exchange_modes } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 9846 §4.3.9
describeExtension(psk_key_exchange_modes, {
  client_hello: {
    accepts: [
      ["01 01", [1]],
      ["02 01 0b", [1, 0x0b]],
    ],
    refuses: [["00", /outside 1\.\.255/]],
  },
});
