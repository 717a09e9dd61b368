import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Connection } from "../../connection/index.ts";
import { pumpAsync, type PumpedEnd } from "../../lab.ts";
import {
  applicationData,
  type FlightBytes,
  flightsOf,
  type GroupFacts,
  type HandshakeInputs,
} from "../../lab/hybrid/index.ts";
import { RecordCutter, type TraceEvent } from "../../lab/trace/index.ts";
import {
  type EndSetup,
  opensslArguments,
  PeerProcess,
  portOf,
  SocketEnd,
} from "../../peers/index.ts";
import type { Role } from "../../schedule/index.ts";

/** Paths of PEM files, and of the log that OpenSSL writes. */
export interface PeerFiles {
  readonly keyLog: string;
  readonly authority: string;
  readonly identity: Readonly<Record<Role, string>>;
}

/** `openssl s_server` or `s_client`, and what goes over the wire between it and us. */
export class OpenSslPeer {
  readonly #program: string;
  readonly #files: PeerFiles;
  readonly #role: Role;
  #process: PeerProcess | undefined;
  #listener: Server | undefined;
  #port = 0;

  constructor(program: string, files: PeerFiles, role: Role) {
    this.#program = program;
    this.#files = files;
    this.#role = role;
  }

  /** @param connections that a server takes before it ends */
  async start(inputs: HandshakeInputs, group: GroupFacts, connections: number): Promise<void> {
    const { authority, keyLog, identity } = this.#files;
    const files = { keyLog, ca: authority, clientCa: authority };
    const common = { attime: inputs.time / 1000 };
    const suites = [inputs.suite];
    if (this.#role === "client") {
      this.#listener = createServer();
      this.#listener.listen(0, "127.0.0.1");
      await once(this.#listener, "listening");
      const { port } = this.#listener.address() as AddressInfo;
      const setup: EndSetup = { groups: inputs.offer.groups, suites };
      this.#run(setup, {
        files: { ...files, port: `${port}`, name: inputs.serverName },
        more: { ...common, quiet: true },
      }).write(applicationData.client);
      return;
    }
    const isMutual = inputs.kind === "mutual";
    const setup: EndSetup = {
      groups: [group.name],
      suites,
      resumption: true,
      ...(isMutual && { clientAuthentication: true }),
    };
    const server = this.#run(setup, {
      files: { ...files, certificate: identity.server, key: identity.server },
      more: { ...common, naccept: connections, rev: true },
    });
    this.#port = await portOf(server);
  }

  #run(setup: EndSetup, at: Parameters<typeof opensslArguments>[2]): PeerProcess {
    const args = opensslArguments(this.#role, setup, at);
    this.#process = new PeerProcess(this.#program, args);
    return this.#process;
  }

  /** Takes our end through a whole connection. @throws Error if either end fails */
  async converse(end: Connection): Promise<readonly FlightBytes[]> {
    const socket = (await this.#socket()).setNoDelay();
    const events: TraceEvent[] = [];
    const words = [() => end.write(applicationData[end.role]), () => end.close()];
    const say = (): void => {
      for (const { type } of end.takeEvents()) {
        // A client waits for the ticket; the last word of either comes after the other's data
        if (type !== "session" && type !== "data") continue;
        words.shift()?.();
        if (end.role === "server") words.shift()?.();
      }
    };
    const ours: PumpedEnd = {
      get ended() {
        return words.length === 0;
      },
      takeOutput: () => end.takeOutput(),
      receive(bytes) {
        end.receive(bytes);
        if (end.error !== undefined) throw end.error;
        say();
      },
    };
    const theirs = new WholeRecords(socket);
    end.start();
    const ends =
      end.role === "client" ? { client: ours, server: theirs } : { client: theirs, server: ours };
    await pumpAsync(ends, { tap: (event) => void events.push(event) });
    if (words.length > 0) {
      throw new Error(`OpenSSL ended the connection: ${this.#process?.output.trim()}`);
    }
    return flightsOf(events);
  }

  stop(): void {
    this.#process?.kill();
    this.#listener?.close();
  }

  async #socket(): Promise<Socket> {
    if (this.#role === "server") {
      const socket = connect(this.#port, "127.0.0.1");
      await once(socket, "connect");
      return socket;
    }
    const [socket] = await Promise.race([once(this.#listener!, "connection"), this.#ends()]);
    return socket as Socket;
  }

  async #ends(): Promise<never> {
    await this.#process!.exit();
    throw new Error(`OpenSSL: ${this.#process!.output.trim()}`);
  }
}

/** A flight may come in pieces: what is in the middle of a record waits. */
class WholeRecords extends SocketEnd {
  readonly #cutter = new RecordCutter();

  override takeOutput(): Uint8Array[] {
    return super.takeOutput().flatMap((bytes) => [...this.#cutter.push(bytes)]);
  }
}
