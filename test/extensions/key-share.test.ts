import { key_share } from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

const x25519 = "99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c";

// RFC 9846 §4.3.8; the share is that of RFC 8448 §3
describeExtension(key_share, {
  client_hello: {
    accepts: [
      ["0000", []],
      // Refused later, by what is made of it
      ["0004 001d 0000", [{ group: 0x001d, keyExchange: new Uint8Array(0) }]],
      [`0024 001d 0020 ${x25519}`, [{ group: 0x001d, keyExchange: bytesOf(x25519) }]],
      [
        "000a 2a2a 0001 00 11ec 0001 01",
        [
          { group: 0x2a2a, keyExchange: bytesOf("00") },
          { group: 0x11ec, keyExchange: bytesOf("01") },
        ],
      ],
    ],
    refuses: [
      ["0005 001d 0002 aa", /\[0\]\.keyExchange: needs 2 bytes, has 1/],
      ["0001 00", /\[0\]\.group: needs 2 bytes, has 1/],
    ],
  },
  server_hello: {
    accepts: [[`001d 0020 ${x25519}`, { group: 0x001d, keyExchange: bytesOf(x25519) }]],
    refuses: [
      ["001d", /^keyExchange: needs 2 bytes, has 0/],
      ["001d 0001 aa 00", /1 bytes after the end/],
    ],
  },
  hello_retry_request: {
    accepts: [["0017", 0x0017]],
    refuses: [["001d 0001 aa", /3 bytes after the end/]],
  },
});
