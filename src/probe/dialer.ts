/** Opens the probe's connections: one behind the other, not faster than agreed, and not more of them. */
import { connect, type Socket } from "node:net";
import { Line } from "./line.ts";
import { startTls, type StartTls } from "./starttls.ts";

/** Whom to connect to. */
export interface Target {
  /** A host name or an IP address. */
  readonly host: string;
  readonly port: number;
  readonly startTls?: StartTls | undefined;
}

/** How hard a server is asked. */
export interface Pace {
  /** Connections that are begun in a second, at most. */
  readonly rate: number;
  /** Connections in all. */
  readonly maxConnections: number;
  /** Milliseconds for a connection to be there, and for each answer. */
  readonly timeout: number;
}

/** There is no connection. `code` is the system's, such as ECONNREFUSED, or ETIMEDOUT. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** All connections that were agreed are used up. */
export class BudgetSpent extends Error {
  override readonly name = "BudgetSpent";
}

/** Bytes that one connection may bring. */
const mostReceived = 4 * 1024 * 1024;

export class Dialer {
  readonly target: Target;
  readonly pace: Pace;
  /** Connections so far, those included that never were. */
  connections = 0;
  /** The address of the last connection. */
  address: string | undefined;
  #next = 0;

  constructor(target: Target, pace: Pace) {
    this.target = target;
    this.pace = pace;
  }

  /**
   * A connection on which the server awaits a ClientHello.
   * @throws Unreachable, StartTlsRefused, BudgetSpent
   */
  async open(): Promise<Line> {
    const { rate, maxConnections, timeout } = this.pace;
    if (this.connections >= maxConnections) {
      throw new BudgetSpent(`${maxConnections} connections are used up`);
    }
    this.connections++;
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + 1000 / rate;
    if (at > now) await pause(at - now);
    const socket = await this.#connect();
    this.address = socket.remoteAddress ?? this.address;
    const line = new Line(socket, mostReceived);
    const { startTls: protocol, host } = this.target;
    if (protocol === undefined) return line;
    try {
      await startTls(line, protocol, host, timeout);
      return line;
    } catch (error) {
      line.close();
      throw error;
    }
  }

  #connect(): Promise<Socket> {
    const { host, port } = this.target;
    const { timeout } = this.pace;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new Unreachable("ETIMEDOUT", `no connection in ${timeout / 1000} seconds`));
      }, timeout);
      const failed = (error: NodeJS.ErrnoException): void => {
        clearTimeout(timer);
        // Several addresses were tried
        const first = (
          error instanceof AggregateError ? error.errors[0] : error
        ) as NodeJS.ErrnoException;
        reject(new Unreachable(first.code ?? "UNKNOWN", first.message));
      };
      socket.once("error", failed);
      socket.once("connect", () => {
        clearTimeout(timer);
        socket.off("error", failed);
        // Until the line listens
        socket.on("error", () => {});
        resolve(socket);
      });
    });
  }
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
