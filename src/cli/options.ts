import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { parseDuration } from "../authority/duration.ts";
import { messageOf, unreadable, UsageError } from "./errors.ts";

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

/** A parser for options that are times, in milliseconds. */
export function duration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new InvalidArgumentError("Give a number with s, m, h, d, w or y: 15m, 90d, 10y.");
}

/** A command of a command. */
interface Subcommand {
  readonly name: string;
  readonly summary: string;
  readonly define: (command: Command) => void;
}

/** Adds commands to a command, whose help lists them by their names. */
export function defineSubcommands(command: Command, subcommands: readonly Subcommand[]): void {
  command.configureHelp({ ...command.configureHelp(), subcommandTerm: (sub) => sub.name() });
  for (const { name, summary, define } of subcommands) {
    define(command.command(name).description(summary));
  }
}

/** Adds worked examples to a command's help. */
export function examples(command: Command, lines: readonly (readonly [string, string])[]): void {
  const text = lines.map(([example, what]) => `  kemistry ${example}\n      ${what}`);
  command.addHelpText("after", `\nExamples:\n${text.join("\n")}`);
}

/**
 * What a file holds, or what comes on standard input for `-`.
 * @throws UsageError that says why a file cannot be read
 */
export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path === "-" ? 0 : path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** As {@link readBytes}, as UTF-8. */
export const readText = (path: string): string => new TextDecoder().decode(readBytes(path));

/** The first line of a file; a passphrase on the command line would be there for all to see. */
export function readPassphrase(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const [line = ""] = readText(path).split(/\r?\n/);
  if (line === "") throw new UsageError(`${path} holds no passphrase in its first line`);
  return line;
}

/** Reads a file and makes something of it. @throws UsageError that names the file */
export function readAs<T>(path: string, what: string, parse: (text: string) => T): T {
  const text = readText(path);
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not usable as ${what}: ${messageOf(error)}`);
  }
}
