/** Checks of data from files, put together from small ones: each says where it is and what it expects. */
import { ScenarioError } from "./edit.ts";

/** @throws ScenarioError */
export type Check = (where: string, value: unknown) => void;

type Fields = Readonly<Record<string, unknown>>;

/** A check from a question and what is expected. */
export const that =
  (isSo: (value: unknown) => boolean, expected: string): Check =>
  (where, value) => {
    if (isSo(value)) return;
    const given = value === undefined ? "nothing" : JSON.stringify(value);
    throw new ScenarioError(`${where} must be ${expected}, not ${given}`);
  };

export const anything: Check = (where, value) => {
  if (value === undefined) throw new ScenarioError(`${where} is missing`);
};
export const text = that((value) => typeof value === "string", "a text");
export const path = that((value) => typeof value === "string" && value !== "", "a path");
export const flag = that((value) => typeof value === "boolean", "true or false");
export const yes = that((value) => value === true, "true");
export const object = that(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "an object",
);
/** Names that can be names of files too. */
export const name = that(
  (value) => typeof value === "string" && /^\w[\w.-]*$/.test(value),
  "a name of letters, digits, dots and hyphens",
);
export const hexadecimal = that(
  (value) => typeof value === "string" && /^([\da-f]{2})*$/i.test(value),
  "bytes in hexadecimal",
);

export const whole = (from: number, to: number): Check =>
  that(
    (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
    `a whole number from ${from} to ${to}`,
  );

export const oneOf = (known: readonly string[]): Check =>
  that((value) => typeof value === "string" && known.includes(value), `one of ${known.join(", ")}`);

/** The first of which holds, or what the last one says. */
export const either =
  (first: Check, second: Check): Check =>
  (where, value) => {
    try {
      first(where, value);
    } catch {
      second(where, value);
    }
  };

export const listOf =
  (entry: Check): Check =>
  (where, value) => {
    if (!Array.isArray(value)) throw new ScenarioError(`${where} must be a list`);
    value.forEach((each, index) => entry(`${where}[${index}]`, each));
  };

/** An object with these fields and no others. */
export const fieldsOf =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>>): Check =>
  (where, value) => {
    object(where, value);
    const known = { ...required, ...optional };
    const given = value as Fields;
    for (const field of Object.keys(given)) {
      if (Object.hasOwn(known, field)) continue;
      const names = Object.keys(known).join(", ");
      throw new ScenarioError(`${where} has an unknown field ${JSON.stringify(field)} (${names})`);
    }
    for (const [field, check] of Object.entries(known)) {
      if (Object.hasOwn(required, field) || given[field] !== undefined) {
        check(`${where}.${field}`, given[field]);
      }
    }
  };

/** One of several kinds of object, each told by the field that it alone has. @param common fields of all kinds */
export const kindOf =
  (what: string, kinds: Readonly<Record<string, Check>>, common: readonly string[] = []): Check =>
  (where, value) => {
    object(where, value);
    const own = Object.keys(value as Fields).filter((field) => !common.includes(field));
    const given = own.filter((field) => Object.hasOwn(kinds, field));
    const [kind] = given;
    if (kind === undefined || given.length > 1) {
      const names = Object.keys(kinds).join(", ");
      const found = (kind === undefined ? own : given).join(" and ") || "none";
      throw new ScenarioError(`${where}: exactly one ${what} is expected, not ${found} (${names})`);
    }
    kinds[kind]?.(where, value);
  };
