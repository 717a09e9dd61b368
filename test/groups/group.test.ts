import { describe, expect, it } from "vitest";
import type { KemName } from "../../src/crypto/index.ts";
import {
  defineGroup,
  groups,
  isHybrid,
  isPostQuantum,
  shareSizes,
} from "../../src/groups/index.ts";
import { NamedGroup } from "../../src/registry/index.ts";
import { providers } from "../crypto/providers.ts";

// name, client share, server share, secret
const table = [
  ["X25519MLKEM768", 1216, 1120, 64],
  ["SecP256r1MLKEM768", 1249, 1153, 64],
  ["SecP384r1MLKEM1024", 1665, 1665, 80],
  ["MLKEM512", 800, 768, 32],
  ["MLKEM768", 1184, 1088, 32],
  ["MLKEM1024", 1568, 1568, 32],
  ["MLKEM512X25519", 832, 800, 64],
  ["SecP256r1MLKEM512", 865, 833, 64],
  ["x25519", 32, 32, 32],
  ["x448", 56, 56, 56],
  ["secp256r1", 65, 65, 32],
  ["secp384r1", 97, 97, 48],
  ["secp521r1", 133, 133, 66],
] as const;

describe.each(providers)("sizes with $name", ({ provider }) => {
  it.each(table)("%s", (name, client, server, secret) => {
    const group = groups.find((candidate) => candidate.name === name);
    expect(group?.code).toBe(NamedGroup[name]);
    expect(group && shareSizes(group, provider)).toEqual({ client, server, secret });
  });
});

describe("the built-in groups", () => {
  it("are all in the table, once", () => {
    expect(groups.map((group) => group.name).toSorted()).toEqual(
      table.map(([name]) => name).toSorted(),
    );
    expect(new Set(groups.map((group) => group.code)).size).toBe(groups.length);
  });

  it("say what they are", () => {
    const named = (test: (group: (typeof groups)[number]) => boolean) =>
      groups.filter(test).map((group) => group.name);
    expect(named(isHybrid)).toEqual([
      "X25519MLKEM768",
      "SecP256r1MLKEM768",
      "SecP384r1MLKEM1024",
      "MLKEM512X25519",
      "SecP256r1MLKEM512",
    ]);
    expect(named((group) => !isPostQuantum(group))).toEqual([
      "x25519",
      "secp256r1",
      "x448",
      "secp384r1",
      "secp521r1",
    ]);
    expect(named((group) => group.draft === true)).toEqual(["MLKEM512X25519", "SecP256r1MLKEM512"]);
  });
});

describe("defineGroup", () => {
  const valid = { name: "mine", code: 0xfe30, kems: ["x25519"] as readonly KemName[] };

  it("freezes a copy", () => {
    const kems: KemName[] = ["x25519"];
    const group = defineGroup({ ...valid, kems });
    kems.push("x448");
    expect(group).toEqual(valid);
    expect(Object.isFrozen(group)).toBe(true);
  });

  it.each([
    ["an empty name", { name: "" }, "name is empty"],
    ["code point 0", { code: 0 }, "code point"],
    ["a code point of three bytes", { code: 0x10000 }, "code point"],
    ["a fraction", { code: 1.5 }, "code point"],
    ["a GREASE value", { code: 0x2a2a }, "GREASE"],
    ["no KEM", { kems: [] }, "no KEM"],
    ["an unknown KEM", { kems: ["x25518" as KemName] }, "x25518"],
    ["a share that no field can hold", { kems: Array<KemName>(42).fill("ML-KEM-1024") }, "65535"],
  ])("refuses %s", (_, change, message) => {
    expect(() => defineGroup({ ...valid, ...change })).toThrow(RangeError);
    expect(() => defineGroup({ ...valid, ...change })).toThrow(message);
  });

  it("takes the largest share, and values that only look like GREASE", () => {
    expect(() =>
      defineGroup({ ...valid, kems: Array<KemName>(41).fill("ML-KEM-1024") }),
    ).not.toThrow();
    expect(() => defineGroup({ ...valid, code: 0x2a3a })).not.toThrow();
  });
});
