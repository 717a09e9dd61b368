import { describe, expect, it } from "vitest";
import {
  extensionBody,
  extensionKey,
  extensionNamed,
  extensionOfType,
  type Extensions,
  sayings,
} from "../../src/extensions/index.ts";

describe("the table of extensions", () => {
  it("finds by name and by number", () => {
    expect(extensionNamed("cookie")).toBe(extensionOfType(44));
    expect(extensionNamed("0x002c")).toBeUndefined();
    expect(extensionOfType(0xff77)).toBeUndefined();
  });

  it("gives each number a key, and each legal message a body", () => {
    expect([44, 0xff77, 0x0a0a].map(extensionKey)).toEqual(["cookie", "0xff77", "0x0a0a"]);
    expect(extensionBody("hello_retry_request", "cookie")).toBeDefined();
    expect(extensionBody("server_hello", "cookie")).toBeUndefined();
  });
});

describe("a block", () => {
  it("has what each says, in order, and nothing of those that are silent", () => {
    const list = [{ name: "b", says: 1 }, { name: "a" }, { name: "c", says: false }];
    const block: Extensions<"client_hello"> = sayings(list, ({ says }) => says);
    expect(Object.entries(block)).toEqual([
      ["b", 1],
      ["c", false],
    ]);
  });
});
