import { describe, expect, it } from "vitest";
import { wordsOf } from "../../src/play/page/step-words.ts";

const hello = { from: "client", on: "client_hello" };

describe("a step in words", () => {
  it.each([
    [{ ...hello, flip: { byte: 41, mask: 4 } }, "bit 2 of byte 41 flipped"],
    [{ ...hello, flip: { byte: -1, mask: 0x81 } }, "bit 0, 7 of byte -1 flipped"],
    [{ ...hello, edit: [{ remove: "extensions.alpn" }] }, "extensions.alpn removed"],
    [
      { ...hello, edit: [{ set: "a.b", to: 7 }, { swapParts: "c" }] },
      "a.b set to 7; the parts of c swapped",
    ],
    [{ ...hello, edit: [{ set: "a.b", to: "x25519" }] }, "a.b set to x25519"],
    [{ ...hello, drop: true }, "dropped"],
    [{ ...hello, duplicate: 1 }, "sent twice"],
    // As the language of scenarios has it
    [{ ...hello, edit: [{ reverse: "a" }] }, '{"reverse":"a"}'],
    [{ ...hello, duplicate: 3 }, '{"duplicate":3}'],
    [{ ...hello, flip: 7 }, '{"flip":7}'],
    [hello, "{}"],
  ])("%j", (step, words) => {
    expect(wordsOf(step)).toBe(`client's client_hello: ${words}`);
  });

  it("says which of several it is", () => {
    const drop = { from: "server", on: "certificate", drop: true };
    expect(wordsOf({ ...drop, nth: 2 })).toBe("server's certificate, number 2: dropped");
    expect(wordsOf({ ...drop, nth: "every" })).toBe("server's certificate, every one: dropped");
  });

  it("says something of what no reader would take", () => {
    expect(wordsOf({})).toBe("nothing's nothing: {}");
    expect(wordsOf({ from: 1, on: [], edit: [null] })).toBe("1's []: null");
  });
});
