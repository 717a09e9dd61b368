/** What is peculiar to the `openssl` tool: its arguments, what it says, where its servers listen. */
import { spawnSync } from "node:child_process";
import { AlertDescription, nameOf } from "../registry/index.ts";
import { argumentsOf, type CommandFiles, lacking, type PeerRole } from "./command.ts";
import { openssl } from "./known/openssl.ts";
import type { PeerProcess } from "./process.ts";
import type { EndSetup } from "./setup.ts";

/** `OpenSSL 3.5.7 9 Jun 2026`. @throws Error if it cannot be run */
export function opensslVersion(program: string): string {
  const { error, stdout, status } = spawnSync(program, ["version"], { encoding: "utf8" });
  if (error !== undefined || status !== 0) {
    throw new Error(`cannot run ${program}${error === undefined ? "" : `: ${error.message}`}`);
  }
  return stdout.split(" (")[0]!.trim();
}

export type Flags = Readonly<Record<string, string | number | boolean | undefined>>;

/** `true` stands alone; what is absent or `false` is not said. */
export const flags = (given: Flags): string[] =>
  Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`-${name}`] : [`-${name}`, `${value}`];
  });

/**
 * Of s_server or s_client: what its peer file says for a setup, and flags that no other peer has.
 *
 * @throws Error for a setup that it cannot be asked for
 */
export function opensslArguments(
  role: PeerRole,
  setup: EndSetup,
  at: { readonly files: CommandFiles; readonly connection?: number; readonly more: Flags },
): string[] {
  const why = lacking(openssl, role, setup);
  if (why !== undefined) throw new Error(why);
  const { files, connection = 0, more } = at;
  return [...argumentsOf(openssl, role, setup, { files, connection }), ...flags(more)];
}

/** Where s_server listens: it says `ACCEPT 127.0.0.1:port`. @throws Error with what it printed */
export async function portOf(server: PeerProcess): Promise<number> {
  return Number((await server.expect(new RegExp(openssl.server!.listens!)))[1]);
}

/**
 * How it came out of a connection: the alert that it was told, the first reason in its error queue, or
 * whether it opened and was given what the other end said.
 *
 * @param said while the connection was there
 * @param saidLater after it was left without a word, which is no matter of the scenario
 */
export function opensslOutcome(said: string, saidLater: string, message: string): string {
  const error = (text: string) => /error:[\dA-F]+:[^:\n]*:[^:\n]*:([^:\n]+)[^\n]*/.exec(text);
  const [line = "", reason] = error(said) ?? error(saidLater) ?? [];
  const isOurLeaving = reason === "unexpected eof while reading" && error(said) === null;
  const [, alert] = /SSL alert number (\d+)/.exec(line) ?? [];
  if (alert !== undefined) return `told ${nameOf(AlertDescription, Number(alert), 1)}`;
  if (reason !== undefined && !isOurLeaving) return reason;
  if (!/cipher is TLS_/i.test(saidLater)) return "waiting";
  return saidLater.includes(message) ? "open" : "open without data";
}
