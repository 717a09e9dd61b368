import { describe, expect, it } from "vitest";
import type { ExtensionContext } from "../../src/extensions/extension.ts";
import { extensionBlock, extensionKey } from "../../src/messages/index.ts";
import { decode, encode } from "../../src/wire/index.ts";
import { bytesOf, itRoundTrips } from "../support/codec.ts";
import { decodeErrorOf, tlsErrorOf } from "../support/errors.ts";
import { extensionContexts } from "../support/extensions.ts";

describe.each(extensionContexts)("the extensions of %s", (context) => {
  const block = extensionBlock(context);
  itRoundTrips(block);

  it("are bytes where the type is not known", () => {
    const bytes = bytesOf("000a 2a2a 0000 0bad 0002 aabb");
    const value = { "0x2a2a": bytesOf(""), "0x0bad": bytesOf("aabb") };
    expect(decode(block, bytes)).toEqual(value);
    expect(encode(block, value as never)).toEqual(bytes);
  });

  // RFC 9846 §4.3
  it("do not repeat a type", () => {
    const error = tlsErrorOf(() => decode(block, bytesOf("0008 2a2a 0000 2a2a 0000")));
    expect(error).toMatchObject({ code: "illegal_parameter", alert: "illegal_parameter" });
    expect(error.detail).toMatchObject({
      where: `${context}.extensions.0x2a2a`,
      section: "RFC 9846 §4.3",
    });
  });

  it.each([
    ["", /needs 2 bytes, has 0/],
    ["0001 00", /needs 2 bytes, has 1/],
    ["0004 2a2a 0001", /^0x2a2a: needs 1 bytes, has 0/],
    ["0004 2a2a 0000 00", /1 bytes after the end/],
    ["0005 2a2a 0000", /needs 5 bytes, has 4/],
  ])("refuse %j", (hex, message) => {
    expect(decodeErrorOf(() => decode(block, bytesOf(hex))).message).toMatch(message);
  });

  it("leave out what is undefined", () => {
    expect(encode(block, { "0x2a2a": undefined } as never)).toEqual(bytesOf("0000"));
  });
});

describe("a known extension", () => {
  it("stands twice only to be refused", () => {
    const block = extensionBlock("encrypted_extensions");
    expect(decode(block, bytesOf("0004 0000 0000"))).toEqual({ server_name: true });
    const error = tlsErrorOf(() => decode(block, bytesOf("0008 0000 0000 0000 0000")));
    expect(error.detail.where).toBe("encrypted_extensions.extensions.server_name");
  });

  // RFC 9846 §4.3
  it("ends with its data", () => {
    const block = extensionBlock("encrypted_extensions");
    const error = decodeErrorOf(() => decode(block, bytesOf("0005 0000 0001 00")));
    expect(error.message).toBe("server_name: 1 bytes after the end of the structure");
  });
});

// RFC 9846 §4.3
describe("an extension of another message", () => {
  const cookie = bytesOf("0008 002c 0004 0002 abcd");
  const versions = bytesOf("000e 002c 0004 0002 abcd 002b 0002 0304");
  const codeOf = (context: ExtensionContext, bytes: Uint8Array) =>
    tlsErrorOf(() => decode(extensionBlock(context), bytes));

  it("is refused where it has no place", () => {
    const block = extensionBlock("hello_retry_request");
    expect(decode(block, cookie)).toMatchObject({ cookie: bytesOf("abcd") });
    for (const context of ["encrypted_extensions", "certificate", "new_session_ticket"] as const) {
      expect(codeOf(context, cookie)).toMatchObject({
        code: "illegal_parameter",
        detail: { where: `${context}.extensions.cookie`, section: "RFC 9846 §4.3" },
      });
    }
  });

  it("is refused in a ServerHello of TLS 1.3, and left alone in an older one", () => {
    expect(codeOf("server_hello", versions)).toMatchObject({ code: "illegal_parameter" });
    expect(() => decode(extensionBlock("server_hello"), cookie)).not.toThrow();
  });
});

// RFC 9846 §4.3.11
describe("pre_shared_key", () => {
  const binder = "00".repeat(32);
  const psk = `0029 002c 0007 0001 aa 00000000 0021 20 ${binder}`;
  const modes = "002d 0002 01 01";
  const hex = (extensions: string) => {
    const length = bytesOf(extensions).length.toString(16).padStart(4, "0");
    return bytesOf(`${length} ${extensions}`);
  };

  it("is the last of a ClientHello", () => {
    const block = extensionBlock("client_hello");
    expect(Object.keys(decode(block, hex(`${modes} ${psk}`)))).toEqual([
      "psk_key_exchange_modes",
      "pre_shared_key",
    ]);
    expect(tlsErrorOf(() => decode(block, hex(`${psk} ${modes}`)))).toMatchObject({
      code: "illegal_parameter",
      detail: { where: "client_hello.extensions.pre_shared_key" },
    });
  });

  it("may stand anywhere in a ServerHello", () => {
    const block = extensionBlock("server_hello");
    const bytes = hex("0029 0002 0000 002b 0002 0304");
    expect(decode(block, bytes)).toEqual({ pre_shared_key: 0, supported_versions: 0x0304 });
  });
});

describe("extensionKey", () => {
  it("is the name, or the number", () => {
    expect([51, 0x2a2a, 1].map(extensionKey)).toEqual([
      "key_share",
      "0x2a2a",
      "max_fragment_length",
    ]);
  });
});
