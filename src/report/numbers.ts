/** Numbers for people: three digits that count, thousands apart. */

/** Keeps a number in one piece; whoever copies a table gets numbers without it. */
export const thinSpace = "\u202f";

/** Three significant digits; whole numbers from 100 on. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return grouped(value.toFixed(size === 0 ? 0 : digits));
}

/** For axes: without zeros at the end. */
export const tick = (value: number): string => grouped(String(Number(value.toPrecision(3))));

/** A count, exactly. */
export const exact = (value: number): string => grouped(String(value));

/** How many times: two digits behind the point, fewer for large ones. */
export const times = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2) : "–";

export const interval = (low: number, high: number, format = significant): string =>
  `${format(low)} – ${format(high)}`;

/** A probability: never zero, since no test can say that. */
export const probability = (p: number): string =>
  p < 0.001 ? "< 0.001" : p.toFixed(p < 0.1 ? 3 : 2);

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${exact(count)} ${count === 1 ? one : many}`;

export const joined = (items: readonly string[]): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;

/** Of however many; `Infinity` of none. */
export const least = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

export const most = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

/** Four digits stand together. */
const grouped = (digits: string): string =>
  digits.replace(/^-?\d{5,}/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, thinSpace));
