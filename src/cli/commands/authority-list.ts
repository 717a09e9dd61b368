import type { Command } from "commander";
import { counts, PkiDirectory, printDuration } from "../../authority/index.ts";
import { examples } from "../options.ts";
import { print, printJson, table } from "../output.ts";
import { addDirectory, type DirectoryOption } from "../pki/options.ts";
import { explained } from "../pki/report.ts";

export function define(command: Command): void {
  addDirectory(command).action(explained(act));
  examples(command, [["authority list --json", "who is registered, as data"]]);
}

async function act({ dir, json }: DirectoryOption): Promise<void> {
  const pki = PkiDirectory.open(dir);
  await pki.refresh();
  const { records } = pki;
  const facts = records.registrations.map((line) => {
    const { type: _, ...registered } = line;
    const entry = records.current(registered.name);
    const state =
      entry === undefined
        ? "not enrolled"
        : entry.revoked !== undefined
          ? `revoked: ${entry.revoked.reason}`
          : counts(entry)
            ? "valid"
            : "ended";
    return { ...registered, state, until: entry?.notAfter };
  });
  if (json) return printJson(facts);
  const rows = facts.map(({ name, names, issuer, lifetime, state, until }) => [
    name,
    state,
    until?.slice(0, 19).replace("T", " ") ?? "",
    issuer,
    lifetime === undefined ? "" : printDuration(lifetime),
    Object.values(names).flat().join(", "),
  ]);
  const columns = ["name", "state", "until (UTC)", "issuer", "lifetime", "names"];
  print(
    table(
      columns.map((title) => ({ title })),
      rows,
    ),
  );
}
