/** The process of one end of a measured path: it does what it is told, and stays out of the way meanwhile. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ClientOptions,
  type Connection,
  createClientConnection,
  createServerConnection,
} from "../../connection/index.ts";
import {
  type Ends,
  endsOf,
  type Experiment,
  experimentOf,
  handshakeKey,
  resolveExperiment,
} from "../../lab/experiment/index.ts";
import { type Answer, type Order, serverAddress } from "../../lab/kernel/index.ts";
import { encodePem } from "../../identity/index.ts";
import { type Flags, flags, PeerProcess, portOf } from "../../peers/index.ts";
import type { Role } from "../../schedule/index.ts";
import { loadProvider, type ProviderName } from "../provider.ts";
import { messageOf } from "../errors.ts";
import { compressors } from "./source.ts";

type Asked<Name extends Order["do"]> = Extract<Order, { readonly do: Name }>;

/** What an end works with, of a cell. */
interface Given {
  readonly ends: Ends;
  /** As OpenSSL is told it. */
  readonly group: string;
  readonly suite: string;
  /** Where files for OpenSSL are, by what they begin with. */
  readonly files: string;
}

class End {
  readonly #experiment: Experiment;
  readonly #openssl: string;
  readonly #known = new Map<string, Given>();
  readonly #folder = mkdtempSync(join(tmpdir(), "kemistry-kernel-"));
  #stopListening = (): void => {};
  #leave = (): void => {};

  constructor({ experiment, openssl }: Asked<"read">) {
    this.#experiment = resolveExperiment(experimentOf(experiment), { compressors: compressors() });
    this.#openssl = openssl;
    process.once("exit", () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  async listen({ cell, maker }: Asked<"listen">): Promise<Answer> {
    this.#stopListening();
    const given = await this.#given(cell);
    if (maker === "openssl") return this.#listenOpenssl(given);
    const server = createServer({ noDelay: true }, (socket) => {
      speak(socket, createServerConnection(given.ends.server));
    });
    this.#stopListening = () => server.close();
    await new Promise<void>((resolve) => server.listen(0, serverAddress, resolve));
    return { port: (server.address() as AddressInfo).port };
  }

  async connect({ cell, maker, from, port }: Asked<"connect">): Promise<Answer> {
    const given = await this.#given(cell);
    if (maker === "openssl") {
      const peer = new PeerProcess(this.#openssl, clientArguments(given, from, port));
      this.#leave = () => peer.kill();
      return {};
    }
    const socket = connect({ host: serverAddress, port, localAddress: from, noDelay: true });
    this.#leave = () => socket.resetAndDestroy();
    socket.once("connect", () => {
      const options: ClientOptions = given.ends.client;
      speak(socket, createClientConnection(options));
    });
    return {};
  }

  leave(): Answer {
    this.#leave();
    return {};
  }

  async #listenOpenssl(given: Given): Promise<Answer> {
    const peer = new PeerProcess(this.#openssl, serverArguments(given));
    this.#stopListening = () => peer.kill();
    process.once("exit", () => peer.kill());
    return { port: await portOf(peer) };
  }

  async #given(index: number): Promise<Given> {
    const cell = this.#experiment.cells[index]!;
    const key = handshakeKey(cell);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { provider } = cell.values;
    const cryptography = await loadProvider(provider as ProviderName);
    const ends = endsOf(cell.handshake, `${this.#experiment.seed}/${key}`, cryptography);
    const files = join(this.#folder, `${this.#known.size}-`);
    writeFiles(files, ends);
    const given = { ends, group: cell.values.group, suite: cell.values.suite, files };
    this.#known.set(key, given);
    return given;
  }
}

function writeFiles(files: string, { chains }: Ends): void {
  for (const [role, chain] of Object.entries(chains)) {
    const pem = (of: readonly { readonly der: Uint8Array }[]): string =>
      of.map(({ der }) => encodePem("CERTIFICATE", der)).join("");
    const key = encodePem("PRIVATE KEY", chain.privateKey.pkcs8);
    writeFileSync(`${files}${role}.pem`, pem(chain.credential.chain.slice(0, 1)));
    writeFileSync(`${files}${role}.above`, pem(chain.credential.chain.slice(1)));
    writeFileSync(`${files}${role}.key`, key, { mode: 0o600 });
    writeFileSync(`${files}${role}.roots`, pem(chain.anchors));
  }
}

/** Of both programs. */
function commonFlags({ ends, group, suite, files }: Given, role: Role): Flags {
  const own = ends.chains[role];
  return {
    groups: group,
    ciphersuites: suite,
    attime: Math.floor(ends.client.now!() / 1000),
    verify_return_error: true,
    cert: own && `${files}${role}.pem`,
    cert_chain: own && own.credential.chain.length > 1 && `${files}${role}.above`,
    key: own && `${files}${role}.key`,
  };
}

function serverArguments(given: Given): string[] {
  const { files, ends } = given;
  const isMutual = ends.chains.client !== undefined;
  return [
    "s_server",
    ...flags({
      ...commonFlags(given, "server"),
      accept: `${serverAddress}:0`,
      num_tickets: 0,
      Verify: isMutual && 8,
      CAfile: isMutual && `${files}client.roots`,
    }),
  ];
}

function clientArguments(given: Given, from: string, port: number): string[] {
  const { files, ends } = given;
  return [
    "s_client",
    ...flags({
      ...commonFlags(given, "client"),
      connect: `${serverAddress}:${port}`,
      bind: `${from}:0`,
      servername: ends.client.serverName,
      CAfile: `${files}server.roots`,
    }),
  ];
}

/** Carries bytes between a socket and a connection, each flight in one write. */
function speak(socket: Socket, connection: Connection): void {
  const flush = (): void => {
    const chunks = connection.takeOutput();
    if (chunks.length === 0) return;
    socket.cork();
    for (const chunk of chunks) socket.write(chunk);
    socket.uncork();
    if (connection.error !== undefined) process.stderr.write(`${connection.error.message}\n`);
  };
  // The other end is torn away when it was measured
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    connection.receive(bytes);
    flush();
  });
  connection.start();
  flush();
}

let end: End | undefined;

async function obey(order: Order): Promise<Answer> {
  if (order.do === "read") {
    end = new End(order);
    return {};
  }
  if (end === undefined) throw new Error(`expected the experiment first, got ${order.do}`);
  switch (order.do) {
    case "listen":
      return end.listen(order);
    case "connect":
      return end.connect(order);
    case "leave":
      return end.leave();
  }
}

process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit());
process.on("message", (order: Order) => {
  void obey(order)
    .catch((error: unknown): Answer => ({ error: messageOf(error) }))
    .then((answer) => process.send!(answer));
});
process.send!({});
