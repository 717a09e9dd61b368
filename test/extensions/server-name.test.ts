import { server_name } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 6066 §3; the first is that of RFC 8448 §3
const list = {
  accepts: [
    ["0009 00 0006 736572766572", [{ nameType: 0, name: "server" }]],
    [
      "0008 01 0001 61 00 0001 62",
      [
        { nameType: 1, name: "a" },
        { nameType: 0, name: "b" },
      ],
    ],
  ],
  refuses: [
    ["", /needs 2 bytes, has 0/],
    ["0000", /outside 1\.\.65535/],
    ["0003 00 0000", /\[0\]\.name: length 0 is outside 1/],
    ["0009 00 0006 736572766572 00", /1 bytes after the end/],
  ],
} as const;

describeExtension(server_name, {
  client_hello: list,
  certificate_request: list,
  encrypted_extensions: {
    accepts: [["", true]],
    refuses: [["0009 00 0006 736572766572", /11 bytes after the end/]],
  },
});
