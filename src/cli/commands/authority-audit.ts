import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { audit, type Head, journalFile, PkiDirectory } from "../../authority/index.ts";
import { examples } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { addDirectory, type DirectoryOption } from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends DirectoryOption {
  readonly noted?: Head;
}

export function define(command: Command): void {
  addDirectory(command)
    .option("--noted <lines:hash>", "what an earlier audit ended with", head)
    .action(explained(act));
  command.addHelpText(
    "after",
    "\nEach line of the journal ends with a hash over itself and the line before. Who\n" +
      "notes the last one elsewhere can tell later whether anything before it was\n" +
      "changed or taken away.",
  );
  examples(command, [["authority audit --noted 120:3f9c…", "nothing before it was changed"]]);
}

async function act({ dir, json, noted }: Options): Promise<void> {
  const pki = PkiDirectory.open(dir);
  await pki.refresh();
  const found = audit(join(pki.path, journalFile), noted);
  if (json) return printJson(found);
  for (const { when, who, event } of found.lines) {
    const { type, ...rest } = event;
    print(`${when} ${who}: ${type} ${JSON.stringify(rest)}`);
  }
  if (found.cut > 0) note(`Of the first ${found.cut} lines only those are here that are needed.`);
  note(`${found.head.lines}:${found.head.hash}`);
}

function head(text: string): Head {
  const [, lines = "", hash = ""] = /^(\d{1,9}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash !== "") return { lines: Number(lines), hash };
  throw new InvalidArgumentError("Give the line that an audit ends with: 120:3f9c….");
}
