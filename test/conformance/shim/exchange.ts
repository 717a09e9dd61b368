/** One connection with the runner: handshake, echo, shutdown. */
import { connect, type Socket } from "node:net";
import {
  type Connection,
  createClientConnection,
  createServerConnection,
} from "../../../src/connection/index.ts";
import type { OfferedPsk } from "../../../src/handshake/index.ts";
import { checkExpectations, checkSession } from "./expectations.ts";
import type { Flags } from "./flags.ts";
import { clientOptions, externalKeysOf, type Memory, type Seen, serverOptions } from "./options.ts";

export interface Exchange {
  readonly flags: Flags;
  /** What holds once a server has refused early data. */
  readonly afterRefusal: Flags;
  readonly memory: Memory;
  readonly seen: Seen;
  readonly session: OfferedPsk | undefined;
  readonly isResume: boolean;
}

/** Runs to the end. Returns the last session that the server gave. */
export async function runExchange(exchange: Exchange): Promise<OfferedPsk | undefined> {
  const { flags } = exchange;
  const socket = connect({ port: flags.port ?? 0, host: flags.ipv6 ? "::1" : "127.0.0.1" });
  socket.setNoDelay(true);
  const id = new DataView(new ArrayBuffer(8));
  id.setBigUint64(0, BigInt(flags["shim-id"] ?? "0"), true);
  socket.write(new Uint8Array(id.buffer));
  try {
    return await new Talk(exchange, socket).run();
  } finally {
    await drain(socket);
  }
}

/** Half-closes, and reads what is still under way, so that the runner sees our alert and not a reset. */
function drain(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    socket.removeAllListeners("data").removeAllListeners("end").removeAllListeners("close");
    socket
      .on("data", () => {})
      .on("error", () => {})
      .on("close", () => resolve());
    socket.end();
  });
}

function firstWrites(flags: Flags): Uint8Array[] {
  const text = Buffer.from(flags["shim-initial-write"] ?? "hello");
  return Array.from({ length: flags["repeat-shim-initial-write"] ?? 1 }, () => text);
}

class Talk {
  #flags: Flags;
  readonly #exchange: Exchange;
  readonly #socket: Socket;
  readonly #connection: Connection;
  #session: OfferedPsk | undefined;
  /** What is still to be written first. */
  #firstWrites: Uint8Array[] = [];
  #wasOpen = false;
  /** Handshake types of what came in. */
  readonly #received = new Set<number | undefined>();
  readonly #trafficSecrets = new Map<string, Uint8Array>();
  #settle: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(exchange: Exchange, socket: Socket) {
    const { flags, memory, seen, session } = exchange;
    this.#flags = flags;
    this.#exchange = exchange;
    this.#firstWrites = firstWrites(flags);
    this.#socket = socket;
    const watching = {
      onProgress: (): void => this.#step(),
      keyLog: (line: string): void => this.#keep(line),
      observer: {
        message: (direction: string, raw: Uint8Array): void => {
          if (direction === "received") this.#received.add(raw[0]);
        },
      },
    };
    this.#connection = flags.server
      ? createServerConnection({ ...serverOptions(flags, memory, seen), ...watching })
      : createClientConnection({
          ...clientOptions(flags, memory, seen, exchange.afterRefusal),
          psks: [...(session === undefined ? [] : [session]), ...externalKeysOf(flags)],
          ...watching,
        });
  }

  async run(): Promise<OfferedPsk | undefined> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#socket.on("data", (bytes) => {
      // Byte by byte where something is to be done between two messages
      const isSlow = this.#flags["early-write-after-message"] !== undefined;
      for (const piece of isSlow ? [...bytes].map((byte) => Uint8Array.of(byte)) : [bytes]) {
        this.#step(() => this.#connection.receive(piece));
      }
    });
    this.#socket.on("end", () => this.#step(() => this.#endOfStream()));
    this.#socket.on("error", (error) => this.#settle?.reject(error));
    this.#step(() => this.#connection.start());
    await ended;
    return this.#session;
  }

  #step(action: () => void = () => {}): void {
    try {
      action();
      if (!this.#wasOpen && this.#flags["shim-writes-first"] && this.#mayWriteFirst) {
        this.#writeFirst();
        // There is no secret yet: this must fail
        if (this.#connection.canWrite && this.#flags["export-keying-material"] !== undefined) {
          this.#exportKeyingMaterial();
        }
      }
      for (;;) {
        const events = this.#connection.takeEvents();
        if (events.length === 0) break;
        for (const event of events) {
          if (event.type === "open") this.#open();
          else if (event.type === "data") this.#echo(event.data);
          else if (event.type === "session") this.#session = event.session;
          else if (event.type === "end") this.#finish();
          else if (event.type === "error") throw event.error;
        }
      }
      this.#flush();
    } catch (error) {
      this.#flush();
      this.#settle?.reject(error);
    }
  }

  #flush(): void {
    const chunks = this.#connection.takeOutput();
    if (chunks.length > 0 && this.#socket.writable) this.#socket.write(Buffer.concat(chunks));
  }

  get #mayWriteFirst(): boolean {
    const after = this.#flags["early-write-after-message"];
    return after === undefined || this.#received.has(after);
  }

  #exportKeyingMaterial(): void {
    const { "export-label": label = "", "export-context": context = "" } = this.#flags;
    const length = this.#flags["export-keying-material"] ?? 0;
    const exported = this.#connection.exportKeyingMaterial(label, Buffer.from(context), length);
    this.#connection.write(exported);
  }

  /** A line of the key log: label, random, secret. */
  #keep(line: string): void {
    const [label = "", , secret = ""] = line.split(" ");
    this.#trafficSecrets.set(label, new Uint8Array(Buffer.from(secret, "hex")));
  }

  /** Their length, the secret that we read with, and the one that we write with. */
  #exportTrafficSecrets(): void {
    const [read, write] = (this.#flags.server ? ["CLIENT", "SERVER"] : ["SERVER", "CLIENT"]).map(
      (role) => this.#trafficSecrets.get(`${role}_TRAFFIC_SECRET_0`)!,
    ) as [Uint8Array, Uint8Array];
    this.#connection.write(Uint8Array.of(read.length & 0xff, read.length >> 8));
    this.#connection.write(read);
    this.#connection.write(write);
  }

  /** A client's first write goes with its first flight as far as it may; a server's with its own. */
  #writeFirst(): void {
    for (let next; (next = this.#firstWrites.shift()) !== undefined;) {
      const room = Math.min(next.length, this.#connection.writableBytes);
      if (room > 0) this.#connection.write(next.subarray(0, room));
      if (room < next.length) {
        this.#firstWrites.unshift(next.subarray(room));
        return;
      }
    }
  }

  #open(): void {
    let flags = this.#flags;
    const connection = this.#connection;
    this.#wasOpen = true;
    const { earlyData } = connection.negotiated ?? {};
    if (!flags.server && earlyData !== "none" && earlyData !== "accepted") {
      // The runner takes what follows for another connection, with flags of its own
      this.#flags = flags = this.#exchange.afterRefusal;
      this.#firstWrites = firstWrites(flags);
    }
    checkExpectations({ ...this.#exchange, flags }, connection);
    if (flags["export-keying-material"] !== undefined) this.#exportKeyingMaterial();
    if (flags["export-traffic-secrets"]) this.#exportTrafficSecrets();
    if (flags["write-different-record-sizes"]) {
      for (const size of [0, 1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769]) {
        connection.write(Buffer.alloc(size, 0x42));
      }
    }
    if (flags["shim-writes-first"] || flags["read-with-unfinished-write"]) this.#writeFirst();
    if (flags["shim-shuts-down"]) {
      connection.close();
      if (!flags["check-close-notify"]) this.#settle?.resolve();
      return;
    }
    if (flags["key-update-before-read"]) connection.updateKeys({ requestPeer: false });
  }

  #echo(data: Uint8Array): void {
    if (this.#flags["shim-shuts-down"]) return;
    if (this.#flags["key-update"]) this.#connection.updateKeys({ requestPeer: false });
    this.#connection.write(data.map((byte) => byte ^ 0xff));
    if (this.#flags["key-update-before-read"]) this.#connection.updateKeys({ requestPeer: false });
  }

  /** close_notify of the runner. */
  #finish(): void {
    this.#connection.close();
    if (!this.#flags.server && !this.#flags["shim-shuts-down"])
      checkSession({ ...this.#exchange, flags: this.#flags }, this.#session);
    this.#settle?.resolve();
  }

  /** The runner may end without close_notify; only some tests ask for it. */
  #endOfStream(): void {
    if (this.#connection.state === "open" && !this.#flags["check-close-notify"]) {
      if (!this.#flags.server)
        checkSession({ ...this.#exchange, flags: this.#flags }, this.#session);
      this.#settle?.resolve();
      return;
    }
    this.#connection.receiveEnd();
  }
}
