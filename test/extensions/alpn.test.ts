import { application_layer_protocol_negotiation } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 7301 §3.1
const golden = {
  accepts: [
    ["0003 02 6832", ["h2"]],
    ["000c 02 6832 08 687474702f312e31", ["h2", "http/1.1"]],
  ],
  refuses: [
    ["0000", /length 0 is outside 2\.\.65535/],
    ["0001 00", /outside 2/],
    ["0003 00 0168", /\[0\]: length 0 is outside 1\.\.255/],
    ["0002 02 68", /\[0\]: needs 2 bytes, has 1/],
    ["0003 02 6832 00", /1 bytes after the end/],
  ],
} as const;

describeExtension(application_layer_protocol_negotiation, {
  client_hello: golden,
  encrypted_extensions: golden,
});
