import { early_data } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 9846 §4.3.10
const indication = {
  accepts: [["", true]],
  refuses: [["00", /1 bytes after the end/]],
} as const;

describeExtension(early_data, {
  client_hello: indication,
  encrypted_extensions: indication,
  new_session_ticket: {
    accepts: [["00000400", 1024]],
    refuses: [
      ["", /needs 4 bytes, has 0/],
      ["0000040000", /1 bytes after the end/],
    ],
  },
});
