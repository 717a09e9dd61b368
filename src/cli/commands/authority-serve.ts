import { once } from "node:events";
import type { Command } from "commander";
import { type AuthorityEvent, openAuthority } from "../../mesh/index.ts";
import { duration, examples, readPassphrase, wholeNumber } from "../options.ts";
import { placeName, withoutBrackets } from "../network.ts";
import { note, print, printJson } from "../output.ts";
import {
  addDirectory,
  addSigning,
  type DirectoryOption,
  type SigningOptions,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends DirectoryOption, SigningOptions {
  readonly domain: string;
  readonly host: string;
  readonly port: number;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly issuer?: string;
  readonly listLifetime?: number;
  readonly approve?: number;
  readonly keepEnded?: number;
  readonly keepJournal?: number;
  readonly metrics?: number;
}

const separated = (text: string): string[] => text.split(",").map((part) => part.trim());

export function define(command: Command): void {
  addSigning(addDirectory(command))
    .requiredOption("--domain <name>", "the trust domain: example.org")
    .option("--port <number>", "0 takes any that is free", wholeNumber(0, 65535), 8443)
    .option("--host <address>", "where to listen; 0.0.0.0 is everywhere", "localhost")
    .option("--dns <names>", "its host names, with commas; default: localhost", separated)
    .option("--ip <addresses>", "its addresses, with commas", separated)
    .option("-i, --issuer <name>", "who certifies it; default: the only authority below a root")
    .option("--list-lifetime <time>", "how long lists count; default: 1h", duration)
    .option("--approve <count>", "requests without a token that may wait", wholeNumber(0, 10_000))
    .option("--keep-ended <time>", "certificates that have ended; default: 30d", duration)
    .option("--keep-journal <time>", "lines that are not needed; default: for ever", duration)
    .option("--metrics <port>", "figures for Prometheus, on 127.0.0.1", wholeNumber(0, 65535))
    .action(explained(act));
  examples(command, [
    ["authority serve --domain example.org", "for agents of this machine"],
    ["authority serve --domain example.org --host 0.0.0.0 --dns ca.lan", "for a network"],
  ]);
}

async function act(options: Options): Promise<void> {
  const { dir, domain, port, dns, ip, issuer, listLifetime, approve, json } = options;
  const { keepEnded, keepJournal } = options;
  const host = withoutBrackets(options.host);
  const passphrase = readPassphrase(options.passphraseFile);
  const authority = await openAuthority({
    directory: dir,
    domain,
    ...(dns === undefined ? {} : { dns }),
    ...(ip === undefined ? {} : { ip }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(listLifetime === undefined ? {} : { listLifetime }),
    ...(keepEnded === undefined ? {} : { keepEnded }),
    ...(keepJournal === undefined ? {} : { keepJournal }),
    ...(approve === undefined ? {} : { waitingRequests: approve }),
    onEvent: (event) => (json ? printJson(dataOf(event), 0) : print(lineOf(event))),
  });
  const at = await authority.listen(port, host);
  note(`listening on https://${placeName({ host, port: at })}`);
  if (options.metrics !== undefined) {
    const figures = await authority.listenForMetrics(options.metrics);
    note(`figures on http://127.0.0.1:${figures}/metrics`);
  }
  note("Ctrl-C ends it");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort());
  }
  await once(stop.signal, "abort");
  await authority.close();
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const dataOf = (event: AuthorityEvent): object => ({
  at: new Date().toISOString(),
  ...event,
  ...("error" in event ? { error: messageOf(event.error) } : {}),
});

function lineOf(event: AuthorityEvent): string {
  switch (event.type) {
    case "enrolled":
    case "renewed":
      return `${event.type} ${event.name} ${event.serial}`;
    case "waiting":
      return `waiting ${event.id}`;
    case "refused":
      return `refused ${event.from ?? "somebody"}: ${event.reason}`;
    case "list":
      return `list ${event.number} of ${event.issuer}`;
    case "failed":
      return `failed ${messageOf(event.error)}`;
  }
}
