import { describe, expect, it } from "vitest";
import { droppedGenerators } from "./generators.ts";
import { readTree } from "./tree.ts";

const check = (body: string) =>
  droppedGenerators(
    new Map([
      ["await.ts", "export function* expect(type) {}\nexport function* settle(value) {}"],
      ["client.ts", `export function* client() {\n${body}\n}`],
    ]),
  );

describe("generator calls in src/handshake", () => {
  it("are never dropped", () => {
    const tree = readTree("src/handshake");
    expect([...tree.values()].join("")).toContain("yield* expect");
    expect(droppedGenerators(tree)).toEqual([]);
  });
});

describe("the check itself", () => {
  it.each([
    ["a used message", 'const hello = yield* expect("server_hello")'],
    ["a type argument", 'const hello = yield* expect<"server_hello">("server_hello")'],
    ["an argument", 'transcript.add((yield* expect("finished")).raw)'],
    ["a settled value that is nothing", "yield* settle(store.forget())"],
    ["a method of that name on a link", 'const hello = yield* link.expect("server_hello")'],
    ["a generator handed on", 'return expect("finished")'],
    ["an arrow's value", 'const later = () => expect("finished")'],
  ])("accepts %s", (_, body) => {
    expect(check(body)).toEqual([]);
  });

  it.each([
    ["a bare call", 'expect("finished")', "client.ts:2 expect(…) lacks its yield*"],
    [
      "yield without the star",
      'yield expect("finished")',
      "client.ts:2 expect(…) lacks its yield*",
    ],
    [
      "a generator kept as a value",
      "const x = settle(1)",
      "client.ts:2 settle(…) lacks its yield*",
    ],
    ["a bare method call", 'link.expect("x")', "client.ts:2 expect(…) lacks its yield*"],
    [
      "a message that nobody keeps",
      'yield* expect("finished")',
      "client.ts:2 drops the message of yield* expect(…)",
    ],
  ])("rejects %s", (_, body, problem) => {
    expect(check(body)).toEqual([problem]);
  });

  it("knows generators by their declarations, methods and constants included", () => {
    const source = "class L { *take() {} }\nconst step = function* () {}\ntake()\nstep()\nother()";
    expect(droppedGenerators(new Map([["a.ts", source]]))).toEqual([
      "a.ts:3 take(…) lacks its yield*",
      "a.ts:4 step(…) lacks its yield*",
    ]);
  });
});
