/** What holds for every command there is. */
import type { Command } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { fitted } from "../../src/cli/fitted.ts";
import { buildProgram, run } from "../../src/cli/program.ts";

// Many command lines run in this process, where one would
vi.mock(import("../../src/cli/output.ts"), async (original) => ({
  ...(await original()),
  wasPrinted: () => false,
}));
afterEach(() => vi.restoreAllMocks());

const program = await buildProgram(commands.map(({ name }) => name));

/** Each with the words that name it. */
const all = (command: Command, path: readonly string[] = []): (readonly [string, Command])[] =>
  command.commands.flatMap((each) => {
    const words = [...path, each.name()];
    return [[words.join(" "), each] as const, ...all(each, words)];
  });
const every = all(program);

describe("every command", { timeout: 60_000 }, () => {
  it("is known here", () => {
    expect(every.length).toBeGreaterThan(50);
    expect(every.map(([name]) => name)).toContain("pki issue");
  });

  it.each(every)(
    "%s tells an error with --json as an object on stdout, with exit code 2",
    async (path, command) => {
      const lines: string[] = [];
      const errors: string[] = [];
      vi.spyOn(process.stdout, "write").mockImplementation((text) => lines.push(String(text)) > 0);
      vi.spyOn(process.stderr, "write").mockImplementation((text) => errors.push(String(text)) > 0);
      const json = command.options.find(({ long }) => long === "--json");
      const asked = json === undefined || json.isBoolean() ? ["--json"] : ["--json", "-"];
      const code = await run([...path.split(" "), ...asked, "--no-such-option"]);
      vi.restoreAllMocks();
      expect(code).toBe(2);
      const { error } = JSON.parse(lines.join("")) as { error: { kind: string; message: string } };
      expect(error.kind).toBe("usage");
      expect(error.message).toMatch(/unknown option '--(no-such-option|json)'|required option/);
      expect(errors.join("")).toBe(`kemistry: ${error.message}\n`);
    },
  );

  it.each(every)(
    "%s says its defaults in words, and its descriptions in one line",
    (_, command) => {
      for (const { defaultValue, defaultValueDescription, description } of command.options) {
        const isWord = defaultValue === null || typeof defaultValue !== "object";
        expect(isWord || defaultValueDescription !== undefined).toBe(true);
        expect(description).not.toContain("\n");
      }
    },
  );

  it.each(every.filter(([, command]) => command.commands.length === 0))(
    "%s takes --json",
    (path, command) => {
      const takes = command.options.some(({ long }) => long === "--json");
      expect(takes || path === "help" || path.endsWith(" help")).toBe(true);
    },
  );

  it.each(every)("%s has help that fits 60 columns", (_, command) => {
    let help = "";
    command.configureOutput({ getOutHelpWidth: () => 60, writeOut: (text) => void (help += text) });
    command.outputHelp();
    const lines = fitted(help, 60).split("\n");
    // What is to be copied, and words that are longer by themselves
    const wide = lines.filter((line) => line.length > 60 && !/^ +(kemistry|open) /.test(line));
    expect(wide.filter((line) => line.trim().includes(" "))).toEqual([]);
    expect(help).toMatch(/^Usage: kemistry /);
  });
});
