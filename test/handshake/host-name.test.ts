import { describe, expect, it } from "vitest";
import { requestedHost } from "../../src/handshake/host-name.ts";

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
