/** How a server learns who the client is (RFC 9846 §4.5). */
import { TlsError } from "../../registry/index.ts";
import { PeerAuthentication, type Transcript } from "../../schedule/index.ts";
import {
  authenticatePeer,
  expectCertificate,
  type PeerFlight,
  type PresentedPeer,
  type ProvenPeer,
  readPeer,
} from "../authentication/peer-flight.ts";
import type { ServerConfig } from "../config.ts";
import type { Handshake } from "../coroutine.ts";
import type { AskedOfClient } from "./parameters.ts";
import type { SelectedPsk } from "./select-psk.ts";

/** The client by its binder, by its certificate, or not at all, as the configuration allows. */
export function* authenticateClient(
  config: ServerConfig,
  transcript: Transcript,
  psk: SelectedPsk | undefined,
  asked: AskedOfClient | undefined,
): Handshake<ProvenPeer<"client">> {
  if (psk !== undefined) return { authentication: psk.authentication };
  const { verifyClient } = config;
  if (asked === undefined || verifyClient === undefined) {
    return { authentication: PeerAuthentication.anonymousClient() };
  }
  const flight = {
    config,
    transcript,
    signer: "client" as const,
    verify: verifyClient,
    certificateType: asked.type,
    name: undefined,
    context: new Uint8Array(0),
    asked: asked.extensions,
  };
  const presented = yield* expectClient(config, flight);
  if (presented !== undefined) return yield* authenticatePeer(flight, presented);
  // §4.5.1.3: a client may decline, unless the server insists
  if (config.clientAuthentication === "require") {
    throw new TlsError("certificate_required", "the client sent no certificate", {
      where: "certificate.certificateList",
      section: "RFC 9846 §4.5.1.3",
    });
  }
  return { authentication: PeerAuthentication.anonymousClient() };
}

/** The message itself is not kept. */
function* expectClient(
  config: ServerConfig,
  flight: PeerFlight<"client">,
): Handshake<PresentedPeer | undefined> {
  return readPeer(flight, yield* expectCertificate(config));
}
