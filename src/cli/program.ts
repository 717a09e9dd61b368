import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { commands } from "./commands.ts";
import { ExitCode, messageOf, UsageError } from "./errors.ts";
import { packageRoot } from "./package-root.ts";
import { style } from "./style.ts";

/** Runs the command line. Returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  ignoreClosedPipe();
  try {
    const program = await build(args);
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? ExitCode.ok);
  } catch (error) {
    // Commander has said already what was wrong
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    }
    const { harmless } = await import("./harmless.ts");
    const line = `${style("red", "kemistry:", process.stderr)} ${messageOf(error)}`;
    process.stderr.write(`${harmless(line)}\n`);
    return error instanceof UsageError ? ExitCode.usage : ExitCode.failed;
  }
}

/** Only a command that is named is loaded: `--help` must not wait for the engine. */
async function build(args: readonly string[]): Promise<Command> {
  const program = new Command("kemistry")
    .description("A laboratory for hybrid key exchange: TLS 1.3 in TypeScript, client and server.")
    .version(version())
    .exitOverride()
    // What stands behind a command's name is its own
    .enablePositionalOptions()
    .addHelpText(
      "after",
      "\nBegin with: kemistry demo\nMore of a command: kemistry help <command>",
    );
  explainErrors(program);
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(summary);
    explainErrors(command);
    if (args.includes(name)) (await load()).define(command);
  }
  return program;
}

/** One line, with what to do next. */
function explainErrors(command: Command): void {
  const path = command.parent === null ? command.name() : `kemistry ${command.name()}`;
  command.configureOutput({
    outputError(text, write) {
      const line = text
        .replace(/^error: /, "")
        .trim()
        .replace(/\s*\n\s*/g, " ");
      const hint = line.includes("Did you mean") ? "" : `; see ${path} --help`;
      write(`${style("red", "kemistry:", process.stderr)} ${line}${hint}\n`);
    },
  });
}

function version(): string {
  const file = new URL("package.json", packageRoot());
  const { version: number } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return number;
}

/** `kemistry … | head` is no mistake. */
function ignoreClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}
