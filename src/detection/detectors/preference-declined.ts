import { groupCategory } from "../../groups/index.ts";
import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";
import { schemeStrength, suiteStrength } from "../strength.ts";

/**
 * What the server took is weaker than what the client put first: suite, group, signature, application
 * protocol. It may know no better; or somebody with its key took the better out of the offer, or turned it
 * round, which no check of the handshake can tell. That no post-quantum exchange was taken at all is
 * `hybrid-declined`.
 */
export function preferenceDeclined(facts: Facts): Suspicion | undefined {
  if (facts.role !== "client" || facts.negotiated === undefined) return undefined;
  const { cipherSuite, peerSignatureScheme, alpn } = facts.negotiated;
  const [[suite], [scheme], [protocol]] = [facts.suites, facts.schemes, facts.alpn];
  const bySuite = (name: string) => suiteStrength(facts.suites, name);
  const byScheme = (name: string) => schemeStrength(facts.knownSchemes, name);
  const declined = [
    groupDeclined(facts),
    suite && weaker(bySuite, suite.name, cipherSuite),
    scheme && peerSignatureScheme && weaker(byScheme, scheme.name, peerSignatureScheme),
    protocol !== undefined && protocol !== alpn
      ? taken(protocol, alpn ?? "no application protocol")
      : undefined,
  ].filter((each) => each !== undefined && each !== "");
  if (declined.length === 0) return undefined;
  return { severity: "notice", evidence: declined.join("; ") };
}

/** Another group than the first, and none that is stronger. */
function groupDeclined({ groups, negotiated }: Facts): string | undefined {
  const [first] = groups;
  const own = groups.find(({ name }) => name === negotiated?.group);
  if (first === undefined || own === undefined || own === first) return undefined;
  const [wanted, got] = [groupCategory(first), groupCategory(own)];
  return got > wanted || (got === 0 && wanted > 0) ? undefined : taken(first.name, own.name);
}

const weaker = (
  strength: (name: string) => number | undefined,
  wanted: string,
  got: string,
): string | undefined =>
  (strength(got) ?? Infinity) < (strength(wanted) ?? 0) ? taken(wanted, got) : undefined;

const taken = (wanted: string, got: string): string => `${wanted} wanted, ${got} taken`;
