import { expect, describe, it } from "vitest";
import { nameForSni, requestedHost, server_name } from "../../src/extensions/index.ts";
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

const host = (name: string) => ({ nameType: 0, name });
const other = (name: string) => ({ nameType: 7, name });

// RFC 6066 §3
describe("the host name that a client asks for", () => {
  it("is that of type host_name, in its normal form", () => {
    expect(requestedHost(undefined)).toBeUndefined();
    expect(requestedHost([host("www.example")])).toBe("www.example");
    expect(requestedHost([host("WWW.Example")])).toBe("www.example");
    expect(requestedHost([host("xn--bcher-kva.example")])).toBe("xn--bcher-kva.example");
    expect(requestedHost([other("\0\xff"), host("a.example"), { nameType: 255, name: "b" }])).toBe(
      "a.example",
    );
  });

  it("is not that of another type", () => {
    expect(requestedHost([other("a.example")])).toBeUndefined();
  });

  it.each([
    "a.example.",
    "",
    "*.example",
    "a b",
    "a\0.example",
    "\x1b[31m.example",
    "b\xfccher.example",
    "192.0.2.1",
    "::1",
    "a".repeat(64),
    "a.".repeat(127) + "a",
  ])("is refused where it is none: %j", (name) => {
    expect(() => requestedHost([host(name)])).toThrow(
      expect.objectContaining({ code: "illegal_parameter" }),
    );
  });

  it("is one: no two names of a type", () => {
    for (const names of [
      [host("a.example"), host("b.example")],
      [host("a.example"), other("x"), other("y")],
    ]) {
      expect(() => requestedHost(names)).toThrow(/two names of one type/);
    }
  });
});

// RFC 6066 §3
describe("the name for SNI", () => {
  it.each([
    ["server.example", "server.example"],
    ["server.example.", "server.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["192.0.2.1", undefined],
    ["::1", undefined],
    [undefined, undefined],
  ])("for %s is %s", (name, sent) => {
    expect(nameForSni(name)).toBe(sent);
  });
});
