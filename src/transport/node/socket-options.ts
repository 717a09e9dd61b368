/** What sockets, servers and agents have in common where options are read. */
import type { Connection } from "../../connection/index.ts";
import type { Negotiated } from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";
import type { SecureContext } from "./context.ts";

/** What a TLS socket has to hear from the connection that it drives. */
export interface Wiring {
  readonly onProgress: () => void;
  readonly keyLog?: (line: string) => void;
}

export interface TlsSocketOptions {
  /** Makes the connection; called once, when the transport is connected. */
  readonly createConnection: (wiring: Wiring) => Connection;
  /** Judges the peer of the open connection again; rejects if it is not accepted any more. */
  readonly judge?: (negotiated: Negotiated) => Promise<string | undefined>;
  /** Milliseconds from the transport's connection to the end of the handshake. Default: 10 000; 0 waits forever. */
  readonly handshakeTimeout?: number;
  /** Lets us go on sending after the peer has sent all. Default: false, as in `node:net`. */
  readonly allowHalfOpen?: boolean;
}

/** What a socket is told by whoever makes it; the rest is wiring. */
export const tlsSocketTable = {
  handshakeTimeout: check.number(0, Infinity, " milliseconds"),
  allowHalfOpen: check.flag,
} satisfies check.OptionTable<Omit<TlsSocketOptions, "createConnection" | "judge">>;

/** A context of ours: OpenSSL's knows nothing of this engine. */
export const secureContext = (maker: string): check.Check =>
  check.like(`a context of kemistry: ${maker}(…)`, "connection", "update");

/** The options that are there and in the table; `null` is as good as absent to `node:http`. */
export function select<T extends object, K extends string>(
  from: T,
  table: Readonly<Record<K, unknown>>,
): Pick<T, K & keyof T> {
  const there = Object.entries(from).filter(
    ([name, value]) => Object.hasOwn(table, name) && value !== undefined && value !== null,
  );
  return Object.fromEntries(there) as Pick<T, K & keyof T>;
}

/**
 * The context, beside which nothing may be said that it holds already.
 * @throws TypeError that names the option
 */
export function beside<O>(context: SecureContext<O> | undefined, given: object) {
  const [name] = Object.keys(given);
  if (context === undefined || name === undefined) return context;
  throw new TypeError(
    `${name} stands beside secureContext, which has all of these already; give it to the context`,
  );
}
