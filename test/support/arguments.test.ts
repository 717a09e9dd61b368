import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../architecture/tree.ts";

const module = JSON.stringify(join(root, "test/support/arguments.mjs"));
const program = `
  import { readArguments } from ${module};
  const { values, positionals, number, refuse } = readArguments("npm run it -- [FILE]", {
    allowPositionals: true,
    options: { agents: { type: "string" }, check: { type: "boolean" } },
  });
  if (positionals[0] === "missing") refuse("there is no missing");
  console.log(JSON.stringify({ ...values, agents: number(values.agents, 10), positionals }));
`;
const usage = "npm run it -- [FILE] [--agents …] [--check]\n";

const run = (...args: readonly string[]) => {
  const options = { encoding: "utf8" } as const;
  // What stands in the place of a file's name
  const node = ["--input-type=module", "-e", program, "--", "it"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...args], options);
  return { status, stdout, stderr };
};

describe("arguments of a program", () => {
  it("are what stands there, or the standard", () => {
    expect(run("--agents", "3", "--check", "a").stdout).toBe(
      '{"agents":3,"check":true,"positionals":["a"]}\n',
    );
    expect(run().stdout).toBe('{"agents":10,"positionals":[]}\n');
  });

  it("say in one line what can stand there, where somebody asks", () => {
    expect(run("--help")).toEqual({ status: 0, stdout: usage, stderr: "" });
  });

  it.each([
    [["--wrong"], "Unknown option '--wrong'"],
    [["--agents"], "Option '--agents <value>' argument missing"],
    [["--agents", "many"], "many is not a number"],
    [["--agents="], " is not a number"],
    [["missing"], "there is no missing"],
  ])("refuse %j in one line", (args, problem) => {
    expect(run(...args)).toEqual({ status: 2, stdout: "", stderr: `${problem}: ${usage}` });
  });
});
