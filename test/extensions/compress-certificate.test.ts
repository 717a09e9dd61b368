import { compress_certificate } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 8879 §3
const golden = {
  accepts: [
    ["04 0002 0001", [2, 1]],
    ["04 0002 0002", [2, 2]],
  ],
  refuses: [
    ["00", /outside 2\.\.254/],
    ["03 000200", /\[1\]: needs 2 bytes, has 1/],
  ],
} as const;

describeExtension(compress_certificate, { client_hello: golden, certificate_request: golden });
