import { describe, expect, it } from "vitest";
import { fires, kernels } from "../../../src/lab/network/kernel.ts";

const ms = 1e6;
const linux = kernels["linux-6.12"];

describe("fires", () => {
  it("fires on a tick after the time, up to 63 jiffies", () => {
    // 7 ms are two jiffies of four, and the tick in which the timer is set does not count
    expect(fires(linux, 0, 0, 7000)).toBe(12 * ms);
    expect(fires(linux, 0, 3.9 * ms, 7000)).toBe(12 * ms);
    expect(fires(linux, 0, 4 * ms, 7000)).toBe(16 * ms);
    expect(fires(linux, 0, 0, 63 * 4000)).toBe(64 * 4 * ms);
  });

  it("rounds up to 8 jiffies beyond that, and to 64 beyond 504", () => {
    expect(fires(linux, 0, 0, 64 * 4000)).toBe(72 * 4 * ms);
    expect(fires(linux, 0, 0, 71 * 4000)).toBe(72 * 4 * ms);
    expect(fires(linux, 0, 0, 504 * 4000)).toBe(512 * 4 * ms);
    expect(fires(linux, 0, 0, 505 * 4000)).toBe(512 * 4 * ms);
    expect(fires(linux, 0, 4 * ms, 511 * 4000)).toBe(576 * 4 * ms);
  });

  it("shifts the ticks by the phase, and never fires early", () => {
    for (let phase = 0; phase < 40 * ms; phase += 1.7 * ms) {
      for (const wait of [1, 3999, 4000, 40_000, 231_000, 252_000, 300_000, 1_000_000, 3_000_000]) {
        const after = fires(linux, phase, 5.3 * ms, wait) - 5.3 * ms;
        expect(after).toBeGreaterThanOrEqual(wait * 1000);
        const grain = wait > 504 * 4000 ? 64 : wait > 63 * 4000 ? 8 : 1;
        expect(after).toBeLessThanOrEqual(wait * 1000 + 4 * ms + grain * 4 * ms);
        expect((fires(linux, phase, 5.3 * ms, wait) + phase) % (4 * ms)).toBe(0);
      }
    }
  });

  it("is exact where the kernel is ideal, and still moves on", () => {
    expect(fires(kernels.ideal, 12_345, 17, 2500)).toBe(17 + 2_500_000);
    expect(fires(kernels.ideal, 0, 17, 0)).toBe(17 + 1000);
    expect(fires(kernels.ideal, 0, 17, 0.25)).toBe(17 + 1000);
  });
});
