import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pointTo, secretMode, writeFolder, writeWhole } from "../../src/authority/files.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("files", () => {
  it("are written as a whole, with their mode", () => {
    writeWhole(folder.at("a"), "old");
    writeWhole(folder.at("a"), "new", { mode: secretMode });
    expect(readFileSync(folder.at("a"), "utf8")).toBe("new");
    expect(modeOf(folder.at("a"))).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual(["a"]);
  });

  it("that cannot be put in their place leave nothing behind", () => {
    mkdirSync(folder.at("taken/inside"), { recursive: true });
    expect(() => writeWhole(folder.at("taken"), "x")).toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(() => writeFolder(folder.at("taken"), [{ name: "b", content: "x" }])).toThrow(
      /ENOTEMPTY|EEXIST/,
    );
    expect(() =>
      writeFolder(folder.at("new"), [
        { name: "b", content: "x" },
        { name: "no/such", content: "x" },
      ]),
    ).toThrow(/ENOENT/);
    expect(readdirSync(folder.path)).toEqual(["taken"]);
    expect(readdirSync(folder.at("taken"))).toEqual(["inside"]);
  });

  it("come in folders, private ones for their owner alone, whatever the umask", () => {
    const old = process.umask(0);
    try {
      writeFolder(folder.at("pair"), [
        { name: "cert", content: "c" },
        { name: "key", content: "k", mode: secretMode },
      ]);
    } finally {
      process.umask(old);
    }
    expect([modeOf(folder.at("pair/cert")), modeOf(folder.at("pair/key"))]).toEqual([0o644, 0o600]);
  });

  it("links are moved from one target to another", () => {
    for (const target of ["one", "two", "two"]) {
      pointTo(folder.at("link"), target);
      expect(readlinkSync(folder.at("link"))).toBe(target);
    }
    expect(readdirSync(folder.path)).toEqual(["link"]);
  });
});
