import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownVectors } from "../../../src/cli/vectors/find.ts";

describe("the corpora", () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "kemistry-vectors-")));
    mkdirSync(join(folder, "kemistry"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const find = () => ownVectors(pathToFileURL(join(folder, "kemistry/")));
  const addPackage = (): string => {
    const at = join(folder, "node_modules/kemistry-vectors");
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, "package.json"), '{"name":"kemistry-vectors"}');
    return at;
  };

  it("are those of the repository", () => {
    mkdirSync(join(folder, "kemistry/vectors"));
    addPackage();
    expect(find()).toBe(join(folder, "kemistry/vectors"));
  });

  it("are those of the package where there is no repository", () => {
    const at = addPackage();
    expect(find()).toBe(at);
  });

  it("are asked for where neither is there", () => {
    expect(find).toThrow("npm install kemistry-vectors");
  });
});
