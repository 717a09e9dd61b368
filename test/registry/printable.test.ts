import { describe, expect, it } from "vitest";
import { printable } from "../../src/registry/index.ts";
import { assert, property, string } from "fast-check";

describe("text from a peer", () => {
  it.each([
    ["bücher, Ω, 汉字, 🔑", "bücher, Ω, 汉字, 🔑"],
    ["\x1b]0;owned\x07", "\\x1b]0;owned\\x07"],
    ["a\r\nkemistry: all is well", "a\\x0d\\x0akemistry: all is well"],
    ["\x9b31m", "\\x9b31m"],
    ["\u202eexe.txt", "\\u202eexe.txt"],
    ["a\u2028b", "a\\u2028b"],
    ["\ud800", "\\ud800"],
    ["\0\t\x7f", "\\x00\\x09\\x7f"],
  ])("keeps letters, and escapes what a terminal would obey: %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("is shortened, and says by how much", () => {
    expect(printable("x".repeat(256))).toHaveLength(256);
    expect(printable("x".repeat(260_000))).toBe(`${"x".repeat(256)}… (259744 more)`);
    expect(printable("abcdef", 3)).toBe("abc… (3 more)");
  });

  it("is one line without controls, whatever it was", () => {
    assert(
      property(string({ unit: "binary" }), (text) => {
        expect(printable(text)).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]*$/u);
      }),
    );
  });
});
