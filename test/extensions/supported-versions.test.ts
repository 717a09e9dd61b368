import { supported_versions } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

const selected = {
  accepts: [["0304", 0x0304]],
  refuses: [
    ["03", /needs 2 bytes, has 1/],
    ["02 0304", /1 bytes after the end/],
  ],
} as const;

// RFC 9846 §4.3.1
describeExtension(supported_versions, {
  client_hello: {
    accepts: [["04 0304 0303", [0x0304, 0x0303]]],
    refuses: [
      ["00", /outside 2\.\.254/],
      ["03 030403", /\[1\]: needs 2 bytes, has 1/],
    ],
  },
  server_hello: selected,
  hello_retry_request: selected,
});
