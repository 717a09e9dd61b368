import { record_size_limit } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 8449 §4
const golden = {
  accepts: [["4001", 0x4001]],
  refuses: [
    ["40", /needs 2 bytes, has 1/],
    ["400100", /1 bytes after the end/],
  ],
} as const;

describeExtension(record_size_limit, { client_hello: golden, encrypted_extensions: golden });
