/** The server's side of AuthKEM, from its Certificate on: draft-celi-wiggers-tls-authkem-07, figures 1 and 2. */
import { kemOf } from "../../crypto/hpke.ts";
import { TlsError } from "../../registry/index.ts";
import {
  AuthenticatedSecret,
  Encapsulated,
  PeerAuthentication,
  VerifiedFinished,
} from "../../schedule/index.ts";
import type { KemChoice } from "../authentication/credential-choice.ts";
import { type Asked, presentOurselves } from "../authentication/own-flight.ts";
import {
  acceptPeer,
  expectCertificate,
  kemSchemeOf,
  type PeerFlight,
  type ProvenPeer,
  readPeer,
} from "../authentication/peer-flight.ts";
import { send } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import type { Handshake } from "../coroutine.ts";
import type { Authenticated } from "../established.ts";
import type { Message } from "../../messages/index.ts";
import { expectFinished } from "../keys.ts";
import type { AskedOfClient } from "../server/parameters.ts";
import { expectEncapsulation, sendEncapsulation } from "./encapsulation.ts";
import { type KemTerms, noContext } from "./terms.ts";

type Terms = KemTerms<"server", ServerConfig>;

/** How we present ourselves, and what we asked the client for. */
interface Presented {
  readonly choice: KemChoice;
  readonly asked: Asked;
  readonly request: AskedOfClient | undefined;
}

export function* serverByKem(
  terms: Terms,
  { choice, asked, request }: Presented,
): Handshake<Authenticated<"client">> {
  const { config, link, transcript, cipher, keyLog, schedule, derived } = terms;

  // Certificate
  const { credential, decapsulator, scheme } = choice;
  const message = presentOurselves({ config, link, transcript, credential, asked });
  link.sendRaw(message);

  // KEMEncapsulation of the client: the last message under the handshake's first keys
  const secret = yield* expectEncapsulation("server", choice, transcript, schedule);
  const authenticated = AuthenticatedSecret.of(derived, secret);
  const traffic = authenticated.traffic(transcript.current());
  keyLog.traffic("AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET", traffic);
  // The client reads under these already: what is wrong from here on it is told under them
  link.protectWriting("handshake", cipher, traffic.server);
  link.protectReading("handshake", cipher, traffic.client);

  // Certificate of the client, and our KEMEncapsulation
  const client = request && (yield* encapsulateToClient(terms, request));
  const main = authenticated.main(client?.encapsulated);

  // Finished of the client, which comes first
  const received = yield* expectFinished(transcript);
  const authentication =
    client === undefined
      ? PeerAuthentication.anonymousClient()
      : PeerAuthentication.byEncapsulation(client.encapsulated);
  const proof = VerifiedFinished.verifyKem(authentication, main, received, transcript.current());
  keyLog.data("client", proof.secret);

  // Finished
  const own = main.verifyData("server", transcript.current());
  transcript.add(send(link, "finished", { verifyData: own }));
  const writing = main.traffic("server", transcript.current());
  keyLog.data("server", writing);
  const exporter = main.exporter(transcript.current());
  keyLog.exporter("EXPORTER_SECRET", exporter);
  link.protectWriting("application", cipher, writing);
  link.readApplicationData(cipher, proof);

  const resumption = main.resumption(transcript.current());
  const verifyData = { server: own, client: received.verifyData };
  const ours = { messages: [message], scheme, backend: decapsulator.backend };
  const peer = { authentication, ...client?.scheme };
  return { peer, ours, byKem: true, verifyData, exporter, resumption };
}

/** Reads who the client says that it is, and encapsulates to its key (§3.1). `undefined`: nobody. */
function* encapsulateToClient(
  { config, link, transcript, schedule }: Terms,
  asked: AskedOfClient,
): Handshake<ClientOfKem | undefined> {
  const message = yield* expectCertificate(config);
  const client = yield* acceptClient({ config, transcript, schedule }, message, asked);
  if (client === undefined) {
    // RFC 9846 §4.5.1.3: a client may decline, unless the server insists
    if (config.clientAuthentication !== "require") return undefined;
    throw new TlsError("certificate_required", "the client sent no certificate", {
      where: "certificate.certificateList",
      section: "RFC 9846 §4.5.1.3",
    });
  }
  sendEncapsulation(link, transcript, client.encapsulated);
  return client;
}

/** A client whose key was accepted, and what we encapsulated to that. */
export interface ClientOfKem {
  readonly encapsulated: Encapsulated<"client">;
  readonly scheme: Pick<ProvenPeer<"client">, "scheme" | "backend">;
}

/** Takes a client's Certificate into the transcript, and encapsulates to its key. `undefined`: it is empty. */
export function* acceptClient(
  { config, transcript, schedule }: Pick<Terms, "config" | "transcript" | "schedule">,
  message: Message<"certificate">,
  { extensions, type }: AskedOfClient,
): Handshake<ClientOfKem | undefined> {
  const { verifyClient } = config;
  if (verifyClient === undefined) throw new TlsError("internal", "nobody verifies clients");
  const flight: PeerFlight<"client"> = {
    config,
    transcript,
    signer: "client",
    verify: verifyClient,
    certificateType: type,
    name: undefined,
    context: noContext,
    asked: extensions,
  };
  const presented = readPeer(flight, message);
  if (presented === undefined) return undefined;
  const scheme = kemSchemeOf(flight, presented);
  // §4.2: compatible with the key, and one that was asked for
  if (scheme === undefined) {
    throw new TlsError("unsupported_certificate", "a client's key that does not encapsulate", {
      expected: config.kemSchemes.map(({ keyType }) => keyType).join(" or "),
      where: "certificate.certificateList[0]",
      section: "draft-celi-wiggers-tls-authkem-07 §4.2",
    });
  }
  const accepted = yield* acceptPeer(flight, presented);
  const encapsulated = Encapsulated.to(accepted, scheme, schedule);
  const { backend } = kemOf(scheme.hpke.kem, config.provider);
  return { encapsulated, scheme: { scheme, backend } };
}
