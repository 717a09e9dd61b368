import { cookie } from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

// RFC 9846 §4.3.2
const golden = {
  accepts: [["0003 aabbcc", bytesOf("aabbcc")]],
  refuses: [
    ["0000", /outside 1\.\.65535/],
    ["0003 aabb", /needs 3 bytes, has 2/],
  ],
} as const;

describeExtension(cookie, { client_hello: golden, hello_retry_request: golden });
