import { oid_filters } from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

// RFC 9846 §4.3.5
describeExtension(oid_filters, {
  certificate_request: {
    accepts: [
      ["0000", []],
      ["0009 03 551d25 0003 aabbcc", [{ oid: bytesOf("551d25"), values: bytesOf("aabbcc") }]],
    ],
    refuses: [["0003 00 0000", /\[0\]\.oid: length 0 is outside 1\.\.255/]],
  },
});
