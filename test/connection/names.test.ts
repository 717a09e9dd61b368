import { describe, expect, it } from "vitest";
import { checkOwn, find, type Named, type Registry, resolve } from "../../src/connection/names.ts";

const [red, blue] = [
  { name: "Red", code: 1 },
  { name: "blue", code: 2 },
];
const own = { name: "own", code: 0xfe00 };
const checked: Named[] = [];
const colours: Registry<Named> = {
  kind: "colours",
  entries: [red, blue],
  privateUse: "0xfe00 on",
  check: (entry) => void checked.push(entry),
};

describe("names", () => {
  it("are found in any case", () => {
    expect(find("colours", colours.entries, "RED")).toBe(red);
    expect(() => find("colours", colours.entries, "green")).toThrow(
      new RangeError("there is no green among the colours: Red, blue"),
    );
  });

  it("and values stand side by side, in the order that was given", () => {
    expect(resolve(colours, ["blue", own, "Red"], [])).toEqual([blue, own, red]);
    expect(resolve(colours, undefined, colours.entries)).toBe(colours.entries);
    expect(() => resolve(colours, [], colours.entries)).toThrow("the list of colours is empty");
    expect(() => resolve(colours, ["Red", "x"], colours.entries)).toThrow(RangeError);
  });
});

describe("values of one's own", () => {
  it("are checked, and only they", () => {
    checked.length = 0;
    expect(checkOwn(colours, [red, own])).toEqual([own]);
    expect(checked).toEqual([own]);
  });

  it("may be variants of what is registered, with both its name and its code point", () => {
    const variant = { ...red, more: true };
    expect(checkOwn(colours, [variant, blue])).toEqual([variant]);
  });

  it.each([
    ["a registered code point", [{ name: "own", code: 2 }], "own has the code point 0x2 of blue"],
    ["a registered name", [{ name: "Red", code: 9 }], "Red has the name of Red"],
    [
      "another's code point",
      [own, { name: "x", code: 0xfe00 }],
      "x has the code point 0xfe00 of own",
    ],
    ["another's name", [own, { name: "own", code: 0xfe01 }], "own has the name of own"],
  ])("are refused with %s", (_, entries, message) => {
    expect(() => resolve(colours, entries, [])).toThrow(
      new RangeError(
        `${message} among the colours; take another name, and a code point of private use: 0xfe00 on`,
      ),
    );
  });
});
