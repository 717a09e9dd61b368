/** The shape of JSON data, declared once: it reads a value and says by path what is wrong, and it is a JSON Schema. */

export interface Shape<T> {
  readonly schema: Readonly<Record<string, unknown>>;
  /** @throws ShapeError */
  read(value: unknown, path: string): T;
}

/** A value is not what it should be. The message begins with where it stands. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";

  constructor(path: string, expected: string, found: unknown) {
    super(`${path === "" ? "the file" : path} is not ${expected} but ${describe(found)}`);
  }
}

export const string: Shape<string> = primitive("a string", "string");
export const boolean: Shape<boolean> = primitive("a boolean", "boolean");
/** Finite, as all numbers of JSON. */
export const number: Shape<number> = primitive("a number", "number");

/** One of some strings. */
export const oneOf = <const T extends string>(...values: readonly T[]): Shape<T> => ({
  schema: values.length === 1 ? { const: values[0] } : { enum: values },
  read(value, path) {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new ShapeError(path, values.join(" or "), value);
    return found;
  },
});

export const list = <T>(element: Shape<T>): Shape<readonly T[]> => ({
  schema: { type: "array", items: element.schema },
  read(value, path) {
    if (!Array.isArray(value)) throw new ShapeError(path, "a list", value);
    return value.map((item, index) => element.read(item, `${path}[${index}]`));
  },
});

/** An object with members of any name. */
export const record = <T>(member: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  schema: { type: "object", additionalProperties: member.schema },
  read: (value, path) =>
    Object.fromEntries(
      Object.entries(toObject(value, path)).map(([name, item]) => [
        name,
        member.read(item, join(path, name)),
      ]),
    ),
});

/** Members that may be absent; never `undefined` or `null`. */
export interface Optional<T> {
  readonly optional: Shape<T>;
}
export const optional = <T>(shape: Shape<T>): Optional<T> => ({ optional: shape });

type Members<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Optional<NonNullable<T[K]>> : Shape<T[K]>;
};

/** An object with these members. Others are ignored. */
export function object<T extends object>(members: Members<T>): Shape<T> {
  const all = Object.entries<Shape<unknown> | Optional<unknown>>(members).map(([name, member]) =>
    "optional" in member
      ? { name, shape: member.optional, isOptional: true }
      : { name, shape: member, isOptional: false },
  );
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(all.map(({ name, shape }) => [name, shape.schema])),
      required: all.filter(({ isOptional }) => !isOptional).map(({ name }) => name),
    },
    read(value, path) {
      const given = toObject(value, path);
      const read = all
        .filter(({ name, isOptional }) => !isOptional || Object.hasOwn(given, name))
        .map(({ name, shape }) => [name, shape.read(given[name], join(path, name))]);
      return Object.fromEntries(read) as T;
    },
  };
}

/** The first of two shapes that fits. */
export const either = <A, B>(expected: string, a: Shape<A>, b: Shape<B>): Shape<A | B> => ({
  schema: { anyOf: [a.schema, b.schema] },
  read(value, path) {
    for (const shape of [a, b]) {
      try {
        return shape.read(value, path);
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
      }
    }
    throw new ShapeError(path, expected, value);
  },
});

function primitive<T extends string | number | boolean>(expected: string, type: string): Shape<T> {
  return {
    schema: { type },
    read(value, path) {
      if (typeof value !== type) throw new ShapeError(path, expected, value);
      return value as T;
    },
  };
}

function toObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ShapeError(path, "an object", value);
  }
  return value as Readonly<Record<string, unknown>>;
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
