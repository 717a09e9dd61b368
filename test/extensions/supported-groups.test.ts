import { supported_groups } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 9846 §4.3.7; the first is that of RFC 8448 §3
const golden = {
  accepts: [
    [
      "0012 001d 0017 0018 0019 0100 0101 0102 0103 0104",
      [0x001d, 0x0017, 0x0018, 0x0019, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104],
    ],
    ["0002 11ec", [0x11ec]],
  ],
  refuses: [
    ["0000", /outside 2\.\.65535/],
    ["0003 001d00", /\[1\]: needs 2 bytes, has 1/],
  ],
} as const;

describeExtension(supported_groups, { client_hello: golden, encrypted_extensions: golden });
