import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../src/lab/adversary/catalogue/index.ts";
import { detectors } from "../../src/detection/index.ts";
import { policies } from "../../src/policy/index.ts";
import { readScenarios } from "../../src/lab/adversary/read-scenario.ts";
import { runAttack } from "../../src/lab/adversary/attack.ts";
import { createNoble } from "../../src/crypto/index.ts";
import { root } from "../architecture/tree.ts";

const names = new Set(catalogue.map(({ name }) => name));
const page = (name: string) => readFileSync(join(root, "docs", name), "utf8");

describe("docs/past-attacks.md", () => {
  const rows = page("past-attacks.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| attack"));

  it("has a row for each of the attacks that everybody asks for", () => {
    const asked =
      "FREAK,Logjam,POODLE,downgrade dance,SLOTH,Selfie,Triple handshake,Raccoon,ALPACA,KyberSlash,Invalid curve,KEM key confusion,re-encapsulation";
    const missing = asked
      .split(",")
      .filter((attack) => !rows.some((row) => row.split("|")[1]?.includes(attack)));
    expect(missing).toEqual([]);
  });

  it.each(rows)("names scenarios that exist: %s", (row) => {
    const shown = [...row.split("|")[3]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe("docs/downgrade.md", () => {
  const text = page("downgrade.md");

  it("names the policies and a finding for each detector", () => {
    for (const name of Object.keys(policies)) expect(text).toContain(`| \`${name}\` |`);
    const findings = text.split("\n").filter((line) => /^\| `[a-z-]+` \| [a-z]/.test(line));
    expect(findings.length).toBeGreaterThanOrEqual(detectors.length + 1);
  });

  it("has a scenario that runs as it says", () => {
    const [, json = ""] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
    const [scenario] = readScenarios(json);
    expect(runAttack(scenario!, { makeProvider: createNoble })).toMatchObject({
      asPredicted: true,
    });
  });

  it("names scenarios that exist", () => {
    const shown = [...text.matchAll(/(?:^kemistry attack |\(`)([a-z0-9-]+)(?: |`\))/gm)].map(
      ([, name]) => name!,
    );
    expect(shown.filter((name) => !names.has(name) && !name.startsWith("--"))).toEqual([]);
    expect(shown).toContain("strip-hybrid");
  });
});

describe("docs/openssl.md", () => {
  it("has a row for every scenario", () => {
    const [, all = ""] = page("openssl.md").split("## All of them");
    const rows = [...all.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual(catalogue.map(({ name }) => name));
  });

  it("knows why for everything that ended otherwise", () => {
    expect(page("openssl.md")).not.toContain("✗");
  });
});
