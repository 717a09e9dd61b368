import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { suggest } from "../../src/cli/completion.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove());

/** What a test may take on a busy machine. */
const slow = { timeout: 60_000 };
const values = async (...words: string[]) =>
  (await suggest(await buildProgram(words), words)).map(({ value }) => value);

describe("what could stand at the cursor", slow, () => {
  it.each([
    [["hand"], ["handshake"]],
    [["groups", "--js"], ["--json"]],
    [
      ["pki", "re"],
      ["request", "renew", "revoke"],
    ],
    [["pki", "issue", "--lif"], ["--lifetime"]],
    [
      ["handshake", "--provider", ""],
      ["noble", "native", "oqs"],
    ],
    [["handshake", "-g", "X255"], ["X25519MLKEM768"]],
    [["connect", "--group", "x25519,secp521"], ["x25519,secp521r1"]],
    [["handshake", "--signature", "mldsa6"], ["mldsa65"]],
    [["connect", "--policy", "require-post"], ["require-post-quantum"]],
    [["completion", "f"], ["fish"]],
    // Files: the shell knows them
    [["connect", "--ca", ""], []],
    [["zzz"], []],
  ])("%j: %j", async (words, expected) => {
    expect(await values(...words)).toEqual(expected);
  });

  it("is a line each for a shell, with what it is", async () => {
    expect((await cli.run("completion suggest -- groups --j")).stdout).toBe("--json\tplain data\n");
    expect((await cli.run("completion suggest -- zzz")).stdout).toBe("");
    const { stdout } = await cli.run("completion suggest --json -- groups --j");
    expect(JSON.parse(stdout)).toEqual([{ value: "--json", description: "plain data" }]);
  });
});

it("Bash is told so by its script", async () => {
  const { stdout: script } = await cli.run("completion bash");
  const bin = join(cli.folder, "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "kemistry"),
    `#!/bin/sh\nexec "${process.execPath}" "${cli.folder}/package/dist/src/cli/main.js" "$@"\n`,
  );
  chmodSync(join(bin, "kemistry"), 0o755);
  const ask = (words: string[]) => `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
    COMP_CWORD=${words.length - 1}; _kemistry; echo "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync(
    "bash",
    [
      "--norc",
      "-c",
      [script, ask(["kemistry", "handsh"]), ask(["kemistry", "pki", "re"])].join("\n"),
    ],
    { encoding: "utf8", env: { HOME: cli.folder, PATH: `${bin}:${process.env["PATH"]}` } },
  );
  expect([stdout, stderr]).toEqual(["handshake\nrequest renew revoke\n", ""]);
}, 60_000);

it("zsh and fish have scripts that ask in the same way", async () => {
  for (const shell of ["zsh", "fish"]) {
    const { code, stdout } = await cli.run(`completion ${shell}`);
    expect([code, stdout]).toEqual([0, expect.stringContaining("kemistry completion suggest -- ")]);
  }
  expect((await cli.run("completion tcsh")).code).toBe(2);
}, 60_000);
