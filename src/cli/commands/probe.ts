import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type ProbeReport,
  probeServer,
  resolverOf,
  type StartTls,
  startTlsNames,
} from "../../probe/index.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { addIdentityOptions, type IdentityOptions, readTrust } from "../identity.ts";
import { examples, wholeNumber } from "../options.ts";
import { print, printJson } from "../output.ts";
import { listen } from "../probe/listen.ts";
import { placesIn } from "../probe/targets.ts";
import { Progress } from "../probe/progress.ts";
import { renderProbe } from "../probe/render.ts";
import { loadProvider, type ProviderName, providerOption } from "../provider.ts";

interface Options extends IdentityOptions {
  readonly file?: string;
  readonly starttls?: StartTls;
  readonly serverName?: string;
  readonly ca?: string;
  readonly rate: number;
  readonly maxConnections: number;
  readonly timeout: number;
  readonly dns?: string | false;
  readonly listen?: true;
  readonly port: number;
  readonly host: string;
  readonly provider: ProviderName;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("[host:port...]", "servers of yours; port 443, or that of --starttls")
    .option("--file <file>", "a file of servers, one a line, # begins a comment")
    .addOption(
      new Option("--starttls <protocol>", "what is spoken before TLS").choices(startTlsNames),
    )
    .option("--server-name <name>", "the name to ask for and to verify; default: the host")
    .option("--ca <file>", "certificates to trust, PEM; default: those that Node trusts")
    .option("--rate <number>", "connections a second, at most", aboveZero, 20)
    .option("--max-connections <number>", "for each server", wholeNumber(1, 10_000), 200)
    .option("--timeout <ms>", "for each answer", wholeNumber(1, 600_000), 5000)
    .option("--dns <address>", "whom to ask for HTTPS records; default: as the system", resolver)
    .option("--no-dns", "ask nobody for them")
    .option("--listen", "probe clients: what they offer, and what they accept")
    .option("--port <number>", "with --listen; 0 takes any", wholeNumber(0, 65_535), 4433)
    .option("--host <address>", "with --listen; 0.0.0.0 is everywhere", "localhost");
  addIdentityOptions(command)
    .addOption(providerOption())
    .option("--json", "print what was found as plain data")
    .action(act);
  command.addHelpText(
    "after",
    "\nAbout a hundred connections for each server, one behind the other, and no\n" +
      "application data. Ask servers that are yours, or whose owner agrees. The exit\n" +
      "code is 0 if all are ready, 1 if one is not or cannot be reached.",
  );
  examples(command, [
    ["probe example.com", "is it ready for post-quantum TLS, and what is missing?"],
    ["probe mail.example.com --starttls smtp", "the same of a mail server"],
    ["probe --file servers.txt --rate 5 --json", "many, more slowly, as data"],
    ["probe --listen", "send a browser to https://localhost:4433/"],
  ]);
}

/** Options of one of the two kinds of probe. */
const ofServers = [
  "file",
  "starttls",
  "serverName",
  "ca",
  "rate",
  "maxConnections",
  "timeout",
  "dns",
];
const ofClients = ["port", "host", "cert", "key"];

async function act(named: readonly string[], options: Options, command: Command): Promise<void> {
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === "cli";
  const stray = (options.listen === true ? ofServers : ofClients).find(isGiven);
  if (stray !== undefined || (options.listen === true && named.length > 0)) {
    const what = stray === undefined ? "a host" : `--${kebab(stray)}`;
    const why = options.listen === true ? "does not go with" : "needs";
    throw new UsageError(`${what} ${why} --listen`);
  }
  if (options.listen === true) return listen(options, await loadProvider(options.provider));
  const { dns } = options;
  const places = placesIn(named, options.file, options.starttls);
  const provider = await loadProvider(options.provider);
  const trust = options.ca === undefined ? undefined : readTrust(options.ca);
  const progress = new Progress(places.length);
  const reports: ProbeReport[] = [];
  for (const { host, port } of places) {
    const report = await probeServer({
      host,
      port,
      startTls: options.starttls,
      serverName: options.serverName,
      provider,
      trust,
      rate: options.rate,
      maxConnections: options.maxConnections,
      timeout: options.timeout,
      resolvers: dns === undefined ? undefined : dns === false ? [] : [dns],
      onQuestion: (title, connections) => progress.tell(`${host}:${port}`, title, connections),
    });
    progress.clear();
    reports.push(report);
    if (options.json !== true) {
      if (reports.length > 1) print();
      print(renderProbe(report, process.stdout.columns ?? 80));
    }
  }
  if (options.json === true) printJson({ format: "kemistry probe", version: 1, servers: reports });
  const isReady = ({ verdict }: ProbeReport): boolean => verdict.startsWith("ready");
  if (!reports.every(isReady)) process.exitCode = ExitCode.failed;
}

const kebab = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function resolver(text: string): string {
  if (resolverOf(text) !== undefined) return text;
  throw new InvalidArgumentError("Give an address, such as 192.0.2.1 or [2001:db8::1]:5353.");
}

function aboveZero(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number >= 0.1 && number <= 10_000) return number;
  throw new InvalidArgumentError("Give a number from 0.1 to 10000.");
}
