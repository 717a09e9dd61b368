import { describe, expect, it } from "vitest";
import { labelOf } from "../../../src/lab/trace/names.ts";
import { NamedGroup } from "../../../src/registry/index.ts";

describe("a label", () => {
  it("is the registry's name, or the number", () => {
    expect(labelOf(NamedGroup, 0x11ec)).toBe("X25519MLKEM768");
    expect(labelOf(NamedGroup, 0xfe31)).toBe("0xfe31");
  });

  // RFC 8701 §2
  it.each([0x0a0a, 0x5a5a, 0xfafa])("calls %i GREASE", (value) => {
    expect(labelOf(NamedGroup, value)).toBe("GREASE");
  });

  it.each([0x0a1a, 0x0a0b, 0x0b0b])("does not call %i GREASE", (value) => {
    expect(labelOf(NamedGroup, value)).toMatch(/^0x/);
  });
});
