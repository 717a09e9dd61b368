import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { suggest } from "../../src/cli/completion.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { itWith } from "../interop/peers.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

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

/** A `kemistry` on the PATH that completes, and says with what it was run otherwise. */
function stub({ folder }: Cli): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const real = `exec "${process.execPath}" "${folder}/package/dist/src/cli/main.js" "$@"`;
  const script = `#!/bin/sh\nif [ "$1" = completion ]; then ${real}; fi\necho "ran: $*"\n`;
  writeFileSync(join(bin, "kemistry"), script);
  chmodSync(join(bin, "kemistry"), 0o755);
  return `${bin}:${process.env["PATH"]}`;
}

/** A shell on a terminal, as somebody who types has it. */
class Terminal {
  readonly #process: ChildProcessWithoutNullStreams;
  #shown = "";

  constructor(command: string, env: NodeJS.ProcessEnv) {
    this.#process = spawn("script", ["-qfec", command, "/dev/null"], { env });
    this.#process.stdout.on("data", (text) => (this.#shown += String(text)));
  }

  /** Types, and waits until that is shown. */
  async type(keys: string, shown: RegExp): Promise<void> {
    this.#shown = "";
    this.#process.stdin.write(keys);
    await expect.poll(() => this.#shown, { timeout: 60_000 }).toMatch(shown);
  }

  async end(): Promise<void> {
    const ended = once(this.#process, "close");
    this.#process.kill("SIGKILL");
    await ended;
  }
}

describe("on a terminal", () => {
  const load = (shell: string) => `source script.${shell}; echo rea""dy\n`;

  for (const { shell, how, before, list } of [
    { shell: "bash", how: "--norc --noprofile -i", before: "", list: "\t\t" },
    { shell: "zsh", how: "-f -i", before: "autoload -Uz compinit; compinit -u -D; ", list: "\t\t" },
    { shell: "fish", how: "--no-config -i", before: "", list: "\t" },
  ] as const) {
    itWith(
      shell,
      `${shell} completes a command, a value, and lists what is there`,
      async ({ path }) => {
        const { code, stdout } = await cli.run(`completion ${shell}`);
        expect(code).toBe(0);
        writeFileSync(join(cli.folder, `script.${shell}`), stdout);
        const env = { PATH: stub(cli), HOME: cli.folder, TERM: "vt100", LANG: "C.UTF-8" };
        const terminal = new Terminal(
          `cd '${cli.folder}'; stty rows 24 cols 80; exec ${path} ${how}`,
          env,
        );
        try {
          await terminal.type(before + load(shell), /ready/);
          const keys = "kemistry handsh\t--provider nob\t\n";
          await terminal.type(keys, /ran: handshake --provider noble/);
          await terminal.type(`kemistry pki re${list}`, /renew[^]*revoke/);
        } finally {
          await terminal.end();
        }
      },
      180_000,
    );
  }
});

it("another shell has no script", async () => {
  const { code, stderr } = await cli.run("completion tcsh");
  expect([code, stderr]).toEqual([2, expect.stringContaining("bash, zsh, fish")]);
}, 60_000);
