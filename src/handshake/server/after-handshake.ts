/** What a server does after the handshake: tickets, key updates, answers to its requests (RFC 9846 §4.7). */
import type { PeerIdentity } from "../../schedule/index.ts";
import { decompressCertificate } from "../authentication/certificate-compression.ts";
import type { OpenCarrier } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import { expect, type Handshake, settle } from "../coroutine.ts";
import type { Established } from "../established.ts";
import { followKeyUpdate } from "../key-update.ts";
import type { LaterCertificate, LaterRequests } from "./later-requests.ts";
import { sendTickets } from "./send-tickets.ts";

/** Ends only with the connection. `onPeer` gets whom a client proves to be, or that it declined; it may refuse. */
export function* serverAfterHandshake(
  config: ServerConfig,
  link: OpenCarrier,
  established: Established,
  requests: LaterRequests,
  onPeer: (peer: PeerIdentity | undefined) => void | PromiseLike<void>,
): Handshake<never> {
  yield* sendTickets(config, link, established);
  for (;;) yield* takeMessage(config, link, established, requests, onPeer);
}

/** One message, or the answer to one request. */
function* takeMessage(
  config: ServerConfig,
  link: OpenCarrier,
  established: Established,
  requests: LaterRequests,
  onPeer: (peer: PeerIdentity | undefined) => void | PromiseLike<void>,
): Handshake<void> {
  const answer = yield* readMessage(config, link, established, requests);
  if (answer !== undefined) yield* settle(onPeer(yield* requests.finish(answer)));
}

/** Does what needs no more, and gives the beginning of an answer. */
function* readMessage(
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
