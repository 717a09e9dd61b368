/** `probe --listen`: a server that says of each client what it offers and what it accepts. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createDevelopmentCa } from "../../identity/index.ts";
import type { Provider } from "../../crypto/index.ts";
import { type ClientVisit, createClientProbe } from "../../probe/index.ts";
import type { ClientFacts } from "../../probe/index.ts";
import { type IdentityOptions, readCredential } from "../identity.ts";
import { explain } from "../network.ts";
import { note, print, printJson } from "../output.ts";
import { counted } from "../render/counted.ts";
import { style } from "../style.ts";
import { wrap } from "./render.ts";

export interface ListenOptions extends IdentityOptions {
  readonly port: number;
  readonly host: string;
  readonly json?: true;
}

const nameWidth = 14;

/** Until it is told to end. */
export async function listen(options: ListenOptions, provider: Provider): Promise<void> {
  const credential =
    (await readCredential(options, provider)) ??
    createDevelopmentCa({ provider, now: Date.now() }).issue({
      names: [...new Set(["localhost", "127.0.0.1", "::1", options.host])],
    });
  const seen = new Set<string>();
  const server = createClientProbe({
    provider,
    credentials: [credential],
    onVisit: (visit) => {
      if (options.json === true) return printJson(visit, 0);
      const who = `${visit.remote} ${visit.hello.ja4}`;
      if (!seen.has(who)) print(renderClient(visit, process.stdout.columns ?? 80));
      seen.add(who);
      print(renderVisit(visit));
    },
    onStranger: (remote, reason) => note(`${remote}: ${reason}`),
  });
  server.listen(options.port, options.host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(explain(error as Error, `${options.host}:${options.port}`), { cause: error });
  }
  const { port } = server.address() as AddressInfo;
  const name = options.host.includes(":") ? `[${options.host}]` : options.host;
  note(`listening on ${style("bold", `https://${name}:${port}/`, process.stderr)}`);
  note("a browser goes through all experiments by itself; another client by coming again");
  note("Ctrl-C ends it");
  const close = (): void => {
    server.close();
    process.exit();
  };
  process.once("SIGINT", close);
  process.once("SIGTERM", close);
  await once(server, "close");
}

/** What a client offers, once. */
export function renderClient({ hello, pieces, remote }: ClientVisit, width: number): string {
  const rows: [string, string][] = [
    ["key shares", hello.shares.map(({ group, bytes }) => `${group} ${bytes}`).join(", ")],
    ["groups", hello.groups.join(", ")],
    ["versions", hello.versions.join(", ")],
    ["suites", hello.suites.join(", ")],
    ["signatures", hello.schemes.join(", ")],
    ["extensions", hello.extensions.join(", ")],
    ["besides", besides(hello)],
    ["ClientHello", `${hello.bytes} bytes, read in ${counted(pieces, "piece")}`],
    ["JA4", hello.ja4],
  ];
  return [
    `${style("bold", remote)}: ${verdicts[hello.postQuantum]}`,
    ...rows
      .filter(([, text]) => text !== "")
      .flatMap(([name, text]) =>
        wrap(style("dim", name.padEnd(nameWidth)) + text, width, nameWidth),
      ),
  ].join("\n");
}

const verdicts = {
  share: "begins with a post-quantum key share",
  offered: "knows a post-quantum exchange, and waits to be asked for it",
  none: "has no post-quantum key exchange",
} as const;

const besides = (hello: ClientFacts): string =>
  [
    hello.grease ? "GREASE" : "",
    hello.ech ? "ECH, or GREASE for it" : "",
    hello.alpn.length > 0 ? `ALPN ${hello.alpn.join(", ")}` : "",
    hello.compression.length > 0 ? `takes certificates by ${hello.compression.join(", ")}` : "",
    hello.recordSizeLimit === null ? "" : `record_size_limit ${hello.recordSizeLimit}`,
    hello.serverName === null ? "" : `SNI ${hello.serverName}`,
    hello.earlyData ? "0-RTT" : "",
  ]
    .filter((each) => each !== "")
    .join("; ");

const renderVisit = ({ result: { name, passed, outcome }, left }: ClientVisit): string =>
  `${style(passed ? "green" : "red", passed ? "+" : "-")} ${name}: ${outcome}` +
  (left > 0 ? style("dim", ` (${left} to come)`) : "");
