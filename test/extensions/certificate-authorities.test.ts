import { certificate_authorities } from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

// RFC 9846 §4.3.4
const golden = {
  accepts: [["0007 0002 3000 0001 05", [bytesOf("3000"), bytesOf("05")]]],
  refuses: [
    ["0000", /outside 3\.\.65535/],
    ["0003 0000 05", /\[0\]: length 0 is outside 1/],
    ["0003 0002 05", /\[0\]: needs 2 bytes, has 1/],
  ],
} as const;

describeExtension(certificate_authorities, { client_hello: golden, certificate_request: golden });
