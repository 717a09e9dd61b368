import { describe, expect, it } from "vitest";
import { prepareString } from "../../../src/identity/certificate/string-preparation.ts";

describe("preparing strings for comparison (RFC 4518)", () => {
  it.each<[string, string, string]>([
    ["§2.2: no-break, ideographic and other spaces are spaces", "a\u00a0b\u3000c\td", "a b c d"],
    ["§2.2: a line break is a space", "a\r\nb", "a b"],
    [
      "§2.2: soft hyphens, joiners, marks of order and controls are nothing",
      "a\u00ad\u200d\u202e\u0000\ufeffb",
      "ab",
    ],
    ["§2.2: variation selectors are nothing", "a\ufe0f\u180b\u034fb", "ab"],
    ["§2.2: case is folded", "ÀB", "àb"],
    ["§2.2: the sharp s is folded, in both cases", "ßẞ", "ssss"],
    ["§2.2: the final sigma is a sigma", "ΣΑΣ", "σας"],
    ["§2.3: composed and decomposed are the same", "e\u0301", "é"],
    ["§2.3: a ligature is its letters", "ﬁn", "fin"],
    ["§2.3: full width is usual width", "ＡＢ", "ab"],
    ["§2.6.1: spaces at the ends and in a row", "  a   b ", "a b"],
    ["§2.6.1: nothing but spaces", "   ", ""],
  ])("%s", (_, text, prepared) => {
    expect(prepareString(text)).toBe(prepared);
    expect(prepareString(prepared)).toBe(prepared);
  });

  it("keeps apart what is not the same", () => {
    expect(prepareString("b\u0131nk")).not.toBe(prepareString("bink"));
    expect(prepareString("a b")).not.toBe(prepareString("ab"));
  });

  // §2.4
  it.each(["\ue000", "\ud800", "a\ufffd"])("compares %j by its bytes", (text) => {
    expect(prepareString(text)).toBeUndefined();
  });
});
