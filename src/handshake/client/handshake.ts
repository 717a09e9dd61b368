/** The client's side of RFC 9846 §2: read {@link clientHandshake} beside its figure. */
import { nameForSni } from "../../extensions/index.ts";
import { TlsError } from "../../registry/index.ts";
import { type ExporterSecret, type SecretOwners, VerifiedFinished } from "../../schedule/index.ts";
import { answerRequest } from "../authentication/own-flight.ts";
import { type Carrier, cipherOf, send } from "../carrier.ts";
import type { ClientConfig } from "../config.ts";
import { keepPromise } from "../continuity.ts";
import type { Handshake } from "../coroutine.ts";
import {
  type Authenticated,
  type EarlyDataOutcome,
  type Established,
  negotiatedFacts,
} from "../established.ts";
import { KeyLogger } from "../key-logger.ts";
import { applicationKeys, expectFinished, handshakeKeys, sendFinished } from "../keys.ts";
import { withSecrets } from "../with-secrets.ts";
import type { ClientAuthKem } from "../authkem/client-steps.ts";
import { authenticateServer } from "./authenticate-server.ts";
import { type ClientHellos, exchangeHellos } from "./hellos.ts";
import { readParameters, type ServerParameters } from "./parameters.ts";

/**
 * @param onEarlyExporter gets the exporter of 0-RTT data, if there is to be any (§7.5)
 * @param authKem absent in a client without AuthKEM, whose configuration asks for none
 */
export const clientHandshake = (
  config: ClientConfig,
  link: Carrier<"client">,
  onEarlyExporter: (exporter: ExporterSecret) => void,
  authKem?: ClientAuthKem,
): Handshake<Established> =>
  withSecrets(link.secrets, (owners) => handshake(config, link, owners, onEarlyExporter, authKem));

function* handshake(
  config: ClientConfig,
  link: Carrier<"client">,
  owners: SecretOwners,
  onEarlyExporter: (exporter: ExporterSecret) => void,
  authKem: ClientAuthKem | undefined,
): Handshake<Established> {
  // ClientHello, perhaps HelloRetryRequest and ClientHello again, ServerHello (§4.2)
  const hellos = yield* exchangeHellos(config, link, owners, onEarlyExporter, authKem);
  const { offer, suite, transcript } = hellos;
  const cipher = cipherOf(config.provider, suite);
  const keyLog = new KeyLogger(config.keyLog, offer.random);
  const { traffic: handshakeTraffic, derived } = handshakeKeys(
    hellos.handshakeSecret,
    transcript,
    keyLog,
  );
  link.protectReading("handshake", cipher, handshakeTraffic.server);
  if (!offer.earlyData) link.protectWriting("handshake", cipher, handshakeTraffic.client);

  // EncryptedExtensions (§4.4.1)
  const parameters = yield* readParameters(config, link, hellos);
  if (offer.earlyData && !parameters.earlyData) {
    link.protectWriting("handshake", cipher, handshakeTraffic.client);
  }

  const schedule = { provider: config.provider, hash: transcript.hash, owners };
  const terms = { config, link, transcript, cipher, keyLog, schedule, derived };
  if (hellos.stored !== undefined) {
    // The server's key was known before, and stands where its certificate would
    const ends = yield* present(authKem).byStoredKey(terms, hellos.stored);
    return establishedBy(config, hellos, parameters, ends);
  }

  // CertificateRequest, Certificate, CertificateVerify, Finished of the server (§4.4.2, §4.5)
  const server = yield* authenticateServer(config, hellos, handshakeTraffic.psk, parameters);
  if ("kemScheme" in server) {
    // Another protocol from here on: its key is one that encapsulates
    const ends = yield* present(authKem).byKem(terms, server);
    return establishedBy(config, hellos, parameters, { ...ends, promise: server.promise });
  }
  const { request, peer } = server;
  const main = derived.main();
  const { verifyData: theirs, transcriptHash } = yield* expectFinished(transcript);
  const { traffic, exporter } = applicationKeys(main, transcript, keyLog);
  const proof = VerifiedFinished.verify(peer.authentication, traffic, transcriptHash, theirs);

  // EndOfEarlyData: it follows the last key of the early epoch (§4.6)
  if (parameters.earlyData) {
    if (link.hasEndOfEarlyData) transcript.add(send(link, "end_of_early_data", {}));
    link.protectWriting("handshake", cipher, handshakeTraffic.client);
  }

  // Our Certificate, CertificateVerify, Finished (§4.5)
  const ours = request && (yield* answerRequest(config, link, transcript, request));
  for (const message of ours?.messages ?? []) link.sendRaw(message);
  const own = sendFinished(link, handshakeTraffic.client, transcript);
  link.protectWriting("application", cipher, traffic.client);
  link.readApplicationData(cipher, proof);

  const resumption = main.resumption(transcript.current());
  const verifyData = { client: own, server: theirs };
  const ends = { peer, ours, verifyData, exporter, resumption, promise: server.promise };
  return establishedBy(config, hellos, parameters, ends);
}

/** Nothing of AuthKEM is offered, and so none agreed, without it. */
function present(authKem: ClientAuthKem | undefined): ClientAuthKem {
  if (authKem !== undefined) return authKem;
  throw new TlsError("internal", "AuthKEM in a client that has none");
}

/** Who the ends are to each other, and what their last secrets give. */
function establishedBy(
  config: ClientConfig,
  hellos: ClientHellos,
  parameters: ServerParameters,
  {
    verifyData,
    exporter,
    resumption,
    promise,
    ...ends
  }: Authenticated<"server"> & { readonly promise?: number | undefined },
): Established {
  const { suite, transcript, psk } = hellos;
  const { continuity } = config;
  if (continuity !== undefined) {
    keepPromise(continuity, promise, ends.peer.scheme?.name, config.now());
  }
  return {
    negotiated: negotiatedFacts(config, {
      ...hellos,
      ...parameters,
      earlyData: earlyDataOutcome(hellos, parameters),
      pskIdentity: psk?.identity,
      serverName: nameForSni(config.serverName),
      ...ends,
    }),
    suite,
    verifyData,
    exporter,
    resumption,
    transcript: config.postHandshakeAuthentication ? transcript : undefined,
    postHandshake: {
      wantsTickets: false,
      clientCertificateType: parameters.certificateTypes.client,
    },
  };
}

function earlyDataOutcome(
  { earlyOrigin, retried }: ClientHellos,
  { earlyData, alpn }: ServerParameters,
): EarlyDataOutcome {
  if (earlyOrigin === undefined) return "none";
  if (earlyData) return "accepted";
  if (alpn !== earlyOrigin.alpn) return "other_protocol";
  return retried ? "retried" : "refused_by_server";
}
