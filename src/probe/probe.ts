/**
 * The probe of a server: a list of questions, each with some connections of its own, and rules that make findings of
 * what they found out. It sends no application data, and speaks to nobody but the host that it was given.
 */
import type { Provider } from "../crypto/index.ts";
import type { TrustStore } from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { Asker } from "./asker.ts";
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
  readonly port: number;
  /** What is spoken before TLS. Default: nothing. */
  readonly startTls?: StartTls | undefined;
  /** For SNI, and whom the certificate must name. Default: the host. */
  readonly serverName?: string | undefined;
  readonly provider: Provider;
  /** By which the chain is judged. Default: it is not. */
  readonly trust?: TrustStore | undefined;
  /** Connections that are begun in a second, at most. Default: 20. */
  readonly rate?: number | undefined;
  /** Connections in all. Default: 200. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds for a connection, and for each answer. Default: 5000. */
  readonly timeout?: number | undefined;
  /** Told of each question before it is asked. */
  readonly onQuestion?: ((title: string, connections: number) => void) | undefined;
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
    onQuestion: check.callable,
  } satisfies check.OptionTable<ProbeOptions>,
  "write { host, port, provider }",
  ["host", "port", "provider"],
);

/**
 * Asks a server all that there is to know of its post-quantum TLS: about a hundred connections, one behind the other.
 * A server that cannot be reached is no error: the report says so.
 *
 * @throws TypeError or RangeError for options that cannot be
 */
export async function probeServer(options: ProbeOptions): Promise<ProbeReport> {
  checkProbe(options, "probeServer");
  const { host, port, startTls, provider, trust, serverName = host } = options;
  const { rate = 20, maxConnections = 200, timeout = 5000 } = options;
  const dialer = new Dialer({ host, port, startTls }, { rate, maxConnections, timeout });
  const asker = new Asker(dialer, { provider, serverName, trust });
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
    const reason = over ?? unless?.(facts);
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
