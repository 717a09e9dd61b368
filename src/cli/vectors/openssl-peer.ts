import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Connection } from "../../connection/index.ts";
import { flightsOf } from "../../lab/hybrid/converse.ts";
import { applicationData } from "../../lab/hybrid/features.ts";
import type { FlightBytes, GroupFacts, HandshakeInputs } from "../../lab/hybrid/format.ts";
import type { TraceEvent } from "../../lab/trace/trace.ts";
import type { Role } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import { messageOf, UsageError } from "../errors.ts";

/** Paths of PEM files, and of the log that OpenSSL writes. */
export interface PeerFiles {
  readonly keyLog: string;
  readonly authority: string;
  readonly identity: Readonly<Record<Role, string>>;
}

/** What `openssl version` says, without the library's. @throws UsageError if the program does not run */
export function opensslVersion(program: string): string {
  try {
    const said = execFileSync(program, ["version"], { encoding: "utf8", stdio: "pipe" });
    return said.split(" (")[0]!.trim();
  } catch (error) {
    throw new UsageError(`cannot run ${program}: ${messageOf(error)}`);
  }
}

/** `openssl s_server` or `s_client`, and what goes over the wire between it and us. */
export class OpenSslPeer {
  readonly #program: string;
  readonly #files: PeerFiles;
  readonly #role: Role;
  #process: ChildProcess | undefined;
  #listener: Server | undefined;
  #port = 0;
  #said = "";

  constructor(program: string, files: PeerFiles, role: Role) {
    this.#program = program;
    this.#files = files;
    this.#role = role;
  }

  /** @param connections that a server takes before it ends */
  async start(inputs: HandshakeInputs, group: GroupFacts, connections: number): Promise<void> {
    const { authority, keyLog, identity } = this.#files;
    const common = {
      ciphersuites: inputs.suite,
      keylogfile: keyLog,
      CAfile: authority,
      attime: String(inputs.time / 1000),
    };
    if (this.#role === "client") {
      this.#listener = createServer();
      this.#listener.listen(0, "127.0.0.1");
      await once(this.#listener, "listening");
      const { port } = this.#listener.address() as AddressInfo;
      const own = {
        connect: `127.0.0.1:${port}`,
        servername: inputs.serverName,
        groups: inputs.offer.groups.join(":"),
      };
      this.#spawn("s_client", "-tls1_3", "-quiet", ...flags({ ...own, ...common }));
      this.#process?.stdin?.write(applicationData.client);
      return;
    }
    const own = {
      accept: "127.0.0.1:0",
      groups: group.name,
      cert: identity.server,
      num_tickets: "1",
      naccept: String(connections),
    };
    const verify = inputs.kind === "mutual" ? ["-Verify", "1", "-verify_return_error"] : [];
    this.#spawn("s_server", "-tls1_3", "-rev", ...verify, ...flags({ ...own, ...common }));
    this.#port = Number((await this.#hears(/ACCEPT 127\.0\.0\.1:(\d+)/))[1]);
  }

  /** Takes our end through a whole connection. @throws Error if either end fails */
  async converse(end: Connection): Promise<readonly FlightBytes[]> {
    const socket = await this.#socket();
    socket.setNoDelay();
    const events: TraceEvent[] = [];
    const note = (direction: "sent" | "received", bytes: Uint8Array): void => {
      events.push({ at: 0, end: end.role, direction, kind: "bytes", bytes });
    };
    const words = [() => end.write(applicationData[end.role]), () => end.close()];
    const flush = (): void => {
      const chunks = end.takeOutput();
      for (const chunk of chunks) {
        note("sent", chunk);
        socket.write(chunk);
      }
    };
    end.start();
    flush();
    let waiting: Uint8Array = new Uint8Array();
    for await (const bytes of socket as AsyncIterable<Buffer>) {
      waiting = concat(waiting, bytes);
      const whole = waiting.subarray(0, wholeRecords(waiting));
      waiting = waiting.subarray(whole.length);
      if (whole.length === 0) continue;
      note("received", whole);
      end.receive(whole);
      if (end.error !== undefined) throw end.error;
      flush();
      for (const { type } of end.takeEvents()) {
        // A client waits for the ticket; the last word of either comes after the other's data
        if (type !== "session" && type !== "data") continue;
        words.shift()?.();
        flush();
        if (end.role === "client") continue;
        words.shift()?.();
        flush();
      }
      if (words.length === 0) socket.end();
    }
    if (words.length > 0) throw new Error(`OpenSSL ended the connection: ${this.#said.trim()}`);
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
    await once(this.#process!, "close");
    throw new Error(`OpenSSL: ${this.#said.trim()}`);
  }

  #spawn(...args: readonly string[]): void {
    this.#process = spawn(this.#program, args);
    const hear = (text: Buffer): void => void (this.#said += text.toString());
    this.#process.stdout?.on("data", hear);
    this.#process.stderr?.on("data", hear);
  }

  async #hears(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const heard = pattern.exec(this.#said);
      if (heard !== null) return heard;
      if (this.#process?.exitCode !== null) throw new Error(`OpenSSL: ${this.#said.trim()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

const flags = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [`-${name}`, value]);

/** Bytes of the records that are complete. */
function wholeRecords(bytes: Uint8Array): number {
  for (let at = 0; ;) {
    const end = at + 5 + ((bytes[at + 3] ?? 0) << 8) + (bytes[at + 4] ?? 0);
    if (at + 5 > bytes.length || end > bytes.length) return at;
    at = end;
  }
}
