import { describe, expect, it } from "vitest";
import { checkSolicited, isSolicited } from "../../src/extensions/index.ts";
import { tlsErrorOf } from "../support/errors.ts";

// RFC 9846 §4.3
describe("an answer", () => {
  const offered = { cookie: true, "0x1a1a": true, "0xff77": true };

  it("is to what was offered, and not to what has no meaning", () => {
    expect(isSolicited("cookie", offered)).toBe(true);
    expect(isSolicited("key_share", offered)).toBe(false);
    expect(isSolicited("0x1a1a", offered)).toBe(false);
  });

  it("may be to an extension of the caller's own", () => {
    const own = [{ name: "mine", type: 0xff77 }];
    expect(isSolicited("0xff77", offered)).toBe(false);
    expect(isSolicited("0xff77", offered, own)).toBe(true);
    expect(isSolicited("0x1a1a", offered, own)).toBe(false);
    expect(isSolicited("0xff77", {}, own)).toBe(false);
  });

  it("is refused by name", () => {
    const expected = (name: string) => name === "cookie";
    checkSolicited("server_hello", { cookie: 1 }, expected);
    const error = tlsErrorOf(() => checkSolicited("server_hello", { cookie: 1, b: 2 }, expected));
    expect(error).toMatchObject({
      code: "unsupported_extension",
      detail: { where: "server_hello.extensions.b", section: "RFC 9846 §4.3" },
    });
  });
});
