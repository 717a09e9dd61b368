/** What a scenario of the catalogue predicts without saying so: the whole of what is usual. */
import type { Role } from "../../../schedule/index.ts";
import { standardEnds } from "../laboratory.ts";
import { labName } from "../lab-pki.ts";
import {
  type Agreement,
  type AttackScenario,
  type EndExpectation,
  endsOf,
  expectationOf,
} from "../scenario.ts";
import { firstRecord, places } from "./places.ts";

/** What two ends of the laboratory come to, left alone. */
export const usual: Agreement = {
  group: standardEnds.groups![0]!,
  suite: "TLS_AES_128_GCM_SHA256",
  alpn: null,
  psk: null,
  retried: false,
  earlyData: "none",
  signature: "ed25519",
  server: labName,
  client: null,
  sameBinding: true,
};

/**
 * Nothing is left unasked: where an error is and by which section, what was agreed, how often data came, and
 * that nobody finds what is not predicted.
 */
export function complete(scenario: AttackScenario): AttackScenario {
  const { agreed, findings = [] } = scenario.expect;
  const [client, server] = endsOf.map((role) => completeEnd(scenario, role));
  const opens = [client, server].some((end) => end?.outcome.startsWith("open"));
  return {
    ...scenario,
    expect: {
      client: client!,
      server: server!,
      findings,
      ...(opens ? { agreed: { ...usual, ...agreed } } : {}),
    },
  };
}

function completeEnd(scenario: AttackScenario, role: Role): EndExpectation {
  const expected = expectationOf(scenario, role);
  const place = withoutError.test(expected.outcome)
    ? {}
    : (places.get(scenario.name) ?? firstRecord);
  return { data: expected.outcome === "open" ? 1 : 0, ...place, ...expected };
}

/** Ends that have no error of their own. */
const withoutError = /^(open|waiting|absent|told)/;
