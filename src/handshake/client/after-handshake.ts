/** What a client does after the handshake: tickets, key updates, requests for a certificate (RFC 9846 §4.7). */
import { hashNameIn } from "../../crypto/index.ts";
import { checkPlaceOfOwn } from "../../extensions/index.ts";
import type { Message } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import type { OpenCarrier } from "../carrier.ts";
import type { ClientConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";
import type { Established } from "../established.ts";
import { followKeyUpdate } from "../key-update.ts";
import type { OfferedPsk } from "../psk.ts";
import { originOf, secondsLeft } from "../session.ts";
import { answerLaterRequest, type LaterRequest, readLaterRequest } from "./later-request.ts";

/** Ends only with the connection. `onSession` gets what each ticket allows to resume. */
export function* clientAfterHandshake(
  config: ClientConfig,
  link: OpenCarrier,
  established: Established,
  onSession: (session: OfferedPsk) => void,
): Handshake<never> {
  const state = { requests: 0, onSession };
  for (;;) yield* takeMessage(config, link, established, state);
}

/** What is kept from message to message. */
interface Kept {
  /** Requests for a certificate that were answered. */
  requests: number;
  readonly onSession: (session: OfferedPsk) => void;
}

/** One message, in frames of their own: nothing of it stays while the next is awaited, or an answer is signed. */
function* takeMessage(
  config: ClientConfig,
  link: OpenCarrier,
  established: Established,
  state: Kept,
): Handshake<void> {
  const request = yield* readMessage(config, link, established, state);
  if (request !== undefined) yield* answerLaterRequest(config, link, request);
}

/** Does what needs no answer, and gives a request that does. */
function* readMessage(
  config: ClientConfig,
  link: OpenCarrier,
  established: Established,
  state: Kept,
): Handshake<LaterRequest | undefined> {
  const message = yield* expect("new_session_ticket", "key_update", "certificate_request");
  if (message.type === "certificate_request") {
    if (++state.requests > config.limits.certificateRequests) throw tooManyRequests(config);
    return readLaterRequest(config, established, message);
  }
  if (message.type === "key_update") followKeyUpdate(link, message);
  else {
    const session = readTicket(config, established, message);
    if (session !== undefined) state.onSession(session);
  }
  return undefined;
}

const tooManyRequests = ({ limits }: ClientConfig): TlsError =>
  new TlsError("too_many_records", "too many requests for a certificate after the handshake", {
    expected: `at most ${limits.certificateRequests}`,
    where: "certificate_request",
    section: "RFC 9846 §4.7.2",
  });

/** §4.7.1; nothing for a ticket that ends at once. */
function readTicket(
  config: ClientConfig,
  established: Established,
  { body }: Message<"new_session_ticket">,
): OfferedPsk | undefined {
  checkPlaceOfOwn(config.extensions, "new_session_ticket", body.extensions);
  const origin = originOf(established, config.now());
  const lifetime = Math.min(body.ticketLifetime, secondsLeft(origin));
  if (lifetime === 0) return undefined;
  return {
    identity: body.ticket,
    secret: established.resumption.psk(body.ticketNonce),
    hash: hashNameIn(established.suite),
    kind: "resumption",
    origin: {
      ...origin,
      // An address too, which no SNI can say
      serverName: config.serverName,
      lifetime,
      ageAdd: body.ticketAgeAdd,
      maxEarlyData: body.extensions.early_data ?? 0,
    },
  };
}
