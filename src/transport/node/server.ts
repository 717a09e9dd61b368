import * as net from "node:net";
import * as check from "../../registry/check.ts";
import { type ServerContextOptions, serverContextTable } from "./context-options.ts";
import { createServerContext, type SecureContext } from "./context.ts";
import { beside, secureContext, select, tlsSocketTable } from "./socket-options.ts";
import { TlsSocket } from "./socket.ts";
import type { TlsSocketOptions } from "./wiring.ts";

export interface TlsServerOptions
  extends
    ServerContextOptions,
    Omit<TlsSocketOptions, "createConnection" | "judge">,
    Omit<net.ServerOpts, "allowHalfOpen" | "pauseOnConnect"> {
  /** Connections whose handshake is not over; one more is closed at once, and `drop` says so. Default: 1024. */
  readonly maxPendingHandshakes?: number;
  /** Options that were prepared already; those of the engine are then not to be given beside it. */
  readonly secureContext?: SecureContext<ServerContextOptions>;
}

const later = {
  blockList: check.like("a net.BlockList", "check"),
  pauseOnConnect: check.refused("call pause() on the socket"),
};

const netServerTable = {
  noDelay: check.flag,
  keepAlive: check.flag,
  keepAliveInitialDelay: check.number(0, Infinity, " milliseconds"),
  highWaterMark: check.whole(0, undefined, " bytes"),
  ...later,
} satisfies check.OptionTable<Omit<net.ServerOpts, "allowHalfOpen" | "pauseOnConnect">>;

export const tlsServerTable = {
  ...serverContextTable,
  ...tlsSocketTable,
  ...netServerTable,
  maxPendingHandshakes: check.whole(0),
  secureContext: secureContext("createServerContext"),
} satisfies check.OptionTable<TlsServerOptions>;

/**
 * A `net.Server` whose connections speak TLS, as `tls.Server` is. Any stream can be given to it by
 * emitting `connection`.
 *
 * Events beside those of a `net.Server`: `secureConnection` with a {@link TlsSocket} whose handshake is
 * over, `tlsClientError` with an error and the socket whose handshake failed, `keylog` with a line and
 * the socket. Later errors of a socket that has no listener for them come as `tlsClientError` too: no
 * peer can end the process.
 */
export class TlsServer extends net.Server {
  readonly #context: SecureContext<ServerContextOptions>;
  readonly #options: TlsServerOptions;
  readonly #limit: number;
  readonly #open = new Set<TlsSocket>();
  #pending = 0;
  #judgements = 0;

  /** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
  constructor(options: TlsServerOptions, listener?: (socket: TlsSocket) => void) {
    check.checkOptions("createServer", options, tlsServerTable);
    // TLS has a half-close of its own
    super({ noDelay: true, ...select(options, netServerTable), allowHalfOpen: true });
    const given = select(options, serverContextTable);
    this.#context = beside(options.secureContext, given) ?? createServerContext(given);
    this.#options = options;
    this.#limit = options.maxPendingHandshakes ?? 1024;
    this.on("connection", (transport: net.Socket) => this.#accept(transport));
    if (listener !== undefined) this.on("secureConnection", listener);
  }

  /** Connections whose handshake is not over. */
  get pendingHandshakes(): number {
    return this.#pending;
  }

  /**
   * Replaces credentials, trust, lists, keys of tickets or any other of the engine's options, in one step
   * and without an interruption: as {@link SecureContext.update}.
   * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work; the old ones stay
   */
  update(changes: Partial<ServerContextOptions>): void {
    this.#context.update(changes);
  }

  /**
   * Judges the clients of all open connections again, as {@link TlsSocket.judgeAgain} does; handshakes
   * that are under way are judged when they are over. Call it when certificates were revoked, or rules
   * have changed.
   * @returns the connections that were ended
   */
  async judgeAgain(): Promise<readonly TlsSocket[]> {
    this.#judgements++;
    const judged = await Promise.all(
      [...this.#open].map(async (socket) => ((await socket.judgeAgain()) ? [] : [socket])),
    );
    return judged.flat();
  }

  #accept(transport: net.Socket): void {
    if (this.#pending >= this.#limit) {
      this.emit("drop", addresses(transport));
      transport.destroy();
      return;
    }
    this.#pending++;
    const socket = new TlsSocket(transport, {
      ...select(this.#options, tlsSocketTable),
      createConnection: (wiring) => this.#context.connection(wiring),
      judge: (negotiated) => this.#context.judge(negotiated),
    });
    const judgements = this.#judgements;
    if (this.listenerCount("keylog") > 0) {
      socket.on("keylog", (line) => this.emit("keylog", line, socket));
    }
    let isPending = true;
    const settle = (): void => {
      if (isPending) this.#pending--;
      isPending = false;
    };
    socket.on("error", (error) => {
      const isUnheard = socket.listenerCount("error") === 1;
      if (isPending || isUnheard) this.emit("tlsClientError", error, socket);
    });
    socket.once("close", () => {
      settle();
      this.#open.delete(socket);
    });
    socket.once("secure", () => {
      settle();
      this.#open.add(socket);
      if (judgements === this.#judgements) this.emit("secureConnection", socket);
      else void this.#admitLate(socket);
    });
  }

  /** Began by options that were judged to be old while it ran. */
  async #admitLate(socket: TlsSocket): Promise<void> {
    if (await socket.judgeAgain()) this.emit("secureConnection", socket);
  }
}

/** Makes a {@link TlsServer}. The listener is added to `secureConnection`. */
export function createServer(
  options: TlsServerOptions,
  listener?: (socket: TlsSocket) => void,
): TlsServer {
  return new TlsServer(options, listener);
}

function addresses(socket: net.Socket): net.DropArgument {
  const { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily } = socket;
  const known = { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}
