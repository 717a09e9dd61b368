/** The properties that every codec has, and golden bytes beside them. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Extension, type ExtensionContext, extensionBlock } from "../../src/messages/index.ts";
import { ExtensionType, TlsError } from "../../src/registry/index.ts";
import {
  annotate,
  type Codec,
  concat,
  decode,
  DecodeError,
  encode,
  type FieldRange,
  fromHex,
  type Shape,
  toHex,
} from "../../src/wire/index.ts";
import { arbitraryOf } from "./arbitrary.ts";
import { decodeErrorOf, thrownBy, tlsErrorOf } from "./errors.ts";
import { extensionContexts } from "./extensions.ts";
import { check } from "./property.ts";

export interface Golden {
  /** Hexadecimal; spaces are for the reader. */
  readonly accepts: readonly (readonly [hex: string, value: unknown])[];
  /** Bytes, and what the error says about them. */
  readonly refuses?: readonly (readonly [hex: string, reason: RegExp])[];
}

export const bytesOf = (hex: string): Uint8Array => fromHex(hex.replaceAll(/\s/g, ""));

/** Bytes against values in both directions, and the properties of {@link itRoundTrips}. */
export function itReads(codec: Codec<unknown>, golden: Golden): void {
  it.each(golden.accepts)("reads and writes %s", (hex, value) => {
    expect(decode(codec, bytesOf(hex))).toEqual(value);
    expect(toHex(encode(codec, value))).toBe(toHex(bytesOf(hex)));
  });
  for (const [hex, reason] of golden.refuses ?? []) {
    it(`refuses ${hex || "nothing"}`, () => {
      expect(decodeErrorOf(() => decode(codec, bytesOf(hex))).message).toMatch(reason);
    });
  }
  itRoundTrips(codec);
}

/** What holds for all values and all bytes. */
export function itRoundTrips(codec: Codec<unknown>): void {
  const values = arbitraryOf(codec);
  const isDelimited = delimitsItself(codec.shape);

  it("gives back what it wrote, and writes again what it read", () => {
    check(
      fc.property(values, (value) => {
        const bytes = encode(codec, value);
        expect(decode(codec, bytes)).toEqual(value);
        expect(encode(codec, decode(codec, bytes))).toEqual(bytes);
      }),
    );
  });

  const refusesOtherLengths = () =>
    check(
      fc.property(values, fc.nat(), (value, cut) => {
        const bytes = encode(codec, value);
        const longer = concat(bytes, Uint8Array.of(0));
        expect(decodeErrorOf(() => decode(codec, longer)).reason).toContain("after the end");
        if (bytes.length === 0) return;
        const shorter = bytes.subarray(0, cut % bytes.length);
        if (isHelloWithoutExtensions(codec, bytes, shorter.length)) return;
        const { path } = thrownBy(DecodeError, () => decode(codec, shorter));
        if (codec.shape.kind === "struct") {
          expect(Object.keys(codec.shape.fields)).toContain(path.split(/[.[]/)[0]);
        }
      }),
    );
  if (isDelimited) it("refuses every proper beginning, and a byte too many", refusesOtherLengths);

  it("refuses other bytes by its own errors, or reads all that they say", () => {
    check(
      fc.property(
        values,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        (value, changes) => {
          const bytes = encode(codec, value);
          for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          let read: unknown;
          try {
            read = decode(codec, bytes);
          } catch (error) {
            expect(error instanceof DecodeError || error instanceof TlsError).toBe(true);
            return;
          }
          expect(encode(codec, read)).toEqual(bytes);
        },
      ),
      100,
    );
  });

  it("says where its fields stand", () => {
    check(
      fc.property(values, (value) => {
        const bytes = encode(codec, value);
        const annotated = annotate(codec, bytes);
        expect(annotated.value).toEqual(value);
        expectNested(annotated.fields, bytes.length);
        if (codec.shape.kind === "struct") {
          const tops = annotated.fields.filter(({ path }) => !/[.[]/.test(path));
          expect(tops.map(({ path }) => path)).toEqual(Object.keys(codec.shape.fields));
          expect(tops.map(({ start }) => start)).toEqual(
            [0, ...tops.map(({ end }) => end)].slice(0, -1),
          );
          expect(tops.at(-1)?.end ?? 0).toBe(bytes.length);
        }
      }),
    );
  });
}

/** Outer fields come first and contain the inner ones; fields of one parent do not overlap. */
export function expectNested(fields: readonly FieldRange[], length: number): void {
  const open: FieldRange[] = [{ path: "", start: 0, end: length, value: undefined }];
  let last = 0;
  for (const field of fields) {
    while (!isInside(field.path, open.at(-1)!.path)) open.pop();
    const parent = open.at(-1)!;
    expect(field.start).toBeGreaterThanOrEqual(Math.max(parent.start, last));
    expect(field.end).toBeGreaterThanOrEqual(field.start);
    expect(field.end).toBeLessThanOrEqual(parent.end);
    last = field.start;
    open.push(field);
  }
}

const isInside = (path: string, outer: string): boolean =>
  outer === "" || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);

/** An extension: its number, its data in every message in which it is legal, and nowhere else. */
export function describeExtension(
  entry: Extension,
  golden: Partial<Record<ExtensionContext, Golden>>,
): void {
  describe(entry.name, () => {
    it("has its registered number", () => {
      expect(entry.type).toBe(ExtensionType[entry.name]);
    });

    it("is legal in these messages only", () => {
      expect(Object.keys(golden).toSorted()).toEqual(Object.keys(entry.bodies).toSorted());
    });

    for (const context of extensionContexts) {
      const body = entry.bodies[context];
      const cases = golden[context];
      const block = extensionBlock(context);
      const header = entry.type.toString(16).padStart(4, "0");
      if (body !== undefined && cases !== undefined) {
        describe(`in ${context}`, () => {
          itReads(body, cases);

          it.each(cases.accepts)("stands in a block: %s", (hex, value) => {
            const data = bytesOf(hex);
            const one = concat(
              bytesOf(header),
              Uint8Array.of(data.length >> 8, data.length & 0xff),
              data,
            );
            const bytes = concat(Uint8Array.of(one.length >> 8, one.length & 0xff), one);
            expect(decode(block, bytes)).toEqual({ [entry.name]: value });
            expect(encode(block, { [entry.name]: value } as never)).toEqual(bytes);
          });
        });
      } else {
        // RFC 9846 §4.3
        it(`is refused in ${context}`, () => {
          // A ServerHello of another version is refused for that
          const bytes =
            context === "server_hello"
              ? `000a ${header} 0000 002b 0002 0304`
              : `0004 ${header} 0000`;
          const error = tlsErrorOf(() => decode(block, bytesOf(bytes)));
          expect(error).toMatchObject({ code: "illegal_parameter", alert: "illegal_parameter" });
          expect(error.detail.where).toBe(`${context}.extensions.${entry.name}`);
          expect(() => encode(block, { [entry.name]: true } as never)).toThrow(RangeError);
        });
      }
    }
  });
}

/** Whether the bytes say where the value ends. */
function delimitsItself(shape: Shape): boolean {
  if (shape.kind === "rest") return false;
  if (shape.kind !== "struct") return true;
  return Object.values(shape.fields).every((field) => delimitsItself(field.shape));
}

/** RFC 9846 §4.2.2: older versions may send no extensions at all, not even an empty block. */
function isHelloWithoutExtensions(
  codec: Codec<unknown>,
  whole: Uint8Array,
  length: number,
): boolean {
  const { shape } = codec;
  if (shape.kind !== "struct" || !("legacyVersion" in shape.fields)) return false;
  const { fields } = annotate(codec, whole);
  return fields.find(({ path }) => path === "extensions")?.start === length;
}
