/** Which sessions a client offers: those whose server it would still accept. */
import { AcceptedPeer } from "../../schedule/index.ts";
import { TlsError } from "../../registry/index.ts";
import type { ClientConfig } from "../config.ts";
import { type Handshake, settle } from "../coroutine.ts";
import { isExpired, type OfferedPsk } from "../psk.ts";

/** Keys that may be offered, best first, and whom each stands for now: nobody by name, if it has no entry. */
export interface JudgedSessions {
  readonly psks: readonly OfferedPsk[];
  readonly peers: ReadonlyMap<OfferedPsk, AcceptedPeer<"server">>;
}

/**
 * Judges the server of each session as it was judged when the session began, by the configuration of now:
 * trust, revocation, validity, policy. Early data leaves with the first flight, so this comes before it. What
 * is refused is not offered: there is a full handshake, which will say why.
 */
export function* judgeSessions(config: ClientConfig): Handshake<JudgedSessions> {
  const psks: OfferedPsk[] = [];
  const peers = new Map<OfferedPsk, AcceptedPeer<"server">>();
  for (const psk of config.psks) {
    // §4.7.1: only for a name that the session's server proved, and not beyond the ticket's lifetime
    const isElsewhere = psk.origin !== undefined && psk.origin.serverName !== config.serverName;
    if (isElsewhere || isExpired(psk, config.now())) continue;
    const peer = yield* judgeServer(config, psk);
    if (peer === "refused") continue;
    psks.push(psk);
    if (peer !== undefined) peers.set(psk, peer);
  }
  return { psks, peers };
}

function* judgeServer(
  config: ClientConfig,
  { origin }: OfferedPsk,
): Handshake<AcceptedPeer<"server"> | undefined | "refused"> {
  const before = origin?.peer;
  if (before === undefined) return undefined;
  const question = {
    chain: before.chain,
    rawPublicKey: before.rawPublicKey,
    usage: "server" as const,
    name: config.serverName,
    now: config.now(),
    provider: config.provider,
    resumed: true,
    before,
    ocspResponse: undefined,
    signedCertificateTimestamps: [],
  };
  try {
    return yield* settle(AcceptedPeer.ask(config.verifyServer, question));
  } catch (error) {
    if (error instanceof TlsError && error.code !== "misuse") return "refused";
    throw error;
  }
}
