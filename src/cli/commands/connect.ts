import * as net from "node:net";
import { type Command, Option } from "commander";
import { ledgerOf, negotiatedFacts, type Sent, watchHandshake } from "../../lab.ts";
import {
  connect,
  type ConnectOptions,
  describeFinding,
  type Finding,
  policies,
  type PolicyName,
  type Provider,
  type Scheme,
  tlsErrorOf,
  type TlsSocket,
} from "../../node.ts";
import { LiveCapture, pcapOption } from "../capture.ts";
import { chooseScheme } from "../algorithms.ts";
import { chooseName } from "../choose.ts";
import { addIdentityOptions, type IdentityOptions, readCredential, trusting } from "../identity.ts";
import { keyLogTo } from "../key-log.ts";
import {
  addNegotiationOptions,
  explainedError,
  type NegotiationOptions,
  parseTarget,
  placeName,
  readNegotiation,
} from "../network.ts";
import { duration, examples } from "../options.ts";
import { note, printJson } from "../output.ts";
import { loadAnyProvider, type AnyProviderName, anyProviderOption } from "../provider.ts";
import { renderDump } from "../render/dump.ts";
import { renderLedger } from "../render/ledger.ts";
import { renderNegotiated } from "../render/negotiated.ts";

const policyNames = Object.keys(policies) as PolicyName[];

interface Options extends IdentityOptions, NegotiationOptions {
  readonly ca?: string;
  readonly insecure?: true;
  readonly serverName?: string;
  readonly provider: AnyProviderName;
  readonly keyLog?: string;
  readonly pcap?: string;
  readonly ledger?: true;
  readonly policy?: string;
  readonly dump?: true;
  readonly wait: number;
  readonly signature?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("<host:port>", "the server; port 443 if none is given")
    .option("--ca <file>", "certificates to trust, PEM; default: those that Node trusts")
    .option("--insecure", "go on although the certificate is not trusted")
    .option("--server-name <name>", "the name to ask for and to verify; default: the host");
  addNegotiationOptions(command);
  addIdentityOptions(command)
    .option(
      "-s, --signature <names>",
      "signature schemes to offer before the usual ones, with commas",
    )
    .addOption(anyProviderOption())
    .option("--key-log <file>", "append the secrets, for Wireshark (NSS format)")
    .option(...pcapOption)
    .option("--ledger", "print every message of the handshake with its bytes")
    .option("--policy <name>", `what it may come to: ${policyNames.join(", ")}`)
    .option("--dump", "print every message byte by byte")
    .addOption(
      new Option("-w, --wait <time>", "for an answer to begin, after the end of stdin")
        .argParser(duration)
        .default(standardWait, "10s"),
    )
    .option("--json", "print what was negotiated and the ledger as plain data, and leave")
    .action(act);
  command.addHelpText(
    "after",
    "\nWhat was negotiated goes to stderr, what the server sends to stdout. After the\n" +
      "end of stdin it waits for the answer to begin, and from then on for a second of\n" +
      "silence, before it says close_notify.",
  );
  examples(command, [
    ["connect localhost:4433 --ca ca.pem", "to `kemistry serve --write-ca ca.pem`"],
    ["connect example.com --group x25519 --json", "can it still do classical key exchange?"],
  ]);
}

const firstSchemes = (
  { signature, ...candidates }: Options,
  provider: Provider,
): Promise<Scheme[]> =>
  Promise.all(
    (signature?.split(",") ?? []).map((name) => chooseScheme(name.trim(), provider, candidates)),
  );

async function act(target: string, options: Options): Promise<void> {
  const { host, port } = parseTarget(target);
  const provider = await loadAnyProvider(options.provider);
  const credential = await readCredential(options, provider);
  const sent: Sent[] = [];
  const capture = options.pcap === undefined ? undefined : new LiveCapture(options.pcap);
  const logs = options.keyLog === undefined ? [] : [keyLogTo(options.keyLog)];
  const transport = capture && net.connect({ host, port, allowHalfOpen: true, noDelay: true });
  const settings: ConnectOptions = {
    host,
    port,
    provider,
    ...(await readNegotiation(options)),
    ...(options.serverName === undefined ? {} : { serverName: options.serverName }),
    ...(await trusting(options.ca, provider, await firstSchemes(options, provider))),
    ...(options.insecure ? { rejectUnauthorized: false } : {}),
    ...(credential === undefined ? {} : { credentials: [credential] }),
    ...(options.keyLog === undefined && capture === undefined
      ? {}
      : { keyLog: (line: string) => logs.forEach((log) => log(line)) }),
    ...(transport === undefined ? {} : { socket: transport }),
    ...(options.policy === undefined
      ? {}
      : { policy: policies[chooseName("policy", policyNames, options.policy)] }),
    observer: watchHandshake("client", sent),
    allowHalfOpen: true,
  };
  const socket = connect(settings);
  if (capture !== undefined && transport !== undefined) {
    const { keyLog, settled } = capture.watch("client", transport);
    logs.push(keyLog);
    socket.once("secureConnect", settled).once("close", () => {
      settled();
      capture.close();
    });
  }
  const findings: Finding[] = [];
  socket.on("finding", (finding: Finding) => {
    findings.push(finding);
    if (!options.json) note(describeFinding(finding));
  });
  socket.once("secureConnect", () => {
    if (options.json) socket.resume().end();
    else {
      tell(socket, options, sent);
      pipeThrough(socket, options.wait);
    }
  });
  const error = await endOf(socket);
  const failed = tlsErrorOf(error);
  if (options.json && (error === undefined || failed !== undefined)) {
    printJson({
      host,
      port,
      findings,
      ...ledgerOf({ sent, negotiated: socket.negotiated, error: failed }),
    });
  }
  if (error !== undefined) throw explainedError(error, placeName({ host, port }));
}

/** Milliseconds for the name to be looked up and the server to answer; the handshake has its own. */
const patience = 10_000;

/** Waits until a connection is over. Gives what went wrong, `undefined` for a clean end. */
async function endOf(socket: TlsSocket): Promise<Error | undefined> {
  const timer = setTimeout(() => {
    if (socket.connecting) socket.destroy(new Error(`no answer in ${patience / 1000} seconds`));
  }, patience);
  const error = await new Promise<Error | undefined>((resolve) => {
    socket.once("error", resolve);
    socket.once("close", () => resolve(undefined));
  });
  clearTimeout(timer);
  process.stdin.destroy();
  return error;
}

function tell({ negotiated, authorizationError }: TlsSocket, options: Options, sent: Sent[]): void {
  if (negotiated === undefined) return;
  if (options.dump) {
    for (const item of sent) {
      if (item.kind !== "message") continue;
      note(renderDump(item.raw, `${item.from} sends ${item.raw.length} bytes, ${item.epoch} keys`));
    }
  }
  note(renderNegotiated(negotiatedFacts(negotiated), process.stderr));
  if (authorizationError !== null) note(`not verified: ${authorizationError.message}`);
  if (options.ledger) note(`\n${renderLedger(ledgerOf({ sent, negotiated }))}`);
}

/** Milliseconds for an answer to begin. */
const standardWait = 10_000;

/** Milliseconds of silence after which a server that got all of stdin, and has begun to answer, has nothing more to say. */
const silence = 1000;

/** Milliseconds that a timer of Node can wait. */
const longestTimer = 2 ** 31 - 1;

function pipeThrough(socket: TlsSocket, wait: number): void {
  let awaitsAnswer = false;
  process.stdin.on("data", () => (awaitsAnswer = true));
  socket.on("data", () => (awaitsAnswer = false));
  process.stdin.pipe(socket, { end: false });
  process.stdin.once("end", () => {
    const end = (): void => void socket.end();
    let timer = setTimeout(end, Math.min(awaitsAnswer ? wait : silence, longestTimer));
    socket.on("data", () => {
      clearTimeout(timer);
      timer = setTimeout(end, silence);
    });
    socket.once("close", () => clearTimeout(timer));
  });
  socket.pipe(process.stdout, { end: false });
  socket.once("end", () => socket.end());
}
