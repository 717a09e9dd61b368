import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { objects, parseJson, string, toObject } from "../../src/lab/vectors/json.ts";
import { parts } from "./corpora.ts";
import { listVectors, loadText, vectorsFolder } from "./load.ts";

const manifest = parseJson(loadText("manifest.json"));
const files = ["nist", "rfc8448", "wycheproof"].flatMap(listVectors);

describe("vectors/manifest.json", () => {
  it("names exactly the files that are there", () => {
    expect(Object.keys(manifest).toSorted()).toEqual(files);
  });

  it("has every file of Wycheproof run by exactly one test file", () => {
    const runs = (file: string) => Object.values(parts).filter((part) => part.test(file)).length;
    expect(listVectors("wycheproof").filter((file) => runs(file) !== 1)).toEqual([]);
  });

  it.each(files)("%s is what was made from its source", (file) => {
    const { sha256, cases, of } = toObject(manifest[file], file);
    expect(createHash("sha256").update(loadText(file)).digest("hex")).toBe(sha256);
    expect(cases).toBeGreaterThan(0);
    expect(cases).toBeLessThanOrEqual(Number(of));
  });

  it("says what the script would make of the sources again", { timeout: 60_000 }, ({ skip }) => {
    const sources = process.env["KEMISTRY_VECTOR_SOURCES"] ?? "";
    if (sources === "") skip("KEMISTRY_VECTOR_SOURCES holds no options of vectors/make.mjs");
    const script = join(vectorsFolder, "make.mjs");
    const args = [script, "--check", ...sources.split(/\s+/)];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stdout).toBe("every file is as it would be made\n");
    expect(status).toBe(0);
  });

  it.each(files.filter((file) => file.startsWith("wycheproof/")))("%s counts its tests", (file) => {
    const json = parseJson(loadText(file));
    const tests = objects(json, "testGroups").flatMap((group) => objects(group, "tests"));
    expect(tests).toHaveLength(Number(json["numberOfTests"]));
    expect(tests).toHaveLength(Number(toObject(manifest[file], file)["cases"]));
    expect(string(json, "algorithm")).not.toBe("");
  });
});
