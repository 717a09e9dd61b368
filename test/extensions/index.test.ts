import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ExtensionType } from "../../src/registry/index.ts";
import { declaredExtensions } from "../support/extensions.ts";

describe("the table of extensions", () => {
  it("has every registered name once", () => {
    const names = declaredExtensions.map(({ name }) => name);
    expect(names.toSorted()).toEqual(Object.keys(ExtensionType).toSorted());
  });

  it("has a test for every file", () => {
    const files = (folder: string, end: string) =>
      readdirSync(new URL(folder, import.meta.url))
        .filter((name) => name.endsWith(end))
        .map((name) => name.slice(0, -end.length))
        // The list of the others
        .filter((name) => name !== "declared")
        .toSorted();
    expect(files(".", ".test.ts")).toEqual(files("../../src/extensions/", ".ts"));
  });
});
