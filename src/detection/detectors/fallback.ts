import { isPostQuantum } from "../../groups/index.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** How long an offer without an answer is remembered: an hour, in milliseconds. */
export const fallbackPeriod = 60 * 60 * 1000;

/**
 * Offers with a post-quantum share got no answer, and now one without is made: a middlebox that cannot
 * take a ClientHello of two segments, or somebody who drops it, so that the client falls back.
 */
export function fallback({ role, now, groups, helloBytes, past }: Facts): Finding | undefined {
  if (role !== "client" || groups.some(isPostQuantum)) return undefined;
  const lastOpen = past.findLastIndex(({ outcome }) => outcome === "open");
  const lost = past
    .slice(lastOpen + 1)
    .filter(
      ({ outcome, offeredPostQuantum, at }) =>
        outcome === "unanswered" && offeredPostQuantum && now - at < fallbackPeriod,
    );
  const [first] = lost;
  if (first === undefined) return undefined;
  const times = lost.length === 1 ? "once" : `${lost.length} times`;
  const sizes = helloBytes > 0 ? `; now ${helloBytes} bytes are sent` : "";
  return {
    kind: "fallback",
    severity: "alarm",
    evidence: `a ClientHello of ${first.helloBytes} bytes with a post-quantum group stayed without an answer ${times}${sizes}, with classical groups only`,
  };
}
