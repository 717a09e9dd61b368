/**
 * The probe of a server: a list of questions, each with some connections of its own, and rules that make findings of
 * what they found out. It sends no application data, and speaks to nobody but the host that it was given.
 */
import { getServers } from "node:dns";
import type { Provider } from "../crypto/index.ts";
import { native } from "../crypto/native.ts";
import type { TrustStore } from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { rootTrust } from "../transport/node/root-certificates.ts";
import { Asker } from "./asker.ts";
import { resolverOf } from "./dns/ask.ts";
import { BudgetSpent, Dialer, Unreachable } from "./dialer.ts";
import type { ProbeReport, ServerFacts } from "./facts.ts";
import { questions } from "./questions.ts";
import { findingsIn } from "./rules.ts";
import { scoreOf, verdictOf } from "./score.ts";
import { type StartTls, startTlsNames } from "./starttls.ts";

/** Whom to probe, and how gently. */
export interface ProbeOptions {
  /** A host name or an IP address. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** What is spoken before TLS. Default: nothing. */
  readonly startTls?: StartTls | undefined;
  /** For SNI, and whom the certificate must name. Default: the host. */
  readonly serverName?: string | undefined;
  /** Default: `native`. */
  readonly provider?: Provider | undefined;
  /** By which the chain is judged. Default: the certificates that Node trusts. */
  readonly trust?: TrustStore | undefined;
  /** Connections that are begun in a second, at most. Default: 20. */
  readonly rate?: number | undefined;
  /** Connections in all. Default: 200. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds for a connection, and for each answer. Default: 5000. */
  readonly timeout?: number | undefined;
  /**
   * Who is asked for the server's HTTPS record, by which browsers learn of Encrypted ClientHello: addresses of DNS
   * resolvers, with a port or without one (`192.0.2.1`, `[2001:db8::1]:5353`); the second is asked if the first does not
   * answer. Default: the system's. An empty list: nobody is asked.
   */
  readonly resolvers?: readonly string[] | undefined;
  /** Told of each question before it is asked. */
  readonly onQuestion?: ((title: string, connections: number) => void) | undefined;
}

function resolverAddress(value: unknown, where: string): asserts value is string {
  check.text(value, where);
  if (resolverOf(value as string) !== undefined) return;
  const example = "write an address, and a port behind it if it is not 53: 192.0.2.1:5353";
  throw new RangeError(`${where} is not an address of a resolver; ${example}`);
}

const checkProbe = check.complete(
  {
    host: check.text,
    port: check.whole(1, 65_535),
    startTls: check.oneOf(...startTlsNames),
    serverName: check.text,
    provider: check.like("a provider, such as noble", "kems", "hashes"),
    trust: check.like("what createTrustStore gives", "anchors"),
    rate: check.number(0.1, 10_000, " connections a second"),
    maxConnections: check.whole(1, 10_000),
    timeout: check.whole(1, 600_000, " milliseconds"),
    resolvers: check.listOf(resolverAddress),
    onQuestion: check.callable,
  } satisfies check.OptionTable<ProbeOptions>,
  "write { host, port }",
  ["host", "port"],
);

/**
 * Asks a server all that there is to know of its post-quantum TLS: about a hundred connections, one behind the other.
 * A server that cannot be reached is not an error: the report says so.
 *
 * @throws TypeError or RangeError for options that cannot be
 */
export async function probeServer(options: ProbeOptions): Promise<ProbeReport> {
  checkProbe(options, "probeServer");
  const { host, port, startTls, serverName = host } = options;
  const { provider = native, trust = rootTrust(), resolvers = getServers() } = options;
  const { rate = 20, maxConnections = 200, timeout = 5000 } = options;
  const dialer = new Dialer({ host, port, startTls }, { rate, maxConnections, timeout });
  const asker = new Asker(dialer, {
    provider,
    serverName,
    trust,
    resolvers: resolvers.flatMap((each) => resolverOf(each) ?? []),
  });
  const began = performance.now();
  const { facts, unasked } = await ask(asker, dialer, options.onQuestion);
  const isReached = facts.reach?.state === "tls";
  const findings = isReached ? findingsIn(facts) : [];
  return {
    host,
    port,
    ...(startTls === undefined ? {} : { startTls }),
    address: dialer.address ?? null,
    connections: dialer.connections,
    milliseconds: Math.round(performance.now() - began),
    verdict: isReached ? verdictOf(findings) : "not reached",
    score: isReached ? scoreOf(findings) : null,
    findings,
    facts,
    unasked,
  };
}

async function ask(
  asker: Asker,
  dialer: Dialer,
  onQuestion: ProbeOptions["onQuestion"],
): Promise<Pick<ProbeReport, "facts" | "unasked">> {
  const facts: { -readonly [Name in keyof ServerFacts]: ServerFacts[Name] } = {};
  const unasked: Record<string, string> = {};
  let over: string | undefined;
  for (const { name, title, unless, ask: put } of questions) {
    const reason = over ?? unless?.(facts, asker);
    if (reason !== undefined) {
      unasked[name] = reason;
      continue;
    }
    onQuestion?.(title, dialer.connections);
    try {
      Object.assign(facts, { [name]: await put(asker, facts) });
    } catch (error) {
      if (!(error instanceof BudgetSpent) && !(error instanceof Unreachable)) throw error;
      over =
        error instanceof BudgetSpent
          ? error.message
          : `the server cannot be reached any more: ${error.message}`;
      unasked[name] = over;
    }
  }
  return { facts, unasked };
}
