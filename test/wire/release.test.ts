import { describe, expect, it } from "vitest";
import { release } from "../../src/wire/index.ts";

const canTransfer = "transfer" in ArrayBuffer.prototype;

describe("giving memory back", () => {
  it("takes all of a buffer, where the runtime can", () => {
    const whole = new Uint8Array(16384);
    release(whole);
    expect(whole.length).toBe(canTransfer ? 0 : 16384);
  });

  it("leaves alone what shares its memory, and what is small", () => {
    const shared = new Uint8Array(16384);
    release(shared.subarray(1));
    release(shared.subarray(0, 8192));
    expect(shared.length).toBe(16384);
    const pooled = Buffer.from("a piece of Node's pool");
    release(pooled);
    expect(String(pooled)).toBe("a piece of Node's pool");
    const small = new Uint8Array(32);
    release(small);
    expect(small.length).toBe(32);
  });
});
