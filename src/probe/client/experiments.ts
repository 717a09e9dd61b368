/** What a client is put to, connection by connection: experiments as data. */
import { suites } from "../../crypto/index.ts";
import { groups } from "../../groups/index.ts";
import type { Negotiated } from "../../handshake/index.ts";
import type { ServerOptions } from "../../connection/index.ts";
import type { ClientFacts } from "./hello-facts.ts";

/** One connection of a client, and what is learned from it. */
export interface ClientExperiment {
  readonly name: string;
  /** How this connection's server differs from the ordinary one. */
  readonly options: Partial<ServerOptions>;
  /** It gives tickets, and takes them back. */
  readonly tickets: boolean;
  /** What came about, in a few words. */
  conclude(negotiated: Negotiated, hello: ClientFacts): string;
}

/** What came of an experiment. */
export interface ExperimentFact {
  /** The experiment's name. */
  readonly name: string;
  /** The client did what it should. */
  readonly passed: boolean;
  /** What it did, in a few words. */
  readonly outcome: string;
}

const ordinary: ClientExperiment = {
  name: "as it comes",
  options: {},
  tickets: true,
  conclude: ({ group, cipherSuite, alpn }) =>
    [group ?? "no key exchange", cipherSuite, ...(alpn === undefined ? [] : [alpn])].join(", "),
};

const session: ClientExperiment = {
  name: "the same server again",
  options: {},
  tickets: true,
  conclude: ({ resumed, group }, { resumes }) => {
    if (!resumes) return "offers no session";
    return resumed ? `resumes with ${group ?? "no key exchange"}` : "its session was not taken";
  },
};

/** All that there is to try with a client that offers this. */
export function experimentsFor(hello: ClientFacts): ClientExperiment[] {
  const offered = hello.groups.filter((name) => groups.some((group) => group.name === name));
  const shared = hello.shares.map(({ group }) => group);
  const unshared = offered.find((name) => !shared.includes(name));
  return [
    ordinary,
    ...(unshared === undefined ? [] : [retryTo(unshared)]),
    ...offered.filter((name) => name !== unshared).map(onlyGroup),
    ...suites.filter(({ name }) => hello.suites.includes(name)).map(({ name }) => onlySuite(name)),
    session,
  ];
}

const retryTo = (group: string): ClientExperiment => ({
  name: `asked again for ${group}`,
  options: { groups: [group], retryCookie: true },
  tickets: false,
  conclude: ({ retried }) => (retried ? "obeys, and brings the cookie back" : "had its share"),
});

const onlyGroup = (group: string): ClientExperiment => ({
  name: `only ${group}`,
  options: { groups: [group] },
  tickets: false,
  conclude: ({ retried }) => (retried ? "accepts, after a HelloRetryRequest" : "accepts"),
});

const onlySuite = (suite: string): ClientExperiment => ({
  name: `only ${suite}`,
  options: { suites: [suite] },
  tickets: false,
  conclude: () => "accepts",
});
