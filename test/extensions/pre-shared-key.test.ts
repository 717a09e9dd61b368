import { describe, expect, it } from "vitest";
import { checkRetriedPsks, pre_shared_key } from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

const binder = "3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d";

// RFC 9846 §4.3.11; the binder is that of RFC 8448 §4
describeExtension(pre_shared_key, {
  client_hello: {
    accepts: [
      [
        `0009 0003 aabbcc fad6aac5 0021 20 ${binder}`,
        {
          identities: [{ identity: bytesOf("aabbcc"), obfuscatedTicketAge: 0xfad6aac5 }],
          binders: [bytesOf(binder)],
        },
      ],
    ],
    refuses: [
      [`0000 0021 20 ${binder}`, /^identities: length 0 is outside 7\.\.65535/],
      [`0007 0001 aa 00000000 0000`, /^binders: length 0 is outside 33\.\.65535/],
      [`0007 0001 aa 00000000 0021 1f ${binder}`, /^binders\[0\]: length 31 is outside 32\.\.255/],
      [`0007 0001 aa 00000000 0021 20 ${binder} 00`, /1 bytes after the end/],
    ],
  },
  server_hello: {
    accepts: [["0001", 1]],
    refuses: [["00", /needs 2 bytes, has 1/]],
  },
});

describe("the PSKs of a hello after a retry", () => {
  const offer = (...names: string[]) => ({
    identities: names.map((name) => ({ identity: bytesOf(name) })),
  });

  it.each([
    ["the same", offer("aa", "bb"), offer("aa", "bb")],
    ["fewer, since others do not fit the suite", offer("aa", "bb"), offer("bb")],
    ["none any more", offer("aa"), undefined],
    ["none before and after", undefined, undefined],
  ])("may be %s", (_, first, second) => {
    expect(() => checkRetriedPsks(first, second)).not.toThrow();
  });

  // RFC 9846 §4.2.2
  it.each([
    ["there for the first time", undefined, offer("aa")],
    ["others", offer("aa"), offer("bb")],
    ["more", offer("aa"), offer("aa", "bb")],
  ])("are refused where they are %s", (_, first, second) => {
    expect(() => checkRetriedPsks(first, second)).toThrow(
      expect.objectContaining({
        code: "illegal_parameter",
        detail: expect.objectContaining({
          where: "client_hello.extensions.pre_shared_key.identities",
          section: "RFC 9846 §4.2.2",
        }),
      }),
    );
  });
});
