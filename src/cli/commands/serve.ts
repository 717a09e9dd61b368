import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import type { Command } from "commander";
import type { Provider } from "../../crypto/index.ts";
import { createDevelopmentCa, type Credential } from "../../identity/index.ts";
import { rotatingTickets, type ServerOptions } from "../../node.ts";
import { LiveCapture, pcapOption } from "../capture.ts";
import { chooseScheme } from "../algorithms.ts";
import { UsageError } from "../errors.ts";
import { addIdentityOptions, type IdentityOptions, readCredential, trusting } from "../identity.ts";
import { keyLogTo } from "../key-log.ts";
import {
  addNegotiationOptions,
  explainedError,
  type NegotiationOptions,
  placeName,
  readNegotiation,
  withoutBrackets,
} from "../network.ts";
import { examples, wholeNumber } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { loadAnyProvider, type AnyProviderName, anyProviderOption } from "../provider.ts";
import { docsFolder } from "../docs-folder.ts";
import { filesOf } from "../serve-folder.ts";
import { createSite, docsPath, type Visit } from "../site.ts";
import { style } from "../style.ts";
import { writeOutput } from "../write.ts";

interface Options extends IdentityOptions, NegotiationOptions {
  readonly port: number;
  readonly host: string;
  readonly clientCa?: string;
  readonly provider: AnyProviderName;
  readonly printCa?: true;
  readonly writeCa?: string;
  readonly keyLog?: string;
  readonly pcap?: string;
  readonly docs?: true;
  readonly signature?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option("--port <number>", "0 takes any that is free", wholeNumber(0, 65535), 4433)
    .option("--host <address>", "where to listen; 0.0.0.0 is everywhere", "localhost")
    .option("--client-ca <file>", "require a client certificate from these CAs, PEM")
    .option("--print-ca", "print the development CA's certificate to stdout")
    .option("-s, --signature <name>", "of the development CA and its certificate; default: ECDSA")
    .option("--write-ca <file>", "write the development CA's certificate to a file");
  addIdentityOptions(command);
  addNegotiationOptions(command)
    .addOption(anyProviderOption())
    .option("--key-log <file>", "append the secrets, for Wireshark (NSS format)")
    .option(...pcapOption)
    .option("--docs", "the documentation too, at /docs/: it needs no other network")
    .option("--json", "print one line of JSON for each connection to stdout")
    .action(act);
  command.addHelpText(
    "after",
    "\nWithout --cert and --key a development CA is made anew, in memory.\n" +
      "Pages: / for people, /negotiated.json, and /echo, which answers a POST with it.",
  );
  examples(command, [
    [
      "serve --write-ca ca.pem",
      "then: curl --cacert ca.pem https://localhost:4433/negotiated.json",
    ],
    ["serve --group x25519_hqc128 --signature mayo2", "candidates: npm install @oqs/liboqs-js"],
    ["serve --group x25519", "a server that can only do classical key exchange"],
  ]);
}

async function act(options: Options): Promise<void> {
  const provider = await loadAnyProvider(options.provider);
  const given = await readCredential(options, provider);
  if (given !== undefined && options.signature !== undefined) {
    throw new UsageError("--signature is for the development CA: leave it out with --cert");
  }
  const credential = given ?? (await develop(options, provider));
  const tls: ServerOptions = {
    alpn: ["http/1.1"],
    provider,
    credentials: [credential],
    tickets: rotatingTickets(provider),
    ...(await readNegotiation(options)),
    ...(options.clientCa === undefined
      ? {}
      : { clientAuthentication: "require", ...(await trusting(options.clientCa, provider)) }),
    ...(options.keyLog === undefined ? {} : { keyLog: keyLogTo(options.keyLog) }),
  };
  const capture = options.pcap === undefined ? undefined : new LiveCapture(options.pcap);
  const { server, close } = createSite({
    tls,
    ...(options.docs && { docs: filesOf(docsFolder(), docsPath) }),
    ...(capture === undefined
      ? {}
      : { watch: (transport: Socket) => capture.watch("server", transport) }),
    onVisit: (visit) => (options.json ? printJson(visit, 0) : note(lineOf(visit))),
    onRefused: (error, remote) =>
      note(`${remote} ${style("red", "refused", process.stderr)} ${error.message}`),
  });
  const host = withoutBrackets(options.host);
  server.listen(options.port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw explainedError(error as Error, placeName({ host, port: options.port }));
  }
  welcome(server.address() as AddressInfo, options);
  process.once("SIGINT", close);
  process.once("SIGTERM", close);
  await once(server, "close");
  capture?.close();
}

/** A certificate for all names that this machine is likely to be called by. */
async function develop(options: Options, provider: Provider): Promise<Credential> {
  const { signature } = options;
  const ca = createDevelopmentCa({
    provider,
    ...(signature !== undefined && { algorithm: await chooseScheme(signature, provider, options) }),
    now: Date.now(),
  });
  if (options.printCa) print(ca.pem.trimEnd());
  if (options.writeCa !== undefined) writeOutput(options.writeCa, ca.pem);
  return ca.issue({ names: namesOf(withoutBrackets(options.host)) });
}

function namesOf(host: string): string[] {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const own = isEverywhere
    ? [hostname(), ...addresses.filter(({ scopeid }) => !scopeid).map(({ address }) => address)]
    : [host];
  return [...new Set(["localhost", "127.0.0.1", "::1", ...own])];
}

function welcome({ port }: AddressInfo, options: Options): void {
  const given = withoutBrackets(options.host);
  const host = given === "0.0.0.0" || given === "::" ? "localhost" : given;
  const place = placeName({ host, port });
  note(`listening on ${style("bold", `https://${place}/`, process.stderr)}`);
  if (options.cert === undefined) {
    const ca = options.writeCa;
    note("with a certificate of a development CA, made just now; a browser will warn");
    note(
      `  curl ${ca === undefined ? "--insecure" : `--cacert ${ca}`} https://${place}/negotiated.json`,
    );
    note(`  kemistry connect ${place} ${ca === undefined ? "--insecure" : `--ca ${ca}`}`);
  }
  if (options.docs) note(`the documentation: https://${place}${docsPath}`);
  note("Ctrl-C ends it");
}

function lineOf({ remote, negotiated, ledger }: Visit): string {
  const { group, postQuantum, cipherSuite, peer } = negotiated;
  const kind = postQuantum ? style("green", "post-quantum", process.stderr) : "not post-quantum";
  const who = peer === null ? "" : ` ${peer.subject}`;
  return `${remote}${who} ${group ?? "PSK"}, ${kind}, ${cipherSuite}, ${ledger.totals.both.bytes} bytes`;
}
