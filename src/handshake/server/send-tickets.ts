/** A server's tickets (RFC 9846 §4.7.1). */
import { hashNameIn } from "../../crypto/index.ts";
import type { Extensions } from "../../messages/index.ts";
import { SecretOwner } from "../../schedule/index.ts";
import { Reader } from "../../wire/index.ts";
import { type Carrier, send } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import { type Handshake, settle } from "../coroutine.ts";
import type { Established } from "../established.ts";
import { chooseGrease } from "../grease.ts";
import { originOf, secondsLeft } from "../session.ts";

/** Bytes; the extensions of the ClientHello that brings it back share 2^16 - 1 with it. */
const longestTicket = 0xf000;

/** §4.7.1: right after the handshake, if the client can use them. Nothing else comes of the resumption secret. */
export function* sendTickets(
  config: ServerConfig,
  link: Carrier,
  established: Established,
): Handshake<void> {
  const owner = new SecretOwner();
  try {
    yield* issueTickets(config, link, established, owner);
  } finally {
    owner.wipe();
    established.resumption.wipe();
  }
}

function* issueTickets(
  config: ServerConfig,
  link: Carrier,
  established: Established,
  owner: SecretOwner,
): Handshake<void> {
  const { tickets, provider } = config;
  const maxEarlyData = config.earlyData?.maxSize ?? 0;
  if (tickets === undefined || !established.postHandshake.wantsTickets) return;
  const origin = originOf(established, config.now());
  const lifetime = Math.min(tickets.lifetime, secondsLeft(origin));
  if (lifetime === 0) return;
  const count = established.negotiated.resumed ? Math.min(1, tickets.count) : tickets.count;
  for (let index = 0; index < count; index++) {
    const ticketNonce = Uint8Array.of(index);
    const ageAdd = new Reader(provider.random(4)).uint(4);
    const ticket = yield* settle(
      tickets.issue({
        secret: owner.hold(established.resumption.psk(ticketNonce)),
        hash: hashNameIn(established.suite),
        kind: "resumption",
        origin: { ...origin, lifetime, ageAdd, maxEarlyData },
      }),
    );
    // A client's long chain in it, say: nobody could send it back
    if (ticket.length > longestTicket) return;
    send(link, "new_session_ticket", {
      ticketLifetime: lifetime,
      ticketAgeAdd: ageAdd,
      ticketNonce,
      ticket,
      extensions: ticketExtensions(config, maxEarlyData),
    });
  }
}

function ticketExtensions(
  config: ServerConfig,
  maxEarlyData: number,
): Extensions<"new_session_ticket"> {
  const extensions: Extensions<"new_session_ticket"> = {};
  if (maxEarlyData > 0) extensions.early_data = maxEarlyData;
  // RFC 8701 §4.2
  if (config.grease)
    extensions[chooseGrease(config.provider.random).extensions[0]] = new Uint8Array(0);
  return extensions;
}
