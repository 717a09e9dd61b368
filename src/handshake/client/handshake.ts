/** The client's side of RFC 9846 §2. */
import type { Scheme } from "../../crypto/index.ts";
import {
  applyRecordSizeLimit,
  checkOwn,
  checkPlaceOfOwn,
  checkRequestedSchemes,
  checkSolicited,
  heardOwn,
  illegal,
  isEarlyDataAccepted,
  isSolicited,
  nameForSni,
  readCertificateTypes,
  selectedProtocol,
} from "../../extensions/index.ts";
import type { Message } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import {
  type EarlySecret,
  type ExporterSecret,
  PeerAuthentication,
  type SecretOwners,
  type Transcript,
  VerifiedFinished,
} from "../../schedule/index.ts";
import { decompressCertificate } from "../authentication/certificate-compression.ts";
import { type ClientHellos, exchangeHellos } from "./hellos.ts";
import type { ClientConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";
import type { EarlyDataOutcome } from "../server/early-data.ts";
import { cryptographyOf, type Established } from "../established.ts";
import { KeyLogger } from "../key-logger.ts";
import { answerRequest, chooseAnswer, type ClientAnswer } from "../authentication/own-flight.ts";
import {
  authenticatePeer,
  expectCertificate,
  type PeerFlight,
  type PresentedPeer,
  readPeer,
} from "../authentication/peer-flight.ts";
import { type Carrier, cipherOf, send } from "../carrier.ts";
import { withSecrets } from "../with-secrets.ts";

/** `onEarlyExporter` gets the exporter of 0-RTT data, if there is to be any (§7.5). */
export const clientHandshake = (
  config: ClientConfig,
  link: Carrier<"client">,
  onEarlyExporter: (exporter: ExporterSecret) => void,
): Handshake<Established> =>
  withSecrets(link.secrets, (owners) => handshake(config, link, owners, onEarlyExporter));

function* handshake(
  config: ClientConfig,
  link: Carrier<"client">,
  owners: SecretOwners,
  onEarlyExporter: (exporter: ExporterSecret) => void,
): Handshake<Established> {
  const { provider } = config;
  const hellos = yield* exchangeHellos(config, link, owners, onEarlyExporter);
  const { offer, suite, transcript, psk, handshakeSecret } = hellos;
  const cipher = cipherOf(provider, suite);
  const keyLog = new KeyLogger(config.keyLog, offer.random);
  const handshakeTraffic = handshakeSecret.traffic(transcript.current());
  const mainSecret = handshakeTraffic.main();
  handshakeSecret.wipe();
  keyLog.traffic("HANDSHAKE_TRAFFIC_SECRET", handshakeTraffic);
  link.protectReading("handshake", cipher, handshakeTraffic.server);
  if (!offer.earlyData) link.protectWriting("handshake", cipher, handshakeTraffic.client);

  // The server's parameters (§4.4)
  const encrypted = yield* expect("encrypted_extensions");
  const { extensions } = encrypted.body;
  // §4.3.7: a server may volunteer its groups; everything else is an answer
  checkSolicited(
    encrypted.type,
    extensions,
    (name) =>
      name === "supported_groups" || isSolicited(name, offer.hello.extensions, config.extensions),
  );
  transcript.add(encrypted.raw);
  const { record_size_limit: recordLimit } = extensions;
  if (recordLimit !== undefined) applyRecordSizeLimit(config, recordLimit, link);
  const certificateTypes = readCertificateTypes(config, extensions, psk);
  const alpn = selectedProtocol(extensions.application_layer_protocol_negotiation, config);
  const { psks } = offer;
  const earlyData = isEarlyDataAccepted(extensions.early_data, { psks, psk, suite, alpn });
  checkOwn(config.extensions, offer.own, extensions);
  if (offer.earlyData && !earlyData) {
    link.protectWriting("handshake", cipher, handshakeTraffic.client);
  }

  // Authentication of the server (§4.5)
  const { request, peer } = yield* authenticateServer(
    config,
    transcript,
    hellos,
    handshakeTraffic.psk,
    certificateTypes,
  );
  const finished = yield* expect("finished");
  const beforeFinished = transcript.current();
  transcript.add(finished.raw);
  const serverFinished = transcript.current();
  const traffic = mainSecret.traffic(serverFinished);
  const { verifyData: received } = finished.body;
  const proof = VerifiedFinished.verify(peer.authentication, traffic, beforeFinished, received);
  keyLog.traffic("TRAFFIC_SECRET_0", traffic);

  // Our own flight; it ends early data, and follows the last key of the early epoch (§4.6)
  if (earlyData) {
    if (link.hasEndOfEarlyData) transcript.add(send(link, "end_of_early_data", {}));
    link.protectWriting("handshake", cipher, handshakeTraffic.client);
  }
  const ours = request && (yield* answerRequest(config, link, transcript, request));
  for (const message of ours?.messages ?? []) link.sendRaw(message);
  const verifyData = handshakeTraffic.client.verifyData(transcript.current());
  transcript.add(send(link, "finished", { verifyData }));
  link.protectWriting("application", cipher, traffic.client);
  link.readApplicationData(cipher, proof);

  const exporter = mainSecret.exporter(serverFinished);
  keyLog.exporter("EXPORTER_SECRET", exporter);
  const cryptography = cryptographyOf(provider, suite, hellos.group);
  return {
    negotiated: {
      ...cryptography,
      retried: hellos.retried,
      resumed: psk?.kind === "resumption",
      psk: psk?.kind,
      pskIdentity: psk?.kind === "resumption" ? undefined : psk?.identity,
      earlyData: earlyDataOutcome(hellos, earlyData, alpn),
      alpn,
      serverName: nameForSni(config.serverName),
      peer: peer.authentication.identity,
      peerSignatureScheme: peer.scheme?.name ?? psk?.origin?.peerSignatureScheme,
      signatureScheme: ours?.scheme?.name,
      peerGroups: extensions.supported_groups ?? [],
      extensions: heardOwn(config.extensions, extensions),
      origin: psk?.origin,
      backends: {
        ...cryptography.backends,
        signature: ours?.backend,
        verification: peer.backend,
      },
    },
    suite,
    exporter,
    resumption: mainSecret.resumption(transcript.current()),
    transcript: config.postHandshakeAuthentication ? transcript : undefined,
    postHandshake: {
      wantsTickets: false,
      clientCertificateType: certificateTypes.client,
    },
  };
}

function earlyDataOutcome(
  { earlyOrigin, retried }: ClientHellos,
  accepted: boolean,
  alpn: string | undefined,
): EarlyDataOutcome {
  if (earlyOrigin === undefined) return "none";
  if (accepted) return "accepted";
  if (alpn !== earlyOrigin.alpn) return "other_protocol";
  return retried ? "retried" : "refused_by_server";
}

interface ServerAuthentication {
  readonly request: ClientAnswer | undefined;
  readonly peer: {
    readonly authentication: PeerAuthentication<"server">;
    readonly scheme?: Scheme;
    readonly backend?: string;
  };
}

/** A server authenticates by PSK, or by certificate after it may have asked for ours (§4.5). */
function* authenticateServer(
  config: ClientConfig,
  transcript: Transcript,
  { offer, resumedPeer }: ClientHellos,
  psk: EarlySecret | undefined,
  certificateTypes: { readonly client: number; readonly server: number },
): Handshake<ServerAuthentication> {
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
  };
  const { request, presented } = yield* expectServer(config, flight, certificateTypes.client);
  return { request, peer: yield* authenticatePeer(flight, presented) };
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
