import { Argument, type Command } from "commander";
import { scripts, type Shell, suggest } from "../completion.ts";
import { examples } from "../options.ts";
import { printJson } from "../output.ts";

export function define(command: Command): void {
  command
    .addArgument(new Argument("<shell>").choices([...Object.keys(scripts), "suggest"]))
    .argument("[words...]", "with suggest: the command line until the cursor, behind --")
    .option("--json", "plain data")
    .action(act);
  examples(command, [
    ["completion bash >> ~/.bashrc", "in every new Bash; of zsh: ~/.zshrc, behind compinit"],
    ["completion fish > ~/.config/fish/completions/kemistry.fish", "in every new fish"],
    ["completion suggest -- handshake --gr", "what a shell is told"],
  ]);
}

async function act(
  shell: Shell | "suggest",
  words: readonly string[],
  { json }: { readonly json?: true },
  { parent }: Command,
): Promise<void> {
  if (shell === "suggest") {
    const found = await suggest(parent!, words);
    if (json) printJson(found);
    else if (found.length > 0) process.stdout.write(linesOf(found));
  } else if (json) printJson({ shell, script: scripts[shell] });
  else process.stdout.write(scripts[shell]);
}

/** As fish reads them: a tab stands before the description. */
const linesOf = (found: Awaited<ReturnType<typeof suggest>>): string =>
  found
    .map(({ value, description }) =>
      `${value}\t${description.replace(/\s+/g, " ")}`.trimEnd().concat("\n"),
    )
    .join("");
