import {
  CertificateCache,
  type Connection,
  joinInMemory,
  native,
  prepareClient,
  prepareServer,
} from "../../src/node.ts";
import { type Scenario, setUp } from "../../src/lab.ts";
import { type Medium, pump, type PumpedEnd } from "../../src/connection/pump.ts";
import type { Account } from "../clock.ts";
import { type Mode, scenarioOf } from "../modes.ts";

/** What is handshaken: a scenario of the laboratory, in a mode. */
export interface Terms extends Pick<Scenario, "provider" | "group" | "suite" | "scheme"> {
  /** Default: a full handshake. */
  readonly mode?: Mode;
}

export interface Pair {
  readonly client: Connection;
  readonly server: Connection;
}

/**
 * Handshakes through the sans-I/O calls, both ends, prepared as a program would prepare them.
 * Certificates are parsed once and then known again; every signature is verified in every handshake.
 */
export function handshake(terms: Terms): () => Pair {
  const make = prepare(terms);
  return () => {
    const pair = { client: make.client(), server: make.server() };
    joinInMemory(pair.client, pair.server);
    return checked(pair);
  };
}

/** As {@link handshake}, over a network in virtual time, which is another for each. */
export function simulatedHandshake(terms: Terms, mediumOf: () => Medium): () => Pair {
  const make = prepare(terms);
  return () => {
    const pair = { client: make.client(), server: make.server() };
    pair.client.start();
    pair.server.start();
    pump(pair, { medium: mediumOf() });
    return checked(pair);
  };
}

/** Both ends wait: the client for the server's flight, which is lost, and the server for the client's second. */
export function pendingHandshake(terms: Terms): () => Pair {
  const make = prepare(terms);
  return () => {
    const [client, server] = [make.client(), make.server()];
    client.start();
    answer(server, client.takeOutput());
    return { client, server };
  };
}

/** As {@link handshake}, with what each end spends on an account of its own. */
export function accountedHandshake(
  terms: Terms,
  accounts: Readonly<Record<keyof Pair, Account>>,
): () => Pair {
  const make = prepare(terms);
  return () => {
    const client = accounts.client.charge(make.client);
    const server = accounts.server.charge(make.server);
    pump({
      client: accounted(client, accounts.client),
      server: accounted(server, accounts.server),
    });
    return checked({ client, server });
  };
}

/** To receive and to answer is one piece of work: the clock costs, too. */
function accounted(end: Connection, account: Account): PumpedEnd {
  const start = (): Uint8Array[] => {
    end.start();
    return end.takeOutput();
  };
  let output = end.role === "client" ? account.charge(start) : [];
  return {
    takeOutput: () => output.splice(0),
    receive: (bytes) => void (output = account.charge(() => answer(end, [bytes]))),
  };
}

/** Takes a flight in one piece, as from a network. */
function answer(end: Connection, flight: readonly Uint8Array[]): Uint8Array[] {
  if (end.state === "idle") end.start();
  end.receive(Buffer.concat(flight));
  return end.takeOutput();
}

/** One certificate for both providers: whoever makes it need not be the one that is measured. */
function prepare(terms: Terms): Readonly<Record<keyof Pair, () => Connection>> {
  const { provider, mode = "full", ...algorithms } = terms;
  const experiment = setUp({
    ...algorithms,
    provider: native,
    providers: { client: provider, server: provider },
    ...scenarioOf[mode],
  });
  const cache = new CertificateCache();
  const ends = [experiment.client, experiment.server];
  cache.keep(ends.flatMap(({ credentials = [] }) => credentials.flatMap(({ chain }) => chain)));
  // A full handshake verifies its chain each time; a session is judged at the price of a cache hit
  const known =
    mode === "resumed"
      ? { cache }
      : { readCertificate: (der: Uint8Array, where: string) => cache.parse(der, where) };
  const client = prepareClient({ ...experiment.client, ...known });
  const server = prepareServer({ ...experiment.server, ...known });
  return { client: () => client(), server: () => server() };
}

function checked({ client, server }: Pair): Pair {
  const error = client.error ?? server.error;
  if (error !== undefined) throw error;
  if (client.state !== "open" || server.state !== "open") throw new Error("no handshake");
  return { client, server };
}
