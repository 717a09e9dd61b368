/** Policies as data: which identities may call which. */
import * as check from "../registry/check.ts";
import { parseSpiffeId } from "../identity/index.ts";
import { type AuthorizationQuestion, type Authorize, describePeer } from "./authorize.ts";

/**
 * Lets `from` call `to`. Both are SPIFFE IDs, or patterns that end in `/*` and stand for every ID below
 * that path: `spiffe://example.org/billing/*`. There are no other wildcards.
 */
export interface Rule {
  /** Who connects. */
  readonly from: string;
  /** Who accepts the connection. Default: whoever has these rules. */
  readonly to?: string;
  /** What the client is to the server. Absent: allowed, and nothing more is said. */
  readonly role?: string;
  /** The key exchange must be post-quantum too. Default: false. */
  readonly postQuantum?: boolean;
}

const rulesTable = check.listOf(
  check.complete(
    {
      from: check.text,
      to: check.text,
      role: check.text,
      postQuantum: check.flag,
    } satisfies check.OptionTable<Rule>,
    "write { from }",
    ["from"],
  ),
);

/**
 * Decides by rules: what none allows is refused, and the first that fits gives the role. The same rules
 * serve both ends: a server looks its client up under `from`, a client its server under `to`.
 *
 * @throws TlsError `misuse` for what is neither a SPIFFE ID nor a pattern, TypeError for what is not a rule
 */
export function allow(rules: readonly Rule[]): Authorize {
  rulesTable(rules, "allow: rules");
  const compiled = rules.map((rule) => ({
    rule,
    isFrom: matcher(rule.from),
    isTo: rule.to === undefined ? undefined : matcher(rule.to),
  }));
  return (question) => {
    const { role, self, spiffeId, postQuantum } = question;
    if (spiffeId === undefined) return { refused: `${describePeer(question)} has no SPIFFE ID` };
    const [from, to] = role === "server" ? [spiffeId, self] : [self, spiffeId];
    const fitting = compiled.filter(
      ({ isFrom, isTo }) =>
        from !== undefined &&
        isFrom(from) &&
        (isTo === undefined ? isOwn(question) : to !== undefined && isTo(to)),
    );
    const found = fitting.find(({ rule }) => postQuantum || rule.postQuantum !== true);
    if (found !== undefined) {
      return found.rule.role === undefined ? true : { role: found.rule.role };
    }
    const pair = `${from ?? "a client without a SPIFFE ID"} to call ${to ?? "this server"}`;
    return {
      refused:
        fitting.length === 0
          ? `no rule allows ${pair}`
          : `only a post-quantum key exchange allows ${pair}`,
    };
  };
}

/** A rule without `to` is a server's own. */
const isOwn = ({ role }: AuthorizationQuestion): boolean => role === "server";

function matcher(pattern: string): (id: string) => boolean {
  if (!pattern.endsWith("/*")) {
    const { text } = parseSpiffeId(pattern);
    return (id) => id === text;
  }
  const { text } = parseSpiffeId(pattern.slice(0, -2));
  return (id) => id.startsWith(`${text}/`);
}
