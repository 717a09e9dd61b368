import * as z from "zod/mini";
import { describe, expect, it } from "vitest";
import { readJson } from "../../src/registry/json.ts";

const schema = z.strictObject({
  name: z.string(),
  list: z.array(z.int().check(z.minimum(1), z.maximum(9))),
  kind: z.exactOptional(z.enum(["a", "b"])),
  deep: z.exactOptional(z.record(z.string(), z.strictObject({ on: z.boolean() }))),
});
const read = (text: string) => readJson(text, schema, (reason) => new Error(`file: ${reason}`));
const right = { name: "x", list: [1, 9] };

describe("JSON from outside", () => {
  it("is read by its schema", () => {
    const whole = { ...right, kind: "b", deep: { a: { on: true } } };
    expect(read(JSON.stringify(whole))).toEqual(whole);
    expect(read(JSON.stringify(right))).toEqual(right);
  });

  it("has its place in the error however deep it is nested", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(() => read(`{"list":[],"name":${deep}}`)).toThrow(
      "file: name: expected text, got what is nested too deep to be shown",
    );
  });

  it.each([
    ["{", /^file: not JSON, or cut short: /],
    ["[]", /^file: the whole file: expected an object, got \[\]$/],
    [JSON.stringify({ list: [] }), /^file: name: expected text, got nothing$/],
    [JSON.stringify({ ...right, name: 5 }), /^file: name: expected text, got 5$/],
    [JSON.stringify({ ...right, list: [1, "2"] }), /^file: list\[1\]: expected a number, got "2"$/],
    [
      JSON.stringify({ ...right, list: [1.5] }),
      /^file: list\[0\]: expected a whole number, got 1.5$/,
    ],
    [JSON.stringify({ ...right, list: [0] }), /^file: list\[0\]: expected a number from 1, got 0$/],
    [JSON.stringify({ ...right, list: [10] }), /^file: list\[0\]: expected at most 9, got 10$/],
    [JSON.stringify({ ...right, kind: "c" }), /^file: kind: expected one of a, b, got "c"$/],
    [JSON.stringify({ ...right, nmae: 1 }), /^file: nmae: expected no such member, got 1$/],
    [
      JSON.stringify({ ...right, deep: { a: { off: 1, on: true } } }),
      /^file: deep\.a\.off: expected no/,
    ],
    ['{"name":"x","list":[],"__proto__":{"a":1}}', /^file: __proto__: expected no such member/],
    [JSON.stringify({ ...right, "a\x1b[2J": 1 }), /^file: a\\x1b\[2J: expected no such member/],
  ])("is refused with its place, what was expected and what came: %s", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
