import { describe, expect, it } from "vitest";
import { systemRandom } from "../../../src/crypto/native/random.ts";
import { toHex } from "../../../src/wire/index.ts";

describe("the system's randomness", () => {
  it.each([0, 1, 12, 32, 64, 65, 5000])("gives %i bytes in memory of their own", (length) => {
    const bytes = systemRandom(length);
    expect(bytes).toHaveLength(length);
    expect(bytes.buffer.byteLength).toBe(length);
  });

  it("gives no bytes twice, over many fillings of its pool", () => {
    const drawn = Array.from({ length: 2000 }, (_, i) => toHex(systemRandom(i % 2 ? 16 : 33)));
    expect(new Set(drawn).size).toBe(drawn.length);
    // All of a pool's bytes are filled: a stretch of zeros would show
    expect(drawn.filter((hex) => /^0+$/.test(hex.slice(-16)))).toEqual([]);
  });

  it("is not changed by what callers do with theirs", () => {
    const first = systemRandom(32);
    first.fill(0);
    expect(toHex(systemRandom(32))).not.toBe(toHex(first));
  });
});
