import type { Command } from "commander";
import { suites } from "../../crypto/index.ts";
import { examples } from "../options.ts";
import { print, printJson, table } from "../output.ts";
import { backendLegend, loadProviders, shortBackends } from "../provider.ts";

export function define(command: Command): void {
  command.option("--json", "plain data").action(act);
  examples(command, [
    ["suites", "a row for each cipher suite, with its limits"],
    ["suites --json", "the same as data"],
  ]);
}

async function act(options: { readonly json?: true }): Promise<void> {
  const providers = await loadProviders();
  const facts = suites.map(({ name, code, aead, hash, recordLimit }) => ({
    name,
    code,
    aead,
    hash,
    /** Bytes. */
    keyLength: providers.noble.aeads[aead].keyLength,
    /** Full-size records under one key (RFC 9846 §5.5). */
    recordLimit,
    backends: Object.fromEntries(
      Object.entries(providers).map(([provider, { aeads, hashes }]) => [
        provider,
        { aead: aeads[aead].backend, hash: hashes[hash].backend },
      ]),
    ),
  }));
  if (options.json) {
    printJson(facts);
    return;
  }
  const rows = facts.map(({ name, code, keyLength, recordLimit, backends }) => [
    name,
    `0x${code.toString(16)}`,
    keyLength,
    `2^${Math.round(Math.log2(recordLimit) * 10) / 10}`,
    shortBackends(Object.values(backends["native"] ?? {})),
  ]);
  const columns = [
    { title: "suite" },
    { title: "code" },
    { title: "key", align: "right" as const },
    { title: "records", align: "right" as const },
    { title: "native back end" },
  ];
  print(table(columns, rows));
  print("\nKey in bytes; full-size records before a KeyUpdate must come (RFC 9846 §5.5).");
  print(backendLegend(providers));
}
