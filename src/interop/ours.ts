/** This engine as an end of a run: sockets of ours in this process. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { native } from "../crypto/native.ts";
import type { OfferedPsk } from "../handshake/index.ts";
import { createCredential, type Credential, decodePem } from "../identity/index.ts";
import type { EndSetup } from "../peers/setup.ts";
import { toHex } from "../wire/index.ts";
import {
  certificateCompressors,
  type ClientContextOptions,
  connect,
  createServer,
  type TlsServer,
  type TlsServerOptions,
  type TlsSocket,
} from "../transport/node/index.ts";
import { type RunFiles, serverName } from "./files.ts";
import type { ClientStart, Implementation, RunningServer, Start } from "./implementation.ts";

/** @param version of this package */
export function ours(version: string): Implementation {
  return {
    name: "kemistry",
    title: "kemistry",
    version,
    connectsAgain: false,
    lacking: () => undefined,
    fault: () => undefined,
    async startServer({ setup, files }: Start) {
      const server = createServer(serverOptions(setup, files));
      const end = new OurEnd(setup);
      server.on("secureConnection", (socket: TlsSocket) => end.take(socket));
      server.on("tlsClientError", (error: Error) => end.tell(error));
      server.on("keylog", (line: Buffer) => end.log(line));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      end.port = (server.address() as AddressInfo).port;
      end.server = server;
      return end;
    },
    async startClient({ setup, files, port, connection }: ClientStart) {
      const end = new OurEnd(setup);
      const session = connection === 0 ? undefined : sessions.get(files);
      const isEarly = setup.earlyData && session !== undefined;
      const socket = connect({
        ...clientOptions(setup, files),
        host: "127.0.0.1",
        port,
        servername: serverName,
        ...(session && { session }),
        ...(isEarly && { earlyData: "safe-to-replay" }),
      });
      socket.on("keylog", (line: Buffer) => end.log(line));
      // A client may be given several tickets: the last one will do
      socket.on("session", (ticket: OfferedPsk) => sessions.set(files, ticket));
      end.take(socket);
      return end;
    },
  };
}

/** Of each run whose client is ours. */
const sessions = new WeakMap<RunFiles, OfferedPsk>();

function commonOptions(setup: EndSetup) {
  const { groups, suites, alpn, compression, recordSizeLimit } = setup;
  return {
    provider: native,
    // Byte by byte on a busy machine takes long; what hangs is ended by who runs the case
    handshakeTimeout: 0,
    ...(groups && { groups }),
    ...(suites && { suites }),
    ...(alpn && { alpn }),
    ...(compression && { certificateCompression: certificateCompressors }),
    ...(recordSizeLimit === undefined ? {} : { recordSizeLimit }),
  };
}

function clientOptions(setup: EndSetup, files: RunFiles): ClientContextOptions {
  const { shares, clientCertificate, rawKeys } = setup;
  return {
    ...commonOptions(setup),
    ...(shares && { shares }),
    ...(rawKeys ? { trustedKeys: [spkiIn(files.read("publicKey"))] } : { ca: files.read("ca") }),
    ...(clientCertificate && {
      cert: files.read("clientCertificate"),
      key: files.read("clientKey"),
    }),
  };
}

function serverOptions(setup: EndSetup, files: RunFiles): TlsServerOptions {
  const { rawKeys, clientAuthentication, resumption, earlyData, earlyDataRefused } = setup;
  const own = { cert: files.read("certificate"), key: files.read("key") };
  return {
    ...commonOptions(setup),
    ...(rawKeys ? { credentials: [rawCredential(own)] } : own),
    ...(clientAuthentication && {
      ca: files.read("clientCa"),
      clientAuthentication: "require" as const,
    }),
    tickets: resumption === true,
    ...(setup.retryCookie && { retryCookie: true }),
    ...(setup.halfClose && { allowHalfOpen: true }),
    ...(earlyData && { earlyData: true as const }),
    // A ticket that was used counts as used before
    ...(earlyDataRefused && { earlyData: { replayGuard: { firstUse: () => false } } }),
  };
}

const spkiIn = (pem: string): Uint8Array => decodePem(pem)[0]!.der;

function rawCredential({ cert, key }: { readonly cert: string; readonly key: string }): Credential {
  const whole = createCredential({ certificates: cert, privateKey: key, provider: native });
  return { chain: [], signer: whole.signer, rawPublicKey: whole.chain[0]!.publicKey };
}

/** A client's socket, or a server and the socket that it speaks to. */
class OurEnd implements RunningServer {
  readonly speaks = "input";
  readonly saysEarly = "what is first";
  readonly #setup: EndSetup;
  readonly #lines: string[] = [];
  readonly #said: string[] = [];
  server: TlsServer | undefined;
  port = 0;
  #socket: TlsSocket | undefined;
  #heard: Uint8Array[] = [];
  #waiting: (() => void)[] = [];

  constructor(setup: EndSetup) {
    this.#setup = setup;
  }

  take(socket: TlsSocket): void {
    socket.on("error", (error: Error) => this.tell(error));
    // A browser may open a second connection beside the first
    if (this.#socket !== undefined) {
      socket.resume();
      return;
    }
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => this.#heard.push(bytes));
    for (const act of this.#waiting.splice(0)) act();
  }

  tell(error: Error): void {
    this.#said.push(error.message);
  }

  log(line: Buffer): void {
    this.#lines.push(line.toString("latin1").trim());
  }

  begin(): void {
    this.#heard = [];
    if (this.server !== undefined) this.#socket = undefined;
  }

  say(bytes: Uint8Array): void {
    this.#act((socket) => void socket.write(bytes));
  }

  hasHeard(bytes: Uint8Array): boolean {
    if (this.#heard.length > 1) this.#heard = [Buffer.concat(this.#heard)];
    return Buffer.from(this.#heard[0] ?? []).includes(Buffer.from(bytes));
  }

  updateKeys(): void {
    this.#act((socket) => socket.updateKeys({ requestPeer: true }));
  }

  close(): void {
    this.#act((socket) => void socket.end());
  }

  halfClose(): void {
    this.close();
  }

  exported(): string | undefined {
    const { exporter } = this.#setup;
    if (exporter === undefined || this.#socket?.negotiated === undefined) return undefined;
    return toHex(this.#socket.exportKeyingMaterial(32, exporter));
  }

  keyLog(): readonly string[] {
    return this.#lines;
  }

  output(): string {
    return this.#said.join("\n");
  }

  get isOver(): boolean {
    return this.server === undefined && this.#socket?.closed === true;
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    this.server?.close();
  }

  /** Once there is a socket to do it with. */
  #act(act: (socket: TlsSocket) => void): void {
    if (this.#socket !== undefined) act(this.#socket);
    else this.#waiting.push(() => act(this.#socket!));
  }
}
