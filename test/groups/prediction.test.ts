import { describe, expect, it } from "vitest";
import { groups, predictShares } from "../../src/groups/index.ts";
import { DecodeError, fromHex } from "../../src/wire/index.ts";

const named = (...names: string[]) =>
  names.map((name) => groups.find((group) => group.name === name)!);
const offered = named("X25519MLKEM768", "x25519", "secp256r1");

describe("predictShares", () => {
  it("takes the first offered group that is announced, whatever the server's order", () => {
    expect(predictShares(offered, fromHex("0a0a11ee001d11ec"))).toEqual(named("X25519MLKEM768"));
    expect(predictShares(offered, fromHex("0017001d"))).toEqual(named("x25519"));
  });

  it("predicts nothing where no announced group is offered", () => {
    expect(predictShares(offered, fromHex("0018"))).toBeUndefined();
  });

  it.each([
    ["an empty list", ""],
    ["an odd length", "11ec00"],
    ["a group that stands twice", "001d001d"],
  ])("refuses %s", (_, hex) => {
    expect(() => predictShares(offered, fromHex(hex))).toThrow(DecodeError);
  });
});
