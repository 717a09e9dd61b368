/**
 * What a caller gives, checked when the thing is made: nothing is ignored.
 *
 * Each type of options has a table of checks beside it, which the compiler holds complete by
 * `satisfies OptionTable<TheType>`: an option that is added to the type and not to its table does not compile,
 * and one that is in no table is refused. Absent and `undefined` are the same.
 */
import { printable } from "./printable.ts";
import { isBytes } from "../wire/index.ts";

/** @throws TypeError for another kind of value, RangeError for one that cannot be; `where` names the option */
export type Check = (value: unknown, where: string) => void;

/** A check for each option. */
export type OptionTable<O> = { readonly [Name in keyof O]-?: Check };

/**
 * @param who begins the message: the function that was called
 * @throws TypeError for a name that is not known and for a value of the wrong kind, RangeError for a wrong value
 */
export function checkOptions(
  who: string,
  options: unknown,
  table: Readonly<Record<string, Check>>,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${who} takes an object of options, not ${show(options)}`);
  }
  // Options within options: `createClient: limits.warnings`
  const path = who.includes(": ") ? `${who}.` : `${who}: `;
  for (const name in options) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    const check = Object.hasOwn(table, name) ? table[name] : undefined;
    if (check === undefined) {
      throw new TypeError(`${who} has no option ${printable(name, 64)}${meant(name, table)}`);
    }
    // A copy that is made on the way would lose it
    if (!Object.hasOwn(options, name)) {
      throw new TypeError(`${path}${name} is inherited; write { ...options, ${name} }`);
    }
    check(value, path + name);
  }
}

/** An error that says what was expected, and what came. */
const unlike = (where: string, expected: string, value: unknown): TypeError =>
  new TypeError(`${where} must be ${expected}, not ${show(value)}`);

const ofType =
  (type: "boolean" | "string" | "function", expected: string): Check =>
  (value, where) => {
    if (typeof value !== type) throw unlike(where, expected, value);
  };

export const flag = ofType("boolean", "true or false");
export const text = ofType("string", "a string");
export const callable = ofType("function", "a function");

export const bytes: Check = (value, where) => {
  if (!isBytes(value)) throw unlike(where, "bytes, a Uint8Array", value);
};

/** A number that is there: NaN and the infinities are not. */
export function number(least = 0, most = Infinity, unit = ""): Check {
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  return (value, where) => {
    if (typeof value !== "number") throw unlike(where, `a number ${range}${unit}`, value);
    if (!Number.isFinite(value) || value < least || value > most) {
      throw new RangeError(`${where} must be ${range}${unit}, not ${value}`);
    }
  };
}

export const whole = (least = 0, most: number = Number.MAX_SAFE_INTEGER, unit = ""): Check => {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return (value, where) => {
    if (typeof value !== "number") throw unlike(where, `a whole number ${range}${unit}`, value);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`${where} must be a whole number ${range}${unit}, not ${value}`);
    }
  };
};

/** A number from 1, or none: Infinity. */
export const limit: Check = (value, where) => {
  if (value !== Infinity) whole(1)(value, where);
};

/** Milliseconds since the epoch. */
export const time = number(-8.64e15, 8.64e15, " milliseconds since the epoch");

export const oneOf =
  (...values: readonly string[]): Check =>
  (value, where) => {
    if (typeof value === "string" && values.includes(value)) return;
    const known = values.map((each) => JSON.stringify(each)).join(", ");
    const expected = `${values.length === 1 ? "" : "one of "}${known}`;
    if (typeof value !== "string") throw unlike(where, expected, value);
    throw new RangeError(
      `${where} must be ${expected}, not ${show(value)}${meant(value, values, JSON.stringify)}`,
    );
  };

export const listOf =
  (check: Check, least = 0): Check =>
  (value, where) => {
    if (!Array.isArray(value)) {
      const hint = typeof value === "string" ? `; write [${show(value)}]` : "";
      throw new TypeError(`${where} must be a list, not ${show(value)}${hint}`);
    }
    if (value.length < least) throw new RangeError(`${where} must not be empty`);
    for (let index = 0; index < value.length; index++) check(value[index], `${where}[${index}]`);
  };

/** An object of that kind, told by its members; `what` says what it is or how one is made. */
export const like =
  (what: string, ...members: readonly string[]): Check =>
  (value, where) => {
    const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
    const isIt = isObject && members.every((name) => name in value);
    if (!isIt) throw unlike(where, what, value);
  };

/** The first check is for strings, the second for all else: a name, or a custom value. */
export const nameOr =
  (name: Check, own: Check): Check =>
  (value, where) =>
    (typeof value === "string" ? name : own)(value, where);

/** One of these: which, `is` says. */
export const either =
  (is: (value: unknown) => boolean, then: Check, otherwise: Check): Check =>
  (value, where) =>
    (is(value) ? then : otherwise)(value, where);

/** Options within options. */
export const options =
  (table: Readonly<Record<string, Check>>): Check =>
  (value, where) =>
    checkOptions(where, value, table);

/** As {@link options}, of which these may not be absent; `hint` says what to write. */
export const complete =
  (
    table: Readonly<Record<string, Check>>,
    hint: string,
    required: readonly string[] = Object.keys(table),
  ): Check =>
  (value, where) => {
    checkOptions(where, value, table);
    const given = value as Readonly<Record<string, unknown>>;
    const missing = required.find((name) => given[name] === undefined);
    if (missing !== undefined) throw new TypeError(`${where} lacks ${missing}; ${hint}`);
  };

/** What stands under another name here, or is not done; `instead` says what to write. */
export const refused =
  (instead: string): Check =>
  (_, where) => {
    throw new TypeError(`${where} is not taken; ${instead}`);
  };

/** Never the value of something that may be a secret: bytes are counted, objects are not looked into. */
function show(value: unknown): string {
  if (typeof value === "string") return printable(JSON.stringify(value), 64);
  if (typeof value === "function") return "a function";
  if (isBytes(value)) return `${value.length} bytes`;
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** `; did you mean policy?`, where something known is near. */
export function meant(
  name: string,
  known: readonly string[] | Readonly<Record<string, unknown>>,
  print: (name: string) => string = (each) => each,
): string {
  const names = Array.isArray(known) ? (known as readonly string[]) : Object.keys(known);
  const given = name.toLowerCase();
  const best = names
    .map((each) => ({ each, far: distance(given, each.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far)[0];
  const isNear = best !== undefined && best.far <= Math.max(1, best.each.length / 3);
  return isNear ? `; did you mean ${print(best.each)}?` : "";
}

/** Letters to be changed, added, taken away or swapped with the next (Damerau, Levenshtein). */
function distance(a: string, b: string): number {
  if (a.length > 2 * b.length) return Infinity;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let line = 1; line <= a.length; line++) {
    const row = [line];
    for (let at = 1; at <= b.length; at++) {
      const isSame = a[line - 1] === b[at - 1];
      const isSwapped = at > 1 && a[line - 1] === b[at - 2] && a[line - 2] === b[at - 1];
      row[at] = Math.min(
        above[at]! + 1,
        row[at - 1]! + 1,
        above[at - 1]! + (isSame ? 0 : 1),
        isSwapped ? before[at - 2]! + 1 : Infinity,
      );
    }
    [before, above] = [above, row];
  }
  return above[b.length]!;
}
