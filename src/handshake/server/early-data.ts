/** Whether a server takes early data (RFC 9846 §4.3.10, §8). */
import type { Suite } from "../../crypto/index.ts";
import type { ClientHello } from "../../messages/index.ts";
import type { ServerConfig } from "../config.ts";
import { type Handshake, settle } from "../coroutine.ts";
import type { SelectedPsk } from "./select-psk.ts";

/** What became of early data, and if nothing came of it, why. */
export type EarlyDataOutcome =
  | "none"
  | "accepted"
  | "disabled"
  | "not_resumed"
  | "not_first_psk"
  | "not_allowed_by_ticket"
  | "other_suite"
  | "other_protocol"
  | "ticket_age"
  | "replay"
  | "retried"
  | "refused_by_server";

/** Early data was offered: is it taken, and if not, why? */
export function* judgeEarlyData(
  config: ServerConfig,
  hello: ClientHello,
  selected: SelectedPsk | undefined,
  suite: Suite,
  alpn: string | undefined,
  retried: boolean,
): Handshake<EarlyDataOutcome> {
  const { pre_shared_key: psks } = hello.extensions;
  const policy = config.earlyData;
  if (policy === undefined) return "disabled";
  const origin = selected?.psk.origin;
  if (selected === undefined || origin === undefined) return "not_resumed";
  // §4.2.4: a retry refuses early data
  if (retried) return "retried";
  // §4.3.10: the first identity, and all that the ticket was issued with
  if (selected.index !== 0) return "not_first_psk";
  if (origin.maxEarlyData === 0) return "not_allowed_by_ticket";
  if (origin.suite !== suite.code) return "other_suite";
  if (origin.alpn !== alpn) return "other_protocol";
  // §8.3: not much older or younger than it says
  const now = config.now();
  const obfuscated = psks?.identities[0]?.obfuscatedTicketAge ?? 0;
  const claimedAge = (obfuscated - origin.ageAdd + 2 ** 32) % 2 ** 32;
  const sentAt = origin.issuedAt + claimedAge;
  if (Math.abs(now - sentAt) > policy.window) return "ticket_age";
  // §8.2: once; at any time at which its age would have seemed right it may have been used before
  const isFirst = yield* settle(
    policy.replayGuard.firstUse(selected.binder, {
      issuedAt: origin.issuedAt,
      earliest: sentAt - policy.window,
      now,
      until: now + 2 * policy.window,
    }),
  );
  return isFirst ? "accepted" : "replay";
}
