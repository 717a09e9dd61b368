import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { commands } from "./commands.ts";
import { type ErrorFacts, ExitCode, factsOfError } from "./errors.ts";
import { fitted } from "./fitted.ts";
import { packageRoot } from "./package-root.ts";
import { style } from "./style.ts";

/** Runs the command line. Returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  ignoreClosedPipe();
  const refusals: string[] = [];
  const program = await buildProgram(args, (line) => refusals.push(line));
  try {
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? ExitCode.ok);
  } catch (error) {
    if (!(error instanceof CommanderError)) return await tell(factsOfError(error), program, args);
    if (error.exitCode === 0) return ExitCode.ok;
    const [message] = refusals;
    // Without one it has printed its help
    if (message === undefined) return ExitCode.usage;
    return await tell({ kind: "usage", message }, program, args);
  }
}

/**
 * The commands, of which only one that is named is loaded: `--help` must not wait for the engine.
 * @param refuse is told in one line what is wrong with the arguments
 */
export async function buildProgram(
  args: readonly string[],
  refuse: (line: string) => void = () => {},
): Promise<Command> {
  const program = new Command("kemistry")
    .description("A laboratory for hybrid key exchange: TLS 1.3 in TypeScript, client and server.")
    .version(version())
    .exitOverride()
    // The column of descriptions may be narrow
    .configureHelp({ minWidthToWrap: 20 })
    // What stands behind a command's name is its own
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nBegin with: kemistry demo\nMore of a command: kemistry help <command>",
    );
  explainRefusals(program, refuse);
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(summary);
    explainRefusals(command, refuse);
    if (args.includes(name)) (await load()).define(command);
  }
  return program;
}

/** One line, with what to do next. */
function explainRefusals(command: Command, refuse: (line: string) => void): void {
  const path = command.parent === null ? command.name() : `kemistry ${command.name()}`;
  command.configureOutput({
    // What stands below the options too
    writeOut: (text) => void process.stdout.write(fitted(text)),
    outputError(text) {
      const line = text
        .replace(/^error: /, "")
        .trim()
        .replace(/\s*\n\s*/g, " ");
      refuse(line.includes("Did you mean") ? line : `${line}; see ${path} --help`);
    },
  });
}

/** Says an error on stderr, and with `--json` as data on stdout too. Returns the exit code. */
async function tell(error: ErrorFacts, program: Command, args: readonly string[]): Promise<number> {
  // What is said by peers is escaped there; help needs none of it
  const { note, printJson, wasPrinted } = await import("./output.ts");
  // What a command has printed is one document already
  if (asksForJson(program, args) && !wasPrinted()) printJson({ error });
  note(`${style("red", "kemistry:", process.stderr)} ${error.message}`);
  return error.kind === "usage" ? ExitCode.usage : ExitCode.failed;
}

/** `--json`, unless it is the command's option for a file. */
function asksForJson(program: Command, args: readonly string[]): boolean {
  const at = args.indexOf("--json");
  if (at === -1) return false;
  let command = program;
  for (const word of args.slice(0, at)) {
    command = command.commands.find((each) => each.name() === word) ?? command;
  }
  const option = command.options.find(({ long }) => long === "--json");
  return option === undefined || option.isBoolean() || args[at + 1] === "-";
}

function version(): string {
  const file = new URL("package.json", packageRoot());
  const { version: number } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return number;
}

/** `kemistry … | head` is not a mistake. */
function ignoreClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}
