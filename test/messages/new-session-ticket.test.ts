import { describe } from "vitest";
import { NewSessionTicket } from "../../src/messages/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";

// RFC 9846 §4.7.1
describe("NewSessionTicket", () => {
  itReads(NewSessionTicket, {
    accepts: [
      [
        "00093a80 01020304 01 00 0002 aabb 0008 002a 0004 00000400",
        {
          ticketLifetime: 604_800,
          ticketAgeAdd: 0x01020304,
          ticketNonce: bytesOf("00"),
          ticket: bytesOf("aabb"),
          extensions: { early_data: 1024 },
        },
      ],
    ],
    refuses: [
      ["00093a80 01020304 01 00 0000 0000", /^ticket: length 0 is outside 1/],
      ["00093a80 01020304 01 00 0001 aa", /^extensions: needs 2 bytes, has 0/],
      ["00093a80 01020304 01 00 0001 aa 0004 002a 0000", /^extensions\.early_data: needs 4 bytes/],
    ],
  });
});
