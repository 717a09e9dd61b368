import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";
import { lostOffers } from "../history.ts";
import { categoryOf } from "../strength.ts";

/** How long an offer without an answer is held against the next: an hour, in milliseconds. */
export const fallbackPeriod = 60 * 60 * 1000;

/**
 * Offers of a stronger key exchange came to nothing before the peer had proved itself, and now less is
 * offered. A middlebox may not take a ClientHello of two segments; or somebody drops it, or answers it with
 * an alert or a page that anybody can write, so that the client falls back.
 */
export function fallback({ role, now, groups, helloBytes, past }: Facts): Suspicion | undefined {
  if (role !== "client") return undefined;
  const offered = categoryOf(groups);
  const lost = lostOffers(past).filter(
    ({ offeredCategory, at }) => offeredCategory > offered && now - at < fallbackPeriod,
  );
  const [first] = lost;
  if (first === undefined) return undefined;
  const times = lost.length === 1 ? "once" : `${lost.length} times`;
  const sizes = helloBytes > 0 ? `; now ${helloBytes} bytes are sent` : "";
  return {
    severity: "alarm",
    evidence: `a ClientHello of ${first.helloBytes} bytes with a key exchange of category ${first.offeredCategory} failed ${times} before the server had proved itself${sizes}, with ${offered === 0 ? "classical groups only" : `category ${offered}`}`,
  };
}
