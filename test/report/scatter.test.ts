import { describe, expect, it } from "vitest";
import { logTicks, placed } from "../../src/report/charts/scatter.ts";

const spot = (text: string, x: number, y: number) => ({ text, at: [x, y] as const });

describe("names beside spots", () => {
  it("stand above their spot, or where they lie on no other name and no other spot", () => {
    const names = placed(
      [spot("the first", 100, 100), spot("second", 120, 100), spot("third", 134, 100)],
      600,
    );
    expect(names.map(({ text, place }) => [text, place.anchor, Math.sign(place.dy)])).toEqual([
      ["the first", "middle", -1],
      ["second", "middle", 1],
      ["third", "start", 0],
    ]);
  });

  it("are left out where there is no room, and never leave the picture", () => {
    const crowd = Array.from({ length: 30 }, (_, at) => spot("a rather long name", 300 + at, 100));
    expect(placed(crowd, 600).length).toBeLessThan(5);
    expect(placed([spot("a name at the edge", 4, 50)], 600)[0]?.place.anchor).toBe("start");
    expect(placed([spot("a name at the edge", 596, 50)], 600)[0]?.place.anchor).toBe("end");
    const end = spot("above", 300, 50);
    expect(placed([end], 600, [[280, 30, 320, 45]])[0]?.place).toMatchObject({ dx: 0, dy: 11 });
    expect(placed([spot("a name that is wider than all", 50, 50)], 100)).toEqual([]);
  });
});

describe("ticks of a logarithmic axis", () => {
  const pixels = (width: number) => (value: number) => (Math.log10(value) / 4) * width;

  it("are powers of ten, and what finds room between them", () => {
    expect(logTicks([900, 30_000], pixels(1200))).toEqual([1000, 2000, 5000, 10_000, 20_000]);
    expect(logTicks([900, 30_000], pixels(300))).toEqual([1000, 10_000]);
  });

  it("are there where no power of ten is", () => {
    expect(logTicks([1500, 8000], pixels(1200))).toEqual([2000, 5000]);
  });
});
