import { describe, expect, it } from "vitest";
import { ClientHello } from "../../src/messages/index.ts";
import { decode } from "../../src/wire/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";

const random = "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7";
const fields = {
  legacyVersion: 0x0303,
  random: bytesOf(random),
  legacySessionId: bytesOf(""),
  cipherSuites: [0x1301, 0x1303],
  legacyCompressionMethods: bytesOf("00"),
};
const start = `0303 ${random} 00 0004 1301 1303 01 00`;

// RFC 9846 §4.2.2
describe("ClientHello", () => {
  itReads(ClientHello, {
    accepts: [
      [
        `${start} 0007 002b 0003 02 0304`,
        { ...fields, extensions: { supported_versions: [0x0304] } },
      ],
      // As TLS 1.2 has it: too short for supported_versions, and refused for its version
      [`${start} 0004 0023 0000`, { ...fields, extensions: { "0x0023": new Uint8Array(0) } }],
      [
        `${start} 000f 002d 0002 01 01 002b 0005 04 2a2a 0304`,
        {
          ...fields,
          extensions: { psk_key_exchange_modes: [1], supported_versions: [0x2a2a, 0x0304] },
        },
      ],
    ],
    refuses: [
      [`${start} 0007 002b 0003 02 0304 00`, /1 bytes after the end/],
      [`${start} 0008 002b 0003 02 0304`, /^extensions: needs 8 bytes, has 7/],
      [`${start} 0008 002b 0004 02 0304 00`, /^extensions\.supported_versions: 1 bytes after/],
      [`0303 ${random} 21`, /^legacySessionId: length 33 is outside 0\.\.32/],
      [`0303 ${random} 00 0000`, /^cipherSuites: length 0 is outside 2/],
      [`0303 ${random} 00 0003 130113`, /^cipherSuites\[1\]: needs 2 bytes, has 1/],
      [`0303 ${random} 00 0002 1301 00`, /^legacyCompressionMethods: length 0 is outside 1/],
      ["0303 00", /^random: needs 32 bytes, has 1/],
    ],
  });

  // So that a client of an older version is refused for its version
  it("may end without extensions", () => {
    expect(decode(ClientHello, bytesOf(start))).toEqual({ ...fields, extensions: {} });
  });
});
