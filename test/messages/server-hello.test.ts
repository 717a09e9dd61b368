import { describe, expect, it } from "vitest";
import { downgradeSentinels, HelloRetryRequest, ServerHello } from "../../src/messages/index.ts";
import { decode, fromUtf8 } from "../../src/wire/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";
import { tlsErrorOf } from "../support/errors.ts";

const random = "a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e26928";
const retryRandom = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
const fields = {
  legacyVersion: 0x0303,
  random: bytesOf(random),
  legacySessionIdEcho: bytesOf("aa"),
  cipherSuite: 0x1301,
  legacyCompressionMethod: 0,
};
const start = `0303 ${random} 01 aa 1301 00`;

// RFC 9846 §4.2.3
describe("ServerHello", () => {
  itReads(ServerHello, {
    accepts: [
      [
        `${start} 000f 002b 0002 0304 0033 0005 001d 0001 bb`,
        {
          ...fields,
          extensions: {
            supported_versions: 0x0304,
            key_share: { group: 0x001d, keyExchange: bytesOf("bb") },
          },
        },
      ],
      [`${start} 0000`, { ...fields, extensions: {} }],
    ],
    refuses: [
      [`${start} 0000 00`, /1 bytes after the end/],
      [`0303 ${random} 21`, /^legacySessionIdEcho: length 33 is outside 0\.\.32/],
      [`${start} 0006 002b 0002 03`, /^extensions: needs 6 bytes, has 5/],
      [
        `${start} 0008 0033 0004 001d 0001`,
        /^extensions\.key_share\.keyExchange: needs 1 bytes, has 0/,
      ],
    ],
  });

  // So that a server of an older version is refused for its version
  it("may end without extensions", () => {
    expect(decode(ServerHello, bytesOf(start))).toEqual({ ...fields, extensions: {} });
    expect(() => decode(ServerHello, bytesOf(`${start} 00`))).toThrow("needs 2 bytes, has 1");
  });

  it("carries what TLS 1.2 answers, but not together with TLS 1.3", () => {
    const older = decode(ServerHello, bytesOf(`${start} 0009 0000 0000 ff01 0001 00`));
    expect(older.extensions).toEqual({ "0x0000": bytesOf(""), "0xff01": bytesOf("00") });
    const newer = bytesOf(`${start} 000a 0000 0000 002b 0002 0304`);
    expect(tlsErrorOf(() => decode(ServerHello, newer))).toMatchObject({
      code: "illegal_parameter",
      detail: { where: "server_hello.extensions.server_name", section: "RFC 9846 §4.3" },
    });
  });
});

// RFC 9846 §4.2.4
describe("HelloRetryRequest", () => {
  const retry = `0303 ${retryRandom} 00 1302 00`;
  itReads(HelloRetryRequest, {
    accepts: [
      [
        `${retry} 0013 002b 0002 0304 0033 0002 11ec 002c 0003 0001 aa`,
        {
          ...fields,
          random: bytesOf(retryRandom),
          legacySessionIdEcho: bytesOf(""),
          cipherSuite: 0x1302,
          extensions: { supported_versions: 0x0304, key_share: 0x11ec, cookie: bytesOf("aa") },
        },
      ],
    ],
    refuses: [[`${retry} 0006 002c 0002 0000`, /^extensions\.cookie: length 0 is outside 1/]],
  });
});

describe("the downgrade sentinels", () => {
  // RFC 9846 §4.2.3
  it("spell DOWNGRD, and a number", () => {
    const [newer, older] = [downgradeSentinels["TLS 1.2"], downgradeSentinels["TLS 1.1 or below"]];
    expect([fromUtf8(newer.subarray(0, 7)), newer[7]]).toEqual(["DOWNGRD", 1]);
    expect([fromUtf8(older.subarray(0, 7)), older[7]]).toEqual(["DOWNGRD", 0]);
  });
});
