import { describe, expect, it } from "vitest";
import * as check from "../../src/registry/check.ts";

interface Options {
  readonly name?: string;
  readonly mode?: "none" | "request" | "require";
  readonly count?: number;
  readonly deep?: { readonly on?: boolean };
}

const table = {
  name: check.text,
  mode: check.oneOf("none", "request", "require"),
  count: check.whole(1, 9, " pieces"),
  deep: check.options({ on: check.flag }),
} satisfies check.OptionTable<Options>;

const attempt = (options: unknown) => () => check.checkOptions("make", options, table);

describe("options", () => {
  it("are taken where all is right, and absent or undefined where they need not be said", () => {
    const all = { name: "x", mode: "none", count: 9, deep: { on: true } };
    expect(attempt(all)).not.toThrow();
    expect(attempt({})).not.toThrow();
    expect(attempt({ name: undefined, deep: { on: undefined } })).not.toThrow();
    expect(attempt(Object.assign(Object.create(null), { name: "x" }))).not.toThrow();
  });

  it.each([
    [{ nmae: "x" }, TypeError, "make has no option nmae; did you mean name?"],
    [{ NAME: "x" }, TypeError, "make has no option NAME; did you mean name?"],
    [{ quite: 1 }, TypeError, "make has no option quite"],
    [{ toString: 1 }, TypeError, "make has no option toString"],
    [{ "a\x1b[31m": 1 }, TypeError, "make has no option a\\x1b[31m"],
    [{ deep: { om: true } }, TypeError, "make: deep has no option om; did you mean on?"],
    [
      { mode: "required" },
      RangeError,
      /^make: mode must be .*, not "required"; did you mean "require"\?$/,
    ],
    [{ mode: "x" }, RangeError, 'make: mode must be one of "none", "request", "require", not "x"'],
    [{ mode: true }, TypeError, 'make: mode must be one of "none", "request", "require", not true'],
    [{ count: "3" }, TypeError, 'make: count must be a whole number from 1 to 9 pieces, not "3"'],
    [{ count: 10 }, RangeError, "make: count must be a whole number from 1 to 9 pieces, not 10"],
    [{ count: 1.5 }, RangeError, "make: count must be a whole number from 1 to 9 pieces, not 1.5"],
    [{ count: Number.NaN }, RangeError, /not NaN$/],
    [{ name: null }, TypeError, "make: name must be a string, not null"],
    [{ deep: [] }, TypeError, "make: deep takes an object of options, not a list"],
    [null, TypeError, "make takes an object of options, not null"],
    ["x", TypeError, 'make takes an object of options, not "x"'],
  ])("are refused otherwise, by name and with what is meant: %j", (options, kind, message) => {
    expect(attempt(options)).toThrow(kind);
    expect(attempt(options)).toThrow(message);
  });

  it("are refused where a copy would lose them", () => {
    expect(attempt(Object.create({ name: "x" }))).toThrow(
      "make: name is inherited; write { ...options, name }",
    );
  });

  it("never show what may be a secret", () => {
    const key = Uint8Array.of(1, 2, 3);
    expect(attempt({ name: key })).toThrow("make: name must be a string, not 3 bytes");
    expect(attempt({ name: { secret: "s" } })).toThrow(
      "make: name must be a string, not an object",
    );
  });
});

const on = (each: check.Check, value: unknown) => () => each(value, "it");

describe("checks", () => {
  it.each([
    [check.flag, true, "yes", 'it must be true or false, not "yes"'],
    [check.callable, () => 1, "x", 'it must be a function, not "x"'],
    [check.bytes, new Uint8Array(2), "ab", 'it must be bytes, a Uint8Array, not "ab"'],
    [check.number(0, 1), 0.5, 2, "it must be from 0 to 1, not 2"],
    [check.number(0), 0, Infinity, "it must be from 0, not Infinity"],
    [check.number(0), 3, "3", 'it must be a number from 0, not "3"'],
    [check.time, Date.now(), Number.NaN, /milliseconds since the epoch, not NaN/],
    [check.listOf(check.text), ["a"], "a", 'it must be a list, not "a"; write ["a"]'],
    [check.listOf(check.text), [], ["a", 1], "it[1] must be a string, not 1"],
    [check.listOf(check.text, 1), ["a"], [], "it must not be empty"],
    [check.like("a store", "find"), { find: 1 }, {}, "it must be a store, not an object"],
    [check.like("a store", "find"), { find: 1 }, null, "it must be a store, not null"],
    [
      check.nameOr(check.oneOf("a"), check.like("a thing", "x")),
      "a",
      "b",
      /it must be "a", not "b"/,
    ],
    [
      check.nameOr(check.oneOf("a"), check.like("a thing", "x")),
      { x: 1 },
      {},
      /it must be a thing/,
    ],
    [check.complete({ a: check.flag }, "write a"), { a: true }, {}, "it lacks a; write a"],
  ])("tell one from the other: %#", (each, right, wrong, message) => {
    expect(on(each, right)).not.toThrow();
    expect(on(each, wrong)).toThrow(message);
  });

  it("refuse what stands under another name", () => {
    expect(on(check.refused("write suites"), "x")).toThrow("it is not taken; write suites");
  });
});
