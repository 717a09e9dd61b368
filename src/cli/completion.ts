/** What could stand where the cursor is, and the lines by which a shell asks for it. */
import type { Command, Option } from "commander";

export interface Suggestion {
  readonly value: string;
  readonly description: string;
}

/**
 * @param program all commands, of which that of the words is loaded
 * @param words of the command line behind `kemistry`; the last is being written, and may be empty
 */
export async function suggest(program: Command, words: readonly string[]): Promise<Suggestion[]> {
  const before = words.slice(0, -1);
  const begun = words.at(-1) ?? "";
  const command = commandOf(program, before);
  const taking = command.options.find((option) => isOption(option, before.at(-1)) && takes(option));
  const all = taking === undefined ? nextOf(command, begun) : await valuesOf(taking, begun);
  return all.filter(({ value }) => value.startsWith(begun));
}

/** The command that these words come to. */
function commandOf(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    command = command.commands.find((each) => each.name() === word) ?? command;
  }
  return command;
}

function nextOf(command: Command, begun: string): Suggestion[] {
  const help = command.createHelp();
  if (!begun.startsWith("-")) {
    const values = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
    return [
      ...help
        .visibleCommands(command)
        .map((each) => ({ value: each.name(), description: each.description() })),
      ...values.map((value) => ({ value, description: "" })),
    ];
  }
  return help
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ value: long ?? short ?? "", description }));
}

const isOption = ({ long, short }: Option, word: string | undefined): boolean =>
  word !== undefined && (word === long || word === short);

const takes = ({ required, optional }: Option): boolean => required || optional;

/** Several with commas: what stands before the last comma stays. */
async function valuesOf(option: Option, begun: string): Promise<Suggestion[]> {
  const { argChoices, long = "" } = option;
  const names = argChoices ?? (await lists[long]?.()) ?? [];
  const kept = begun.slice(0, begun.lastIndexOf(",") + 1);
  return names.map((name) => ({ value: kept + name, description: "" }));
}

const namesOf = (entries: readonly { readonly name: string }[]): string[] =>
  entries.map(({ name }) => name);

const oqsAlgorithms = async () => (await import("../oqs/index.ts")).oqsAlgorithms;

/** Values of options that are too many to stand in help. */
const lists: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  "--group": async () => [
    ...namesOf((await import("../groups/index.ts")).groups),
    ...(await oqsAlgorithms()).flatMap((each) => (each.kind === "kem" ? namesOf(each.groups) : [])),
  ],
  "--cipher": async () => namesOf((await import("../crypto/index.ts")).suites),
  "--signature": async () => [
    ...namesOf((await import("../crypto/index.ts")).schemes.filter((each) => each.inHandshake)),
    ...(await oqsAlgorithms()).flatMap((each) =>
      each.kind === "signature" && each.standard !== true ? [each.scheme] : [],
    ),
  ],
  "--policy": async () => Object.keys((await import("../policy/index.ts")).policies),
  "--family": async () => (await import("../lab/adversary/scenario.ts")).families,
};

const ask = "kemistry completion suggest --";

/** For the file that a shell reads when it starts. Where nothing is suggested they offer files. */
export const scripts = {
  bash: `_kemistry() {
  local IFS=$'\\n'
  COMPREPLY=($(${ask} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o default -F _kemistry kemistry
`,
  zsh: `#compdef kemistry
_kemistry() {
  local -a found
  found=("\${(@f)$(${ask} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found//$'\\t'/:}")
  if [[ -n "$found[1]" ]]; then _describe kemistry found; else _files; fi
}
compdef _kemistry kemistry
`,
  fish: `function __kemistry
    set -l words (commandline -opc) (commandline -ct)
    ${ask} $words[2..] 2>/dev/null
end
complete -c kemistry -a '(__kemistry)'
`,
} as const;

export type Shell = keyof typeof scripts;
