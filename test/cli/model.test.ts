import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

describe("model", { timeout: 60_000 }, () => {
  it("says how much it went through, and that all holds", async () => {
    const { code, stdout, stderr } = await cli.run("model --depth 1 --provider native");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^compatible, 1 steps: \d+ states, \d+ moves, \d+ connections\n/);
    expect(stdout).toContain("every property holds");
  });

  it("gives the same as data", async () => {
    const { stdout } = await cli.run("model --depth 1 --policy require-post-quantum --json");
    const report = JSON.parse(stdout) as object;
    expect(report).toMatchObject({ policy: "require-post-quantum", depth: 1, violations: [] });
  });

  it.each(["--policy strict", "--depth 0", "--depth 7"])("refuses %s", async (args) => {
    const { code, stdout } = await cli.run(`model ${args}`);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
