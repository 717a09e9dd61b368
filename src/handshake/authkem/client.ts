/** The client's side of AuthKEM, from the server's Certificate on: draft-celi-wiggers-tls-authkem-07, figures 1 and 2. */
import { kemOf } from "../../crypto/hpke.ts";
import {
  AuthenticatedSecret,
  Encapsulated,
  type KemSecret,
  PeerAuthentication,
  VerifiedFinished,
} from "../../schedule/index.ts";
import {
  type ClientAnswer,
  type OwnProof,
  presentNobody,
  presentOurselves,
} from "../authentication/own-flight.ts";
import { send } from "../carrier.ts";
import type { KemServer } from "../client/authenticate-server.ts";
import type { ClientConfig } from "../config.ts";
import type { Handshake } from "../coroutine.ts";
import type { Authenticated } from "../established.ts";
import { expectFinished } from "../keys.ts";
import { expectEncapsulation, sendEncapsulation } from "./encapsulation.ts";
import type { KemTerms } from "./terms.ts";

type Terms = KemTerms<"client", ClientConfig>;

/**
 * The server has to know what we encapsulate to the key that was accepted: what we write from here on only it can
 * read, and what we read can only come from it. That it is there its Finished shows, which comes last.
 */
export function* clientByKem(
  terms: Terms,
  { accepted, kemScheme: scheme, request }: KemServer,
): Handshake<Authenticated<"server">> {
  const { link, transcript, cipher, keyLog, schedule, derived } = terms;
  const encapsulated = Encapsulated.to(accepted, scheme, schedule);

  // KEMEncapsulation
  sendEncapsulation(link, transcript, encapsulated);
  const authenticated = AuthenticatedSecret.of(derived, encapsulated);
  const traffic = authenticated.traffic(transcript.current());
  keyLog.traffic("AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET", traffic);
  link.protectWriting("handshake", cipher, traffic.client);
  link.protectReading("handshake", cipher, traffic.server);

  // Certificate, if it was asked for, and KEMEncapsulation of the server
  const ours = request && (yield* authenticateOurselvesByKem(terms, request));
  const main = authenticated.main(ours?.secret);

  // Finished
  const own = main.verifyData("client", transcript.current());
  transcript.add(send(link, "finished", { verifyData: own }));
  const writing = main.traffic("client", transcript.current());
  keyLog.data("client", writing);
  link.protectWriting("application", cipher, writing);

  // Finished of the server: only now it has proved itself
  const received = yield* expectFinished(transcript);
  const authentication = PeerAuthentication.byEncapsulation(encapsulated);
  const proof = VerifiedFinished.verifyKem(authentication, main, received, transcript.current());
  keyLog.data("server", proof.secret);
  const exporter = main.exporter(transcript.current());
  keyLog.exporter("EXPORTER_SECRET", exporter);
  link.readApplicationData(cipher, proof);

  const { backend } = kemOf(scheme.hpke.kem, schedule.provider);
  const resumption = main.resumption(transcript.current());
  const verifyData = { client: own, server: received.verifyData };
  const peer = { authentication, scheme, backend };
  return { peer, ours: ours?.proof, byKem: true, verifyData, exporter, resumption };
}

interface OwnKemProof {
  readonly proof: OwnProof;
  /** What the server encapsulated to our key; absent where we have none that it would take. */
  readonly secret?: KemSecret;
}

/** Our Certificate, which only the server can read, and what comes back for it (§3.1). */
function* authenticateOurselvesByKem(
  { config, link, transcript, schedule }: Terms,
  { asked, context, kemChoice: choice }: ClientAnswer,
): Handshake<OwnKemProof> {
  if (choice === undefined) {
    const message = presentNobody(link, transcript, context);
    link.sendRaw(message);
    return { proof: { messages: [message] } };
  }
  const { credential, decapsulator, scheme } = choice;
  const message = presentOurselves({ config, link, transcript, credential, asked, context });
  link.sendRaw(message);
  const secret = yield* expectEncapsulation("client", choice, transcript, schedule);
  return { proof: { messages: [message], scheme, backend: decapsulator.backend }, secret };
}
