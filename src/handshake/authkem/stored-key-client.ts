/** The client's handshake with a server whose key it knew before, from EncryptedExtensions on. */
import { kemOf } from "../../crypto/hpke.ts";
import { KemMainSecret, PeerAuthentication, VerifiedFinished } from "../../schedule/index.ts";
import { send } from "../carrier.ts";
import type { ClientConfig } from "../config.ts";
import type { Handshake } from "../coroutine.ts";
import type { Authenticated } from "../established.ts";
import { expectFinished } from "../keys.ts";
import { expectEncapsulation } from "./encapsulation.ts";
import type { TakenStoredKey } from "./stored-key-offer.ts";
import type { KemTerms } from "./terms.ts";

/** From EncryptedExtensions on: what the server can read only because it has the key it has shown with its Finished. */
export function* clientByStoredKey(
  { link, transcript, cipher, keyLog, schedule, derived }: KemTerms<"client", ClientConfig>,
  { scheme, encapsulated, own: presented }: TakenStoredKey,
): Handshake<Authenticated<"server">> {
  // KEMEncapsulation to our own key, if the server took it
  const secret =
    presented && (yield* expectEncapsulation("client", presented.choice, transcript, schedule));
  const main = KemMainSecret.ofStoredKey(derived, secret);

  // Finished of the server
  const received = yield* expectFinished(transcript);
  const authentication = PeerAuthentication.byEncapsulation(encapsulated);
  const proof = VerifiedFinished.verifyKem(authentication, main, received, transcript.current());
  const writing = main.traffic("client", transcript.current());
  keyLog.data("client", writing);
  keyLog.data("server", proof.secret);
  const exporter = main.exporter(transcript.current());
  keyLog.exporter("EXPORTER_SECRET", exporter);

  // Finished
  const own = main.verifyData("client", transcript.current());
  transcript.add(send(link, "finished", { verifyData: own }));
  link.protectWriting("application", cipher, writing);
  link.readApplicationData(cipher, proof);

  const resumption = main.resumption(transcript.current());
  const verifyData = { client: own, server: received.verifyData };
  const { backend } = kemOf(scheme.hpke.kem, schedule.provider);
  const peer = { authentication, scheme, backend };
  const ours = presented && {
    messages: [presented.raw],
    scheme: presented.choice.scheme,
    backend: presented.choice.decapsulator.backend,
    chain: presented.choice.credential.chain,
  };
  return { peer, ours, byKem: true, storedKey: true, verifyData, exporter, resumption };
}
