/** Failures of the network and of handshakes, in words that say what to do. */
import type { Command } from "commander";
import { type Suite, suites } from "../crypto/index.ts";
import type { Group } from "../groups/index.ts";
import type { Limits } from "../record/index.ts";
import type { ErrorCode } from "../registry/index.ts";
import { tlsErrorOf } from "../transport/node/index.ts";
import { isIPv6 } from "node:net";
import { chooseGroups } from "./algorithms.ts";
import { type CandidateOptions, maxKeyOption, roomFor } from "./candidates.ts";
import { chooseAll } from "./choose.ts";
import { UsageError } from "./errors.ts";

export interface NegotiationOptions extends CandidateOptions {
  readonly group?: string;
  readonly cipher?: string;
  readonly alpn?: string;
}

/** What both ends of a connection may restrict. */
export const addNegotiationOptions = (command: Command): Command =>
  command
    .option("-g, --group <names>", "key-exchange groups, best first, with commas")
    .option("-c, --cipher <names>", "cipher suites, best first, with commas")
    .option("--alpn <names>", "application protocols, best first, with commas")
    .addOption(maxKeyOption());

/** @throws UsageError for names that do not exist */
export async function readNegotiation({
  group,
  cipher,
  alpn,
  ...candidates
}: NegotiationOptions): Promise<{
  limits?: Partial<Limits>;
  groups?: readonly Group[];
  suites?: readonly Suite[];
  alpn?: readonly string[];
}> {
  return {
    ...(group === undefined ? {} : { groups: await chooseGroups(group, candidates) }),
    ...roomFor(candidates),
    ...(cipher === undefined ? {} : { suites: chooseAll("suite", suites, cipher) }),
    ...(alpn === undefined ? {} : { alpn: alpn.split(",").map((name) => name.trim()) }),
  };
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * `host`, `host:port`, `::1`, `[::1]`, `[::1]:port`, or a URL, of which these parts are taken.
 * @returns port 443 where none is given
 * @throws UsageError
 */
export function parseTarget(target: string): Place {
  const text = target.replace(/^[a-z][a-z\d+.-]*:\/\//i, "");
  const url = `https://${isIPv6(text) ? `[${text}]` : text}`;
  if (text !== "" && !/^[/?#]/.test(text) && URL.canParse(url)) {
    const { hostname, port } = new URL(url);
    return { host: withoutBrackets(hostname), port: port === "" ? 443 : Number(port) };
  }
  throw new UsageError(`${JSON.stringify(target)} is not a server; write it as host:port`);
}

/** An address as sockets take it: `::1` for `[::1]`. */
export const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");

/** A place as it is written: `localhost:443`, `[::1]:443`. */
export const placeName = ({ host, port }: Place): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** An error of a socket or a handshake in one line that says what to do, with its code. `place` is `host:port`. */
export const explainedError = (error: Error, place: string): Error =>
  new Error(explain(error, place), {
    cause: error instanceof AggregateError ? error.errors[0] : (tlsErrorOf(error) ?? error),
  });

/** One line for an error of a socket or a handshake. `place` is `host:port`. */
export function explain(error: Error, place: string): string {
  const failed = tlsErrorOf(error);
  if (failed !== undefined) {
    const advice = adviceFor[failed.code];
    return advice === undefined ? error.message : `${error.message}; ${advice}`;
  }
  // Several addresses were tried
  const { code } = (
    error instanceof AggregateError ? error.errors[0] : error
  ) as NodeJS.ErrnoException;
  const reason = reasons[code ?? ""];
  return reason === undefined ? `${place}: ${error.message}` : `${place}: ${reason}`;
}

const adviceFor: Readonly<Partial<Record<ErrorCode, string>>> = {
  unknown_ca: "give the CA's certificate with --ca, or go on without proof by --insecure",
  wrong_name: "give the name that it is valid for with --server-name",
};

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there; is the server running, and on that port?",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "the name cannot be looked up now; is there a network?",
  ETIMEDOUT: "no answer; does a firewall stand between?",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ECONNRESET: "the other side reset the connection",
  EADDRINUSE: "the port is in use; give another with --port",
  EACCES: "this port needs privileges; give one above 1023 with --port",
  EADDRNOTAVAIL: "this machine does not have that address; give another with --host",
};
