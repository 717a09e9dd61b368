import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Study, studies, validate } from "../../../src/lab/studies/index.ts";
import { awsCells } from "../../../src/lab/studies/aws2025-figures.ts";
import { paquinSeries, percentiles } from "../../../src/lab/studies/paquin2020-figures.ts";
import { renderValidation } from "../../../src/lab/studies/render.ts";

const page = readFileSync(new URL("../../../docs/validation.md", import.meta.url), "utf8");

describe("a study", () => {
  it.each(Object.keys(studies).filter((name) => name !== "paquin2020"))(
    "%s reaches what is claimed of it, as docs/validation.md shows",
    (name) => {
      const [study] = validate([name]);
      for (const { reached, needed, count } of study!.claims) {
        expect(count).toBeGreaterThan(0);
        expect(reached).toBeGreaterThanOrEqual(needed);
      }
      const made = renderValidation([study!]);
      expect(page).toContain(made.slice(made.indexOf("\n## ")).trim());
    },
  );

  it("gives the same again", () => {
    expect(validate(["aws2025"])).toEqual(validate(["aws2025"]));
  });

  it("that nobody published is refused, with those that there are", () => {
    expect(() => validate(["paquin"])).toThrow(
      'no study "paquin"; there are paquin2020, wiggers2024',
    );
  });
});

describe("paquin2020", () => {
  let made: Study | undefined;
  const study = (): Study => (made ??= studies["paquin2020"]!({ repetitions: 400 }));

  it("has all cells that were published: 24 series, 25 rates of loss, seven percentiles", () => {
    const series = paquinSeries();
    expect(series).toHaveLength(24);
    for (const { rows } of series) {
      expect(rows).toHaveLength(25);
      expect(
        rows.every(({ ms }) => ms.length === percentiles.length && ms.every((value) => value > 5)),
      ).toBe(true);
      for (const { ms } of rows) expect(ms).toEqual(ms.toSorted((a, b) => a - b));
    }
    expect(study().figures).toHaveLength(24 + 24 * 24 * 3);
  }, 30_000);

  it("reaches what is claimed of it", () => {
    for (const { reached, needed } of study().claims) {
      // A smaller sample says less of tails
      expect(reached).toBeGreaterThanOrEqual(needed - 0.03);
    }
  }, 30_000);

  it("has medians that fall with loss where clients wait for cores", () => {
    const ofSike = study().figures.filter(({ name }) =>
      /sikep434, RTT 5.609 ms, loss (0.1|1|2|5) %, p50/.test(name),
    );
    const ours = ofSike.map((figure) => figure.ours);
    expect(ours).toHaveLength(4);
    expect(ours).toEqual(ours.toSorted((a, b) => b - a));
    const published = ofSike.map((figure) => figure.published);
    expect(published).toEqual(published.toSorted((a, b) => b - a));
  }, 30_000);
});

describe("aws2025", () => {
  it("has all cells that were published", () => {
    const cells = awsCells();
    expect(cells).toHaveLength(48);
    expect(cells.every(({ p25, p50, p75, p95 }) => p25 < p50 && p50 < p75 && p75 < p95)).toBe(true);
  });
});
