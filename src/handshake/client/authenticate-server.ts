/** How a client learns who the server is, and whether the server asks the same of it (RFC 9846 §4.4.2, §4.5). */
import type { KemScheme } from "../../crypto/index.ts";
import { checkPlaceOfOwn, checkRequestedSchemes, illegal } from "../../extensions/index.ts";
import type { Message } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import {
  type AcceptedPeer,
  type EarlySecret,
  PeerAuthentication,
  type Transcript,
} from "../../schedule/index.ts";
import { decompressCertificate } from "../authentication/certificate-compression.ts";
import { chooseAnswer, type ClientAnswer } from "../authentication/own-flight.ts";
import {
  acceptPeer,
  authenticatePeer,
  expectCertificate,
  kemSchemeOf,
  type PeerFlight,
  type PresentedPeer,
  type ProvenPeer,
  readPeer,
} from "../authentication/peer-flight.ts";
import type { ClientConfig } from "../config.ts";
import { commitmentOf } from "../continuity.ts";
import { expect, type Handshake } from "../coroutine.ts";
import type { ClientHellos } from "./hellos.ts";
import type { ServerParameters } from "./parameters.ts";

interface ServerAuthentication {
  readonly request: ClientAnswer | undefined;
  readonly peer: ProvenPeer<"server">;
  /** Seconds for which it promises post-quantum certificates. */
  readonly promise?: number | undefined;
}

/** A server that has still to show that it has the key of its certificate: AuthKEM goes on from here. */
export interface KemServer {
  readonly request: ClientAnswer | undefined;
  readonly accepted: AcceptedPeer<"server">;
  readonly kemScheme: KemScheme;
  readonly promise: number | undefined;
}

/** A server authenticates by PSK, or by certificate after it may have asked for ours (§4.5). */
export function* authenticateServer(
  config: ClientConfig,
  { offer, transcript, resumedPeer }: ClientHellos,
  psk: EarlySecret | undefined,
  { certificateTypes }: ServerParameters,
): Handshake<ServerAuthentication | KemServer> {
  if (psk !== undefined) {
    const authentication = PeerAuthentication.serverByPsk(resumedPeer, psk);
    return { request: undefined, peer: { authentication } };
  }
  const flight = {
    config,
    transcript,
    signer: "server" as const,
    verify: config.verifyServer,
    name: config.serverName,
    certificateType: certificateTypes.server,
    context: new Uint8Array(0),
    asked: offer.hello.extensions,
    continuity: config.continuity && {
      type: config.continuity.type,
      isHeld: commitmentOf(config.continuity, config.now()) !== undefined,
    },
  };
  const { request, presented } = yield* expectServer(config, flight, certificateTypes.client);
  const { promise } = presented;
  const kemScheme = kemSchemeOf(flight, presented);
  if (kemScheme !== undefined) {
    return { request, accepted: yield* acceptPeer(flight, presented), kemScheme, promise };
  }
  return { request, peer: yield* authenticatePeer(flight, presented), promise };
}

interface PresentedServer {
  readonly request: ClientAnswer | undefined;
  readonly presented: PresentedPeer;
}

/** Reads a request, if there is one, and the server's certificate, whose message is not kept. */
function* expectServer(
  config: ClientConfig,
  flight: PeerFlight<"server">,
  clientType: number,
): Handshake<PresentedServer> {
  const first = yield* expectRequestOrCertificate(config, flight.transcript, clientType);
  const request = "request" in first ? first.request : undefined;
  const message = "message" in first ? first.message : yield* expectCertificate(config);
  const presented = readPeer(flight, message);
  if (presented !== undefined) return { request, presented };
  // §4.5.1.3: a server's certificate list is never empty
  throw new TlsError("empty_certificate", "the server sent no certificate", {
    where: "certificate.certificateList",
    section: "RFC 9846 §4.5.1.3",
  });
}

/** What a server may begin its authentication with. Of a request only our answer to it is kept. */
function* expectRequestOrCertificate(
  config: ClientConfig,
  transcript: Transcript,
  clientType: number,
): Handshake<{ request: ClientAnswer } | { message: Message<"certificate"> }> {
  const first =
    config.certificateCompression.length === 0
      ? yield* expect("certificate_request", "certificate")
      : yield* expect("certificate_request", "certificate", "compressed_certificate");
  if (first.type === "certificate_request") {
    checkRequest(first, config);
    transcript.add(first.raw);
    return { request: chooseAnswer(config, first.body, clientType) };
  }
  return { message: first.type === "certificate" ? first : decompressCertificate(config, first) };
}

/** §4.4.2: no context within a handshake. */
function checkRequest(
  { body }: Message<"certificate_request">,
  { extensions: own }: ClientConfig,
): void {
  if (body.certificateRequestContext.length !== 0) {
    const where = "certificate_request.certificateRequestContext";
    throw illegal("a context within a handshake", where, "RFC 9846 §4.4.2");
  }
  checkPlaceOfOwn(own, "certificate_request", body.extensions);
  checkRequestedSchemes(body.extensions);
}
