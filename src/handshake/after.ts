/** What comes after the handshake: tickets and key updates (RFC 9846 §4.7). */
import { hashNameIn } from "../crypto/index.ts";
import { checkPlaceOfOwn } from "../extensions/index.ts";
import type { Extensions, Message } from "../messages/index.ts";
import { KeyUpdateRequest, nameOf, TlsError } from "../registry/index.ts";
import { type PeerIdentity, SecretOwner } from "../schedule/index.ts";
import { Reader } from "../wire/index.ts";
import { decompressCertificate } from "./authentication/certificate-compression.ts";
import type { ClientConfig, ServerConfig } from "./config.ts";
import { expect, type Handshake, settle } from "./coroutine.ts";
import type { Established } from "./established.ts";
import { chooseGrease } from "./grease.ts";
import {
  answerLaterRequest,
  type LaterCertificate,
  type LaterRequest,
  type LaterRequests,
  readLaterRequest,
} from "./authentication/later-authentication.ts";
import { type OpenCarrier, send } from "./carrier.ts";
import type { OfferedPsk, SessionOrigin } from "./psk.ts";

const sevenDays = 7 * 24 * 60 * 60;
/** Bytes; the extensions of the ClientHello that brings it back share 2^16 - 1 with it. */
const longestTicket = 0xf000;

/** Ends only with the connection. `onSession` gets what each ticket allows to resume. */
export function* clientAfterHandshake(
  config: ClientConfig,
  link: OpenCarrier,
  established: Established,
  onSession: (session: OfferedPsk) => void,
): Handshake<never> {
  const state = { requests: 0, onSession };
  for (;;) yield* heedServer(config, link, established, state);
}

/** What is kept from message to message. */
interface Heeding {
  /** That were answered. */
  requests: number;
  readonly onSession: (session: OfferedPsk) => void;
}

/** One message, in frames of their own: nothing of it stays while the next is awaited, or an answer is signed. */
function* heedServer(
  config: ClientConfig,
  link: OpenCarrier,
  established: Established,
  state: Heeding,
): Handshake<void> {
  const request = yield* expectFromServer(config, link, established, state);
  if (request !== undefined) yield* answerLaterRequest(config, link, request);
}

/** Does what needs no answer, and gives a request that does. */
function* expectFromServer(
  config: ClientConfig,
  link: OpenCarrier,
  established: Established,
  state: Heeding,
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

/** Ends only with the connection. `onPeer` gets whom a client proves to be, or that it declined; it may refuse. */
export function* serverAfterHandshake(
  config: ServerConfig,
  link: OpenCarrier,
  established: Established,
  requests: LaterRequests,
  onPeer: (peer: PeerIdentity | undefined) => void | PromiseLike<void>,
): Handshake<never> {
  yield* sendTickets(config, link, established);
  for (;;) yield* heedClient(config, link, established, requests, onPeer);
}

/** One message, or the answer to one request. */
function* heedClient(
  config: ServerConfig,
  link: OpenCarrier,
  established: Established,
  requests: LaterRequests,
  onPeer: (peer: PeerIdentity | undefined) => void | PromiseLike<void>,
): Handshake<void> {
  const answer = yield* expectFromClient(config, link, established, requests);
  if (answer !== undefined) yield* settle(onPeer(yield* requests.finish(answer)));
}

/** Does what needs no more, and gives the beginning of an answer. */
function* expectFromClient(
  config: ServerConfig,
  link: OpenCarrier,
  established: Established,
  requests: LaterRequests,
): Handshake<LaterCertificate | undefined> {
  const message = yield* expect("key_update", "certificate", "compressed_certificate");
  if (message.type === "key_update") {
    followKeyUpdate(link, message);
    return undefined;
  }
  const certificate =
    message.type === "certificate" ? message : decompressCertificate(config, message);
  return requests.begin(certificate, established);
}

const tooManyRequests = ({ limits }: ClientConfig): TlsError =>
  new TlsError("too_many_records", "too many requests for a certificate after the handshake", {
    expected: `at most ${limits.certificateRequests}`,
    where: "certificate_request",
    section: "RFC 9846 §4.7.2",
  });

function followKeyUpdate(link: OpenCarrier, { body }: Message<"key_update">): void {
  // §4.7.3: no other values
  if (body.requestUpdate > KeyUpdateRequest.update_requested) {
    throw new TlsError("illegal_parameter", "an unknown KeyUpdateRequest", {
      received: nameOf(KeyUpdateRequest, body.requestUpdate, 2),
      where: "key_update.requestUpdate",
      section: "RFC 9846 §4.7.3",
    });
  }
  link.followKeyUpdate(body.requestUpdate);
}

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

/** §4.7.1: right after the handshake, if the client can use them. Nothing else comes of the resumption secret. */
function* sendTickets(
  config: ServerConfig,
  link: OpenCarrier,
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
  link: OpenCarrier,
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

type Ticketed = Omit<SessionOrigin, "lifetime" | "ageAdd" | "maxEarlyData">;

function originOf({ suite, negotiated }: Established, now: number): Ticketed {
  const { serverName, alpn, group, postQuantum, peer, peerSignatureScheme } = negotiated;
  return {
    suite: suite.code,
    serverName,
    alpn,
    group,
    postQuantum,
    peer,
    peerSignatureScheme,
    issuedAt: now,
    authenticatedAt: negotiated.origin?.authenticatedAt ?? negotiated.origin?.issuedAt ?? now,
  };
}

/**
 * §4.7.1: seven days after the last full handshake, tickets of tickets are over too; and no session outlives
 * the certificate that its peer was known by.
 */
function secondsLeft({ issuedAt, authenticatedAt = issuedAt, peer }: Ticketed): number {
  const ofTickets = sevenDays - Math.ceil((issuedAt - authenticatedAt) / 1000);
  const end = peer?.chain[0]?.notAfter ?? Infinity;
  return Math.max(0, Math.min(ofTickets, Math.floor((end - issuedAt) / 1000)));
}
