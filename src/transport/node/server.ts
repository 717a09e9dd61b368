import * as net from "node:net";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import { type ServerContextOptions, serverContextTable } from "./context-options.ts";
import { createServerContext, type SecureContext, ticketsOf } from "./context.ts";
import { keptByListeners } from "./kept-sessions.ts";
import { beside, secureContext, select, tlsSocketTable } from "./socket-options.ts";
import { NamedContexts } from "./named-contexts.ts";
import { refuseEvent, refusedOfServer, refuseMethods } from "./node-members.ts";
import { PendingHandshakes } from "./pending.ts";
import type { EventName, ListenerFor, TlsServerEvents } from "./socket-events.ts";
import { TlsSocketError } from "./socket-error.ts";
import { TlsSocket } from "./socket.ts";
import { judgeAll } from "./judge-all.ts";
import { PendingMemory } from "./pending-memory.ts";
import type { JudgeAgainOptions, TlsSocketOptions } from "./wiring.ts";

/** The options of {@link createServer}: those of its connections, and how many may wait and how long. */
export interface TlsServerOptions
  extends
    ServerContextOptions,
    Omit<TlsSocketOptions, "createConnection" | "judge" | "received">,
    Omit<net.ServerOpts, "allowHalfOpen" | "pauseOnConnect"> {
  /**
   * Connections whose handshake is not over. One more takes the place of the one that has been silent for longest, or is
   * closed at once where all have sent a ClientHello; `drop` says which. Default: 1024.
   */
  readonly maxPendingHandshakes?: number;
  /**
   * How many of these may come from one address, or from one IPv6 network of 64 bits. Default: any number, since
   * behind a proxy all have one address.
   */
  readonly maxPendingPerAddress?: number;
  /**
   * Bytes of peers that may wait in all connections whose handshake is not over: begun messages, early data,
   * input while a signer is at work. Beyond them the connection that holds most fails. Default: 64 MiB.
   */
  readonly maxPendingBytes?: number;
  /**
   * Milliseconds after which a connection is ended, counted from the end of its handshake: what was written goes
   * out, then close_notify. Default: any age.
   */
  readonly maxConnectionAge?: number;
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
  maxPendingPerAddress: check.whole(1),
  maxPendingBytes: check.whole(0, undefined, " bytes"),
  maxConnectionAge: check.number(1, 2 ** 31 - 1, " milliseconds"),
  secureContext: secureContext("createServerContext", "server"),
} satisfies check.OptionTable<TlsServerOptions>;

/**
 * A `net.Server` whose connections speak TLS, as `tls.Server` is. Any stream can be given to it by
 * emitting `connection`.
 *
 * Events beside those of a `net.Server`: `secureConnection` with a {@link TlsSocket} whose handshake is
 * over, `tlsClientError` with an error and the socket whose handshake failed, `keylog` with a line and
 * the socket, `newSession` and `resumeSession` as in `node:tls`, for who keeps sessions. Later errors of a socket that has no listener for them come as `tlsClientError` too: no
 * peer can end the process.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- every method is an EventEmitter's
export class TlsServer extends net.Server {
  readonly #context: SecureContext<ServerContextOptions>;
  readonly #options: TlsServerOptions;
  readonly #pending: PendingHandshakes<TlsSocket>;
  readonly #memory: PendingMemory<TlsSocket>;
  readonly #names: NamedContexts;
  readonly #open = new Set<TlsSocket>();
  #judgements = 0;

  /** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
  constructor(options: TlsServerOptions, listener?: (socket: TlsSocket) => void) {
    check.checkOptions("createServer", options, tlsServerTable);
    // TLS has a half-close of its own
    super({ noDelay: true, ...select(options, netServerTable), allowHalfOpen: true });
    const given = select(options, serverContextTable);
    this.#context =
      beside(options.secureContext, given) ?? createServerContext(this.#offering(given));
    this.#options = options;
    this.#names = new NamedContexts(options);
    this.on("newListener", (event: string | symbol) => {
      refuseEvent("TlsServer", event);
      if (event === "newSession" || event === "resumeSession") this.#checkKeeping(event);
    });
    const { maxPendingHandshakes: total = 1024, maxPendingPerAddress: perAddress = Infinity } =
      options;
    this.#pending = new PendingHandshakes({ total, perAddress }, (socket) => {
      this.emit("drop", addresses(socket));
      socket.destroy();
    });
    const budget = options.maxPendingBytes ?? 2 ** 26;
    this.#memory = new PendingMemory(budget, (socket) =>
      socket.destroy(new TlsSocketError(tooMuch(budget))),
    );
    this.on("connection", (transport: net.Socket) => this.#accept(transport));
    if (listener !== undefined) this.on("secureConnection", listener);
  }

  /** Connections whose handshake is not over. */
  get pendingHandshakes(): number {
    return this.#pending.size;
  }

  /** Ends connections whose handshake is not over. `close()` leaves them, and serves what they then ask for. */
  closePending(): void {
    for (const socket of this.#pending.sockets) socket.destroy();
  }

  /**
   * Replaces credentials, trust, lists, keys of tickets or any other of the engine's options, in one step
   * and without an interruption: as {@link SecureContext.update}.
   * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work; the old ones stay
   */
  update(changes: Partial<ServerContextOptions>): void {
    const isOurs = this.#options.secureContext === undefined && "tickets" in changes;
    this.#context.update(this.#names.within(isOurs ? this.#offering(changes) : changes));
  }

  /** As {@link update}, under the name that `node:tls` has. */
  setSecureContext(changes: Partial<ServerContextOptions>): void {
    this.update(changes);
  }

  /**
   * Says who answers for a host name, as in `node:tls`: `*.example.org` stands for one label. The last that fits counts;
   * where none does, `SNICallback` or `identityFor` is asked, and else the server's own certificates count.
   * @param context a context, or options of one: certificates, keys, whom it trusts, and no more
   * @throws TypeError for more than that, RangeError for what is not a host name
   */
  addContext(
    hostname: string,
    context: SecureContext<ServerContextOptions> | ServerContextOptions,
  ): void {
    const own = "connection" in context ? context : createServerContext(context);
    if (this.#options.secureContext !== undefined) {
      throw new TypeError(
        "addContext: the server's context is also for others; give SNICallback to createServerContext()",
      );
    }
    own.identity();
    this.#names.add(hostname, own);
    this.#context.update(this.#names.within({}));
  }

  /**
   * Judges the clients of all open connections again, as {@link TlsSocket.judgeAgain} does; handshakes
   * that are under way are judged when they are over. Call it when certificates were revoked, or rules
   * have changed.
   * @returns the connections that were ended
   */
  async judgeAgain(options: JudgeAgainOptions = {}): Promise<readonly TlsSocket[]> {
    this.#judgements++;
    return judgeAll(this.#open, options);
  }

  /** The options with tickets that `newSession` and `resumeSession` can take the place of. */
  #offering<O extends Partial<ServerContextOptions>>(options: O): O {
    const tickets = ticketsOf(options);
    return tickets === undefined
      ? options
      : { ...options, tickets: keptByListeners(this, tickets) };
  }

  /** @throws TypeError where that never comes */
  #checkKeeping(event: string): void {
    const { secureContext: shared, tickets } = this.#options;
    const reason =
      shared !== undefined
        ? "the server's context is also for others; give `tickets: storedTickets(store)` to it"
        : tickets === false
          ? "`tickets` is false; leave that out"
          : undefined;
    if (reason !== undefined) throw new TypeError(`TlsServer: ${event} never comes: ${reason}`);
  }

  #accept(transport: net.Socket): void {
    if (!this.#pending.makeRoom(transport.remoteAddress)) {
      this.emit("drop", addresses(transport));
      transport.destroy();
      return;
    }
    const socket: TlsSocket = new TlsSocket(transport, {
      ...select(this.#options, tlsSocketTable),
      createConnection: (wiring) => this.#context.connection(wiring),
      judge: (negotiated, how) => this.#context.judge(negotiated, how),
      received: () => {
        if (this.#pending.has(socket)) this.#memory.weigh(socket);
      },
    });
    const judgements = this.#judgements;
    if (this.listenerCount("keylog") > 0) {
      socket.on("keylog", (line) => this.emit("keylog", line, socket));
    }
    this.#pending.add(socket, transport.remoteAddress);
    socket.on("error", (error) => {
      const isUnheard = socket.listenerCount("error") === 1;
      if (this.#pending.delete(socket) || isUnheard) this.emit("tlsClientError", error, socket);
    });
    socket.once("close", () => {
      this.#pending.delete(socket);
      this.#memory.forget(socket);
      this.#open.delete(socket);
    });
    socket.once("secure", () => {
      this.#pending.delete(socket);
      this.#memory.forget(socket);
      this.#open.add(socket);
      this.#endWhenOld(socket);
      if (judgements === this.#judgements) this.emit("secureConnection", socket);
      else void this.#admitLate(socket);
    });
  }

  #endWhenOld(socket: TlsSocket): void {
    const { maxConnectionAge } = this.#options;
    if (maxConnectionAge === undefined) return;
    const timer = setTimeout(() => socket.end(), maxConnectionAge).unref();
    socket.once("close", () => clearTimeout(timer));
  }

  /** Began by options that were judged to be old while it ran. */
  async #admitLate(socket: TlsSocket): Promise<void> {
    if (await socket.judgeAgain()) this.emit("secureConnection", socket);
  }
}

type Events = TlsServerEvents<TlsSocket>;

/** Listeners take what the event brings; one that takes something else does not compile. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- every method is an EventEmitter's
export interface TlsServer {
  /** As `EventEmitter.on`. */
  on<E extends EventName<Events>>(event: E, listener: ListenerFor<Events, E>): this;
  /** As `EventEmitter.once`. */
  once<E extends EventName<Events>>(event: E, listener: ListenerFor<Events, E>): this;
  /** As `EventEmitter.addListener`. */
  addListener<E extends EventName<Events>>(event: E, listener: ListenerFor<Events, E>): this;
  /** As `EventEmitter.prependListener`. */
  prependListener<E extends EventName<Events>>(event: E, listener: ListenerFor<Events, E>): this;
  /** As `EventEmitter.prependOnceListener`. */
  prependOnceListener<E extends EventName<Events>>(
    event: E,
    listener: ListenerFor<Events, E>,
  ): this;
}

/** Makes a {@link TlsServer}. The listener is added to `secureConnection`. */
export function createServer(
  options: TlsServerOptions,
  listener?: (socket: TlsSocket) => void,
): TlsServer {
  return new TlsServer(options, listener);
}

refuseMethods(TlsServer.prototype, "TlsServer", refusedOfServer);

const tooMuch = (budget: number): TlsError =>
  new TlsError("canceled", "too much waits in all handshakes together, and most of it here", {
    expected: `at most ${budget} bytes in all`,
  });

function addresses(socket: net.Socket | TlsSocket): net.DropArgument {
  const { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily } = socket;
  const known = { localAddress, localPort, localFamily, remoteAddress, remotePort, remoteFamily };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}
