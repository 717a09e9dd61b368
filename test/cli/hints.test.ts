/** What the program tells people to type: it exists, and does what it is said to do. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { parseSync, Visitor } from "oxc-parser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { readTree, root } from "../architecture/tree.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

/** Names that are no commands to type. */
const names =
  /kemistry (handshakes|shares|on|hybrid\b|found|inspect\b|seeded random|\S+ \[options\])/;

/** Every `kemistry …` in a text: a command with what follows on its line. */
const typed = (text: string): string[] =>
  text
    // A line that goes on
    .replaceAll(/\\+\n\s*/g, " ")
    .split("\n")
    .flatMap((line) => line.split(/(?=\bkemistry [a-z])/).slice(1))
    .filter((each) => !names.test(each))
    .map((each) =>
      each
        .replace(/^kemistry /, "")
        .split(/[`;"'|>)…]|, |: |\. |\\$/)[0]!
        .trim(),
    );

/** Texts of a module: literals and templates, an expression in them written as `X`. */
function textsOf(path: string, source: string): string[] {
  const texts: string[] = [];
  new Visitor({
    Literal: (node) => typeof node.value === "string" && texts.push(node.value),
    TemplateLiteral: (node) => texts.push(node.quasis.map(({ value }) => value.raw).join("X")),
  }).visit(parseSync(path, source).program);
  return texts;
}

function examplesOf(command: Command): string[] {
  let help = "";
  command.configureOutput({ writeOut: (text) => void (help += text) });
  command.outputHelp();
  return [...typed(help), ...command.commands.flatMap(examplesOf)];
}

/** Why the real parser would refuse this command line; `undefined` for one that exists. */
function problemOf(program: Command, line: string): string | undefined {
  let command = program;
  const words = line.split(/\s+/);
  for (let word = words.shift(); word !== undefined && word !== "--"; word = words.shift()) {
    const given = word;
    const next = command.commands.find((each) => each.name() === given);
    if (next !== undefined) command = next;
    else if (given.startsWith("-") && given.length > 1) {
      const option = command.options.find(({ long, short }) => long === given || short === given);
      if (option === undefined && given !== "--help") {
        return `${line}: ${command.name()} has no ${given}`;
      }
      if (option?.required) words.shift();
    } else if (command === program) return `${line}: there is no command ${word}`;
    else if (command.commands.length > 0 && command.registeredArguments.length === 0) {
      // A group of commands takes the name of one
      return `${line}: ${command.name()} has no ${word}`;
    }
  }
  return undefined;
}

describe("what people are told to type", { timeout: 120_000 }, () => {
  it("exists: in the sources, in examples of help, and in the documents", async () => {
    const program = await buildProgram(commands.map(({ name }) => name));
    const sources = [...readTree("src")].flatMap(([path, source]) =>
      textsOf(path, source).flatMap(typed),
    );
    const help = program.commands.flatMap(examplesOf);
    const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)]
      .filter((name) => name.endsWith(".md"))
      .flatMap((name) => {
        const text = readFileSync(join(root, name), "utf8");
        return [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block]) => typed(block!));
      });
    const all = [...sources, ...help, ...pages].filter(
      (line) => !line.startsWith("<") && !line.startsWith("help"),
    );
    expect(all.length).toBeGreaterThan(100);
    expect(new Set(all.flatMap((line) => problemOf(program, line) ?? []))).toEqual(new Set());
    expect(problemOf(program, "grops")).toMatch(/no command grops/);
    expect(problemOf(program, "groups --jsn")).toMatch(/groups has no --jsn/);
    expect(problemOf(program, "pki shw file")).toMatch(/pki has no shw/);
  });

  it.each([
    ["handshake --group zzz", /(groups) names them all/],
    ["handshake --cipher zzz", /(suites) names them all/],
    ["handshake --signature zzz", /(signatures) names them all/],
    ["attack zzz", /(attack --list) names them all/],
    ["groups --zzz", /see kemistry (groups --help)/],
    ["pki show --dir made", /make one with: kemistry (pki init .*)/],
  ])("%s gives a hint that leads on", async (args, hint) => {
    const { code, stderr } = await cli.run(args);
    expect(code).toBe(2);
    const [, advised = ""] = stderr.match(hint) ?? [];
    const { code: then, stderr: said } = await cli.run(advised);
    expect([advised, then, said]).toEqual([expect.stringMatching(/./), 0, ""]);
    // What was missing is there
    if (advised.startsWith("pki init")) expect((await cli.run(args)).code).toBe(0);
  });

  it.each([
    ["handshake --group X25519MLKEM786", "X25519MLKEM768"],
    ["handshake --cipher TLS_AES_128_GCM_SHA265", "TLS_AES_128_GCM_SHA256"],
    ["handshake --signature mldsa66", "mldsa65"],
    ["connect localhost:1 --policy require-post-quntum", "require-post-quantum"],
    ["attack strip-hybird", "strip-hybrid"],
    ["attack --family middleboxs", "middleboxes"],
    ["lab run wigers2024", "wiggers2024"],
    ["bench handshak2", "handshake"],
  ])("%s is asked whether %s was meant", async (args, meant) => {
    const { code, stderr } = await cli.run(args);
    expect(code).toBe(2);
    expect(stderr).toContain(`did you mean ${meant}?`);
    expect(stderr).toMatch(/^kemistry: [^\n]+\n$/);
  });
});
