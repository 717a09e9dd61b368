import { expect, it } from "vitest";
import { createNative } from "../../../src/crypto/native.ts";
import { memoryMeter, mostRetained, RetainedMeter } from "../../../src/lab/adversary/retained.ts";
import { search } from "../../../src/lab/adversary/search.ts";

const take = (meter: RetainedMeter, count: number, make: () => unknown): void => {
  for (let i = 0; i < count; i++) meter.take(make());
};

it("weighs what ends hold, in their heap and in buffers", { timeout: 60_000 }, () => {
  for (const size of [20_000, 100_000]) {
    for (const make of [
      () => new Uint8Array(2 * size),
      () => Array.from({ length: size / 4 }, (_, index) => index + 0.5),
    ]) {
      const meter = new RetainedMeter(memoryMeter());
      take(meter, 999, make);
      expect(meter.most).toBeUndefined();
      take(meter, 1, make);
      expect(meter.most).toBeGreaterThan(0.8 * size);
      expect(meter.most).toBeLessThan(1.5 * size);
    }
  }
});

it("keeps the heaviest sample", { timeout: 60_000 }, () => {
  const meter = new RetainedMeter(memoryMeter());
  take(meter, 1000, () => new Uint8Array(200_000));
  take(meter, 1000, () => undefined);
  expect(meter.most).toBeGreaterThan(80_000);
});

it("makes a search fail whose ends hold too much", { timeout: 60_000 }, () => {
  const heavy = () => {
    const native = createNative();
    const aes = native.aeads["aes-128-gcm"];
    const importKey = (key: Uint8Array) =>
      Object.assign(aes.importKey(key), { weight: new Uint8Array(2 * mostRetained) });
    return { ...native, aeads: { ...native.aeads, "aes-128-gcm": { ...aes, importKey } } };
  };
  const options = { seconds: 60, limit: 1000, seed: "heavy" };
  const ordinary = search({ ...options, makeProvider: createNative }).heap;
  expect(ordinary.perEnd).toBeLessThan(mostRetained / 2);
  expect(ordinary.grew).toBe(false);
  const { heap } = search({ ...options, makeProvider: heavy });
  expect(heap.perEnd).toBeGreaterThan(mostRetained);
  expect(heap.grew).toBe(true);
});
