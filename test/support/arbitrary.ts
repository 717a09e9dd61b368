/** Generators of property tests, made from the declarations that decoder and encoder come from. */
import * as fc from "fast-check";
import { type ExtensionContext, extensionKey } from "../../src/messages/index.ts";
import type { Codec, Shape } from "../../src/wire/index.ts";
import { declaredExtensions } from "./extensions.ts";

/** No generated string of bytes is longer than this, unless its declaration asks for more. */
const maxOpaque = 48;
const maxElements = 5;

/** Values that a codec accepts: sizes in bytes stay within the declared bounds. */
export function arbitraryOf<T>(codec: Codec<T>): fc.Arbitrary<T> {
  return ofShape(codec.shape) as fc.Arbitrary<T>;
}

function ofShape(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "uint":
      return anyUint(shape.size);
    case "code":
      return fc.oneof(fc.constantFrom(...Object.values(shape.members)), anyUint(shape.size));
    case "fixed":
      return bytes(shape.length, shape.length);
    case "opaque":
      return bytes(shape.min, longest(shape));
    case "text":
      return bytes(shape.min, longest(shape)).map((each) => String.fromCharCode(...each));
    case "list":
      return ofList(shape);
    case "struct":
      return fc.record(mapValues(shape.fields, arbitraryOf));
    case "empty":
      return fc.constant(true);
    case "rest":
      return bytes(0, maxOpaque);
    case "extensions":
      break;
  }
  return ofExtensions(shape.context as ExtensionContext);
}

function ofList(shape: Extract<Shape, { kind: "list" }>): fc.Arbitrary<unknown[]> {
  const element = sizeOf(shape.element.shape);
  const minLength = Math.ceil(shape.min / element.least);
  const maxLength = Math.min(
    Math.max(minLength, maxElements),
    Math.floor(shape.max / element.most),
  );
  const sizes = { minLength, maxLength };
  const elements = arbitraryOf(shape.element);
  return shape.distinct ? fc.uniqueArray(elements, sizes) : fc.array(elements, sizes);
}

/** Extensions of one kind of message in any order, and some that are not known here. */
function ofExtensions(context: ExtensionContext): fc.Arbitrary<Record<string, unknown>> {
  const known = declaredExtensions.flatMap(({ name, bodies }) => {
    const body = bodies[context];
    return body === undefined ? [] : [[name, arbitraryOf(body)] as const];
  });
  const unknown = anyUint(2).filter((type) => extensionKey(type).startsWith("0x"));
  const strangers = fc
    .uniqueArray(unknown, { maxLength: 2 })
    .map((types) => types.map((type) => [extensionKey(type), bytes(0, maxOpaque)] as const));
  return fc
    .tuple(fc.subarray(known), strangers)
    .chain(([some, others]) =>
      fc.shuffledSubarray([...some, ...others], { minLength: some.length + others.length }),
    )
    .chain((entries) => {
      // RFC 9846 §4.3.11: pre_shared_key stands last in a ClientHello
      const isLast = ([name]: readonly [string, unknown]) => name === "pre_shared_key";
      const ordered = [...entries.filter((each) => !isLast(each)), ...entries.filter(isLast)];
      return fc
        .tuple(...ordered.map(([, value]) => value))
        .map((values) => Object.fromEntries(ordered.map(([name], i) => [name, values[i]])));
    });
}

/** Bytes that generated values of a shape take at least and at most. */
function sizeOf(shape: Shape): { readonly least: number; readonly most: number } {
  switch (shape.kind) {
    case "uint":
    case "code":
      return { least: shape.size, most: shape.size };
    case "fixed":
      return { least: shape.length, most: shape.length };
    case "opaque":
    case "text":
      return { least: prefix(shape.max) + shape.min, most: prefix(shape.max) + longest(shape) };
    case "list":
      return { least: prefix(shape.max) + shape.min, most: prefix(shape.max) + shape.max };
    case "struct": {
      const sizes = Object.values(shape.fields).map((field) => sizeOf(field.shape));
      return {
        least: sizes.reduce((sum, { least }) => sum + least, 0),
        most: sizes.reduce((sum, { most }) => sum + most, 0),
      };
    }
    case "empty":
      return { least: 0, most: 0 };
    case "rest":
      return { least: 0, most: maxOpaque };
    case "extensions":
      break;
  }
  return { least: 2, most: 4096 };
}

const longest = ({ min, max }: { readonly min: number; readonly max: number }): number =>
  Math.min(max, Math.max(min, maxOpaque));
const prefix = (max: number): number => (max < 2 ** 8 ? 1 : max < 2 ** 16 ? 2 : 3);
const anyUint = (size: number): fc.Arbitrary<number> =>
  fc.oneof(fc.nat(2 ** (8 * size) - 1), fc.constantFrom(0, 2 ** (8 * size) - 1));
const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });

function mapValues<V, W>(
  from: Readonly<Record<string, V>>,
  map: (value: V) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(value)]));
}
