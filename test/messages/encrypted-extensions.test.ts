import { describe } from "vitest";
import { EncryptedExtensions } from "../../src/messages/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";

// RFC 9846 §4.4.1
describe("EncryptedExtensions", () => {
  itReads(EncryptedExtensions, {
    accepts: [
      ["0000", { extensions: {} }],
      [
        "0013 0010 0005 0003 02 6832 0000 0000 1a1a 0002 aabb",
        {
          extensions: {
            application_layer_protocol_negotiation: ["h2"],
            server_name: true,
            "0x1a1a": bytesOf("aabb"),
          },
        },
      ],
    ],
    refuses: [
      ["", /^extensions: needs 2 bytes, has 0/],
      ["0000 00", /1 bytes after the end/],
      ["0003 0000 00", /^extensions\.server_name: needs 2 bytes, has 1/],
    ],
  });
});
