/** Failures of the network and of handshakes, in words that say what to do. */
import type { Command } from "commander";
import { type Suite, suites } from "../crypto/index.ts";
import { type Group, groups } from "../groups/index.ts";
import { TlsError } from "../registry/index.ts";
import { chooseAll } from "./choose.ts";

export interface NegotiationOptions {
  readonly group?: string;
  readonly cipher?: string;
  readonly alpn?: string;
}

/** What both ends of a connection may restrict. */
export const addNegotiationOptions = (command: Command): Command =>
  command
    .option("-g, --group <names>", "key-exchange groups, best first, with commas")
    .option("-c, --cipher <names>", "cipher suites, best first, with commas")
    .option("--alpn <names>", "application protocols, best first, with commas");

/** @throws UsageError for names that do not exist */
export function readNegotiation({ group, cipher, alpn }: NegotiationOptions): {
  groups?: readonly Group[];
  suites?: readonly Suite[];
  alpn?: readonly string[];
} {
  return {
    ...(group === undefined ? {} : { groups: chooseAll("group", groups, group) }),
    ...(cipher === undefined ? {} : { suites: chooseAll("suite", suites, cipher) }),
    ...(alpn === undefined ? {} : { alpn: alpn.split(",").map((name) => name.trim()) }),
  };
}

/** One line for an error of a socket or a handshake. `place` is `host:port`. */
export function explain(error: Error, place: string): string {
  if (error instanceof TlsError) {
    const advice = adviceFor[error.code];
    return advice === undefined ? error.message : `${error.message}; ${advice}`;
  }
  // Several addresses were tried
  const { code } = (
    error instanceof AggregateError ? error.errors[0] : error
  ) as NodeJS.ErrnoException;
  const reason = reasons[code ?? ""];
  return reason === undefined ? `${place}: ${error.message}` : `${place}: ${reason}`;
}

const adviceFor: Readonly<Partial<Record<TlsError["code"], string>>> = {
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
