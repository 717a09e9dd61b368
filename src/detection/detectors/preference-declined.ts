import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { groupStrength, schemeStrength, suiteStrength } from "../strength.ts";

/**
 * What the server took is weaker than what the client put first: suite, ML-KEM's parameters, signature,
 * application protocol. It may know no better; or somebody with its key took the better out of the offer,
 * which no check of the handshake can tell. That no post-quantum exchange was taken at all is
 * `hybrid-declined`.
 */
export function preferenceDeclined(facts: Facts): Finding | undefined {
  const { role, negotiated, alpn } = facts;
  if (role !== "client" || negotiated === undefined) return undefined;
  const declined = measured(facts)
    .filter(({ wanted, taken }) => (taken.strength ?? Infinity) < (wanted.strength ?? 0))
    .map(({ wanted, taken }) => `${wanted.name} wanted, ${taken.name} taken`);
  const [protocol] = alpn;
  if (protocol !== undefined && protocol !== negotiated.alpn) {
    declined.push(`${protocol} wanted, ${negotiated.alpn ?? "no application protocol"} taken`);
  }
  if (declined.length === 0) return undefined;
  return { kind: "preference-declined", severity: "notice", evidence: declined.join("; ") };
}

interface Measured {
  readonly name: string;
  readonly strength: number | undefined;
}

function measured({ groups, suites, schemes, negotiated }: Facts): {
  readonly wanted: Measured;
  readonly taken: Measured;
}[] {
  const pairs = [];
  const [[group], [suite], [scheme]] = [groups, suites, schemes];
  const { peerSignatureScheme, cipherSuite, postQuantum } = negotiated!;
  const taken = groups.find(({ name }) => name === negotiated!.group);
  if (postQuantum && group !== undefined && taken !== undefined) {
    pairs.push({ wanted: ofGroup(group), taken: ofGroup(taken) });
  }
  if (suite !== undefined) pairs.push({ wanted: ofSuite(suite.name), taken: ofSuite(cipherSuite) });
  if (scheme !== undefined && peerSignatureScheme !== undefined) {
    pairs.push({ wanted: ofScheme(scheme.name), taken: ofScheme(peerSignatureScheme) });
  }
  return pairs;
}

const ofGroup = (group: Facts["groups"][number]): Measured => ({
  name: group.name,
  strength: groupStrength(group),
});
const ofSuite = (name: string): Measured => ({ name, strength: suiteStrength(name) });
const ofScheme = (name: string): Measured => ({ name, strength: schemeStrength(name) });
