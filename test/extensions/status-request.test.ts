import { status_request } from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

// RFC 6066 §8, RFC 9846 §4.5.1.1
describeExtension(status_request, {
  client_hello: {
    accepts: [["01 0000 0000", { statusType: 1, request: bytesOf("00000000") }]],
    refuses: [["", /^statusType: needs 1 bytes, has 0/]],
  },
  certificate_request: { accepts: [["", bytesOf("")]] },
  certificate: {
    accepts: [["01 000002 3000", { statusType: 1, response: bytesOf("3000") }]],
    refuses: [
      ["01 000000", /^response: length 0 is outside 1/],
      ["01 000002 3000 00", /1 bytes after the end/],
    ],
  },
});
