/** What sockets, servers and agents have in common where options are read. */
import { judgementTable } from "../../connection/index.ts";
import * as check from "../../registry/check.ts";
import type { Role } from "../../schedule/index.ts";
import type { SecureContext } from "./context.ts";
import type { JudgeAgainOptions, TlsSocketOptions } from "./wiring.ts";

/** What a socket is told by whoever makes it; the rest is wiring. */
export const tlsSocketTable = {
  handshakeTimeout: check.number(0, Infinity, " milliseconds"),
  allowHalfOpen: check.flag,
  ignoreUnexpectedEnd: check.flag,
} satisfies check.OptionTable<Omit<TlsSocketOptions, "createConnection" | "judge" | "received">>;

/** All that a socket takes, the wiring included. */
export const checkSocket = check.complete(
  {
    ...tlsSocketTable,
    createConnection: check.callable,
    judge: check.callable,
    received: check.callable,
  } satisfies check.OptionTable<TlsSocketOptions>,
  "connect(…) and createServer(…) make one with all that it needs",
  ["createConnection"],
);

/** What says how somebody is judged again. */
export const checkJudging = check.options({
  ...judgementTable,
  timeout: check.number(1, 2 ** 31 - 1, " milliseconds"),
} satisfies check.OptionTable<JudgeAgainOptions>);

/**
 * A context of ours: OpenSSL's knows nothing of this engine.
 * @param maker of the contexts that are taken
 * @param roles whose these are
 */
export const secureContext = (maker: string, ...roles: readonly Role[]): check.Check => {
  const isOurs = check.like(`a context of kemistry: ${maker}(…)`, "connection", "update");
  return (value, where) => {
    isOurs(value, where);
    const { role } = value as SecureContext;
    if (!roles.includes(role)) {
      throw new TypeError(`${where} is a context of a ${role}; make it with ${maker}()`);
    }
  };
};

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
