/**
 * Counts work instead of time: elements that the methods of arrays visit, what maps and sets are asked for, bytes
 * that typed arrays copy. So a
 * test can double what a peer sends, and look at what that costs.
 */
import { expect } from "vitest";

type Method = (this: ArrayLike<unknown>, ...values: unknown[]) => unknown;
type Methods = Record<string, Method>;

let count = 0;

/** They stop at what they were looking for, and tell where that stands. */
const searching = ["includes", "indexOf", "lastIndexOf"];
/** They visit all, or move all. */
const whole = ["concat", "join", "slice", "shift", "unshift", "splice", "toReversed", "toSorted"];
/** They call back for each element that they visit. */
const calling = [
  "every",
  "filter",
  "find",
  "findIndex",
  "findLast",
  "flatMap",
  "forEach",
  "map",
  "reduce",
  "some",
];

function visited(list: ArrayLike<unknown>, sought: unknown): number {
  const at = original.indexOf!.call(list, sought) as number;
  return at < 0 ? list.length : at + 1;
}

const original: Methods = {};
const arrays = Array.prototype as unknown as Methods;
const bytes = Uint8Array.prototype as unknown as Methods;
const typed = Object.getPrototypeOf(bytes) as Methods;

function replacements(): Methods {
  const methods: Methods = {};
  for (const name of searching) {
    methods[name] = function (...values) {
      count += visited(this, values[0]);
      return original[name]!.apply(this, values);
    };
  }
  for (const name of whole) {
    methods[name] = function (...values) {
      count += this.length;
      return original[name]!.apply(this, values);
    };
  }
  for (const name of calling) {
    methods[name] = function (callback, ...values) {
      const counted: Method = function (...args) {
        count++;
        return (callback as Method).apply(this, args);
      };
      return original[name]!.call(this, counted, ...values);
    };
  }
  return methods;
}

/** Look-ups and additions, each an element. */
const keyed: readonly [object: object, names: readonly string[]][] = [
  [Map.prototype, ["get", "set"]],
  [Set.prototype, ["add", "has"]],
];

/** Counts look-ups too; gives what undoes it. */
function countKeyed(): () => void {
  const undo = keyed.flatMap(([object, names]) => {
    const methods = object as Methods;
    return names.map((name) => {
      const method = methods[name]!;
      methods[name] = function (...values) {
        count++;
        return method.apply(this, values);
      };
      return () => void (methods[name] = method);
    });
  });
  return () => {
    for (const each of undo) each();
  };
}

/** The work that a run does by way of arrays, maps and sets. Not for code that awaits. */
export function workOf(run: () => void): number {
  const { set, slice } = typed;
  const methods = replacements();
  for (const name of Object.keys(methods)) original[name] = arrays[name]!;
  const uncount = countKeyed();
  count = 0;
  Object.assign(arrays, methods);
  typed["set"] = function (...values) {
    count += (values[0] as ArrayLike<unknown>).length;
    return set!.apply(this, values);
  };
  typed["slice"] = function (...values) {
    const copy = slice!.apply(this, values) as ArrayLike<unknown>;
    count += copy.length;
    return copy;
  };
  try {
    run();
  } finally {
    uncount();
    for (const name of Object.keys(methods)) {
      Object.defineProperty(arrays, name, { value: original[name], enumerable: false });
    }
    Object.assign(typed, { set, slice });
  }
  return count;
}

/** Four times the input makes about four times the work, where a square would make sixteen of it. */
export function expectProportion(cost: (size: number) => number, size: number): void {
  // What is compiled, cached or allocated once is not counted
  cost(size);
  const [once, fourTimes] = [cost(size), cost(4 * size)];
  expect(fourTimes / once).toBeLessThan(8);
}
