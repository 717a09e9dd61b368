import type { Command } from "commander";
import {
  approveRequest,
  type PendingRequest,
  pendingRequests,
  PkiDirectory,
  refuseRequest,
} from "../../authority/index.ts";
import { printNames } from "../../identity/index.ts";
import { duration, examples } from "../options.ts";
import { note, print, printJson, table } from "../output.ts";
import {
  addDirectory,
  addWriter,
  changeDirectory,
  type DirectoryOption,
  type WriterOptions,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

export function define(command: Command): void {
  examples(command, [["authority requests", "what waits for a person"]]);
  addDirectory(command).action(
    explained(async ({ dir, json }: DirectoryOption) => {
      const pki = PkiDirectory.open(dir);
      await pki.refresh();
      const waiting = pendingRequests(pki).map(factsOf);
      if (json) return printJson(waiting);
      if (waiting.length === 0) return note("nothing waits");
      const rows = waiting.map(({ id, since, keyType, names }) => [
        id.slice(0, 16),
        since.slice(0, 19).replace("T", " "),
        keyType,
        names.join(", "),
      ]);
      const columns = ["request", "since (UTC)", "key", "names"].map((title) => ({ title }));
      print(table(columns, rows));
    }),
  );
}

interface ApproveOptions extends WriterOptions {
  readonly as: string;
  readonly lifetime: number;
}

export function defineApprove(command: Command): void {
  command
    .argument("<request>", "the first digits that `requests` shows")
    .requiredOption("--as <name>", "a registered name")
    .option("-l, --lifetime <time>", "how long the approval holds", duration, 3_600_000);
  examples(command, [["authority approve 3f9c --as ann --lifetime 10m", "it may enrol as ann"]]);
  addWriter(command).action(
    explained(async (id: string, options: ApproveOptions) => {
      const { as: name, lifetime } = options;
      const request = await changeDirectory(options, (pki) =>
        approveRequest(pki, { id, name, lifetime }),
      );
      if (options.json) printJson({ ...factsOf(request), name });
      else print(`${request.id} may enrol as ${name}`);
    }),
  );
}

export function defineRefuse(command: Command): void {
  examples(command, [["authority refuse 3f9c", "it waits no more, and gets nothing"]]);
  command.argument("<request>", "the first digits that `requests` shows");
  addWriter(command).action(
    explained(async (id: string, options: WriterOptions) => {
      const request = await changeDirectory(options, (pki) => refuseRequest(pki, id));
      if (options.json) printJson(factsOf(request));
      else print(`${request.id} is refused`);
    }),
  );
}

const factsOf = ({ id, csr, since }: PendingRequest) => ({
  id,
  since: new Date(since).toISOString(),
  keyType: csr.publicKey.type,
  names: Object.values(printNames(csr.requested.subjectAltNames)).flat(),
});
