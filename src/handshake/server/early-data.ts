/** Whether a server takes early data (RFC 9846 §4.3.10, §8). */
import { BoundEarlyData, type ExporterSecret } from "../../schedule/index.ts";
import type { Carrier, Cipher } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import { type Handshake, settle } from "../coroutine.ts";
import type { EarlyDataOutcome } from "../established.ts";
import type { KeyLogger } from "../key-logger.ts";
import type { ServerHellos } from "./hellos.ts";
import type { SelectedPsk } from "./select-psk.ts";

/** Is early data taken, and if not, why? */
export function* judgeEarlyData(
  config: ServerConfig,
  { hello, psk: selected, suite, retried, offersEarlyData }: ServerHellos,
  alpn: string | undefined,
): Handshake<EarlyDataOutcome> {
  if (!offersEarlyData) return "none";
  const { pre_shared_key: psks } = hello.extensions;
  const policy = config.earlyData;
  if (policy === undefined) return "disabled";
  // §4.3.10: a client must not announce it without a PSK, and still a server has three answers, of which none is
  // to refuse the connection; BoringSSL and OpenSSL skip it, too
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

/** Early data that is taken: its PSK, and the hash of the ClientHello that it came with. */
export interface AcceptedEarlyData {
  readonly psk: SelectedPsk;
  readonly helloHash: Uint8Array;
}

/** Opens the door to it. Returns the exporter that goes with it (§7.5). */
export function readEarlyData(
  link: Carrier<"server">,
  cipher: Cipher,
  { psk, helloHash }: AcceptedEarlyData,
  keyLog: KeyLogger,
): ExporterSecret {
  const bound = BoundEarlyData.of(psk.authentication, helloHash);
  const exporter = psk.early.earlyExporter(helloHash);
  keyLog.early(bound.secret, exporter);
  link.readEarlyData(cipher, bound, psk.psk.origin?.maxEarlyData ?? 0);
  return exporter;
}
