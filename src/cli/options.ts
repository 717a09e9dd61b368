import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { messageOf, UsageError } from "./errors.ts";

/** A parser for options that are whole numbers. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const number = Number(text);
    if (text.trim() === "" || !Number.isInteger(number) || number < min || number > max) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return number;
  };

/** A command of a command. */
interface Subcommand {
  readonly name: string;
  readonly summary: string;
  readonly define: (command: Command) => void;
}

/** Adds commands to a command, whose help lists them by their names. */
export function defineSubcommands(command: Command, subcommands: readonly Subcommand[]): void {
  command.configureHelp({ subcommandTerm: (sub) => sub.name() });
  for (const { name, summary, define } of subcommands) {
    define(command.command(name).description(summary));
  }
}

/** Adds worked examples to a command's help. */
export function examples(command: Command, lines: readonly (readonly [string, string])[]): void {
  const text = lines.map(([example, what]) => `  kemistry ${example}\n      ${what}`);
  command.addHelpText("after", `\nExamples:\n${text.join("\n")}`);
}

/** @throws UsageError that says why a file cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = reasons[code ?? ""] ?? String(error);
    throw new UsageError(`cannot read ${path}: ${reason}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "you may not read it",
  EISDIR: "it is a folder",
};

/** Reads a file and makes something of it. @throws UsageError that names the file */
export function readAs<T>(path: string, what: string, parse: (text: string) => T): T {
  const text = readText(path);
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not usable as ${what}: ${messageOf(error)}`);
  }
}
