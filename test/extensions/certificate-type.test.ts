import { client_certificate_type, server_certificate_type } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 7250 §3
const golden = {
  client_hello: {
    accepts: [["02 02 00", [2, 0]]],
    refuses: [
      ["00", /outside 1\.\.255/],
      ["02 02", /needs 2 bytes, has 1/],
    ],
  },
  encrypted_extensions: {
    accepts: [["02", 2]],
    refuses: [
      ["", /needs 1 bytes, has 0/],
      ["01 02", /1 bytes after the end/],
    ],
  },
} as const;

describeExtension(client_certificate_type, golden);
describeExtension(server_certificate_type, golden);
