import { signed_certificate_timestamp } from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

const request = {
  accepts: [["", true]],
  refuses: [["00", /1 bytes after the end/]],
} as const;

// RFC 6962 §3.3.1
describeExtension(signed_certificate_timestamp, {
  client_hello: request,
  certificate_request: request,
  certificate: {
    accepts: [["0007 0002 aabb 0001 cc", [bytesOf("aabb"), bytesOf("cc")]]],
    refuses: [
      ["0000", /outside 1\.\.65535/],
      ["0002 0000", /\[0\]: length 0 is outside 1/],
    ],
  },
});
