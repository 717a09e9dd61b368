/** The server's side of RFC 9846 §2: read {@link serverHandshake} beside its figure. */
import { chooseProtocol, credentialsFor, heardOwn } from "../../extensions/index.ts";
import { CertificateType, PskKeyExchangeMode } from "../../registry/index.ts";
import { type ExporterSecret, type SecretOwners, VerifiedFinished } from "../../schedule/index.ts";
import { chooseCredential } from "../authentication/credential-choice.ts";
import { askedOfServer, authenticateOurselves } from "../authentication/own-flight.ts";
import { type Carrier, cipherOf } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";
import {
  type Authenticated,
  type EarlyDataOutcome,
  type Established,
  negotiatedFacts,
} from "../established.ts";
import { KeyLogger } from "../key-logger.ts";
import { applicationKeys, expectFinished, handshakeKeys, sendFinished } from "../keys.ts";
import { withSecrets } from "../with-secrets.ts";
import { serverByKem } from "../authkem/server.ts";
import { openStoredKey, serverByStoredKey } from "../authkem/stored-key-server.ts";
import { authenticateClient } from "./authenticate-client.ts";
import { judgeEarlyData, readEarlyData } from "./early-data.ts";
import { readHellos, type ServerHellos } from "./hellos.ts";
import { type AskedOfClient, sendParameters } from "./parameters.ts";
import { sendServerHello } from "./server-hello.ts";

/** `onEarlyExporter` gets the exporter of 0-RTT data, if it is accepted (§7.5). */
export const serverHandshake = (
  config: ServerConfig,
  link: Carrier<"server">,
  onEarlyExporter: (exporter: ExporterSecret) => void,
): Handshake<Established> =>
  withSecrets(link.secrets, (owners) => handshake(config, link, owners, onEarlyExporter));

function* handshake(
  given: ServerConfig,
  link: Carrier<"server">,
  owners: SecretOwners,
  onEarlyExporter: (exporter: ExporterSecret) => void,
): Handshake<Established> {
  // ClientHello, perhaps HelloRetryRequest and ClientHello again (§4.2), and what we choose from it
  const hellos = yield* readHellos(given, link, owners);
  const { hello, suite, transcript, psk } = hellos;
  const { extensions } = hello;
  const config = { ...given, ...hellos.identity };
  const protocols = extensions.application_layer_protocol_negotiation;
  const alpn = chooseProtocol(config, protocols, hellos.serverName);
  const earlyData = yield* judgeEarlyData(config, hellos, alpn);
  const cipher = cipherOf(config.provider, suite);
  const keyLog = new KeyLogger(config.keyLog, hello.random);
  const schedule = { provider: config.provider, hash: transcript.hash, owners };
  const stored = yield* openStoredKey({ config, link, hellos, cipher, keyLog, schedule });
  const choice =
    psk === undefined && stored === undefined
      ? chooseCredential(
          credentialsFor(config.credentials, extensions),
          extensions,
          config.now(),
          config.knownSchemes,
        )
      : undefined;
  // Not after a retry: the transcript is the ClientHello alone
  const early =
    psk !== undefined && earlyData === "accepted"
      ? { psk, helloHash: transcript.current() }
      : undefined;

  // ServerHello (§4.2.3)
  const handshakeSecret = sendServerHello(config, link, hellos, { owners, stored });
  const { traffic: handshakeTraffic, derived } = handshakeKeys(handshakeSecret, transcript, keyLog);
  link.protectWriting("handshake", cipher, handshakeTraffic.server);

  // Early data, or its refusal (§4.3.10)
  if (early === undefined) {
    link.protectReading("handshake", cipher, handshakeTraffic.client);
    const isUnread = extensions.early_auth === true && stored?.client === undefined;
    if ((earlyData !== "none" || isUnread) && !hellos.retried) link.refuseEarlyData();
  } else {
    onEarlyExporter(readEarlyData(link, cipher, early, keyLog));
  }
  psk?.early.wipe();
  stored?.early.wipe();

  // EncryptedExtensions, CertificateRequest (§4.4)
  const request = sendParameters(config, link, hellos, {
    alpn,
    early: early !== undefined,
    choice,
    isKnown: stored !== undefined,
  });
  const parameters = { alpn, earlyData, request };
  const asked = askedOfServer(extensions, config);
  const terms = { config, link, transcript, cipher, keyLog, schedule, derived };
  if (stored !== undefined) {
    // The client knew our key before, which stands where our certificate would
    return establishedBy(config, hellos, parameters, yield* serverByStoredKey(terms, stored));
  }
  if (choice?.decapsulator !== undefined) {
    // Another protocol from here on: our key is one that encapsulates
    const ends = yield* serverByKem(terms, { choice, asked, request });
    return establishedBy(config, hellos, parameters, ends);
  }
  const main = derived.main();

  // Our Certificate, CertificateVerify, Finished (§4.5)
  const flight = { config, link, transcript, role: "server" as const, asked };
  const ours = choice && (yield* authenticateOurselves({ ...flight, ...choice }));
  for (const message of ours?.messages ?? []) link.sendRaw(message);
  const own = sendFinished(link, handshakeTraffic.server, transcript);
  const { traffic, exporter } = applicationKeys(main, transcript, keyLog);
  link.protectWriting("application", cipher, traffic.server);

  // EndOfEarlyData (§4.6)
  if (early !== undefined) {
    if (link.hasEndOfEarlyData) {
      const end = yield* expect("end_of_early_data");
      transcript.add(end.raw);
    }
    link.protectReading("handshake", cipher, handshakeTraffic.client);
  }

  // Certificate, CertificateVerify, Finished of the client (§4.5)
  const peer = yield* authenticateClient(config, transcript, psk, request);
  const { verifyData: theirs, transcriptHash } = yield* expectFinished(transcript);
  const proof = VerifiedFinished.verify(peer.authentication, traffic, transcriptHash, theirs);
  link.readApplicationData(cipher, proof);

  const resumption = main.resumption(transcript.current());
  const verifyData = { client: theirs, server: own };
  const ends = { peer, ours, verifyData, exporter, resumption };
  return establishedBy(config, hellos, parameters, ends);
}

/** What was decided before the ends authenticated. */
interface Parameters {
  readonly alpn: string | undefined;
  readonly earlyData: EarlyDataOutcome;
  readonly request: AskedOfClient | undefined;
}

function establishedBy(
  config: ServerConfig,
  hellos: ServerHellos,
  { alpn, earlyData, request }: Parameters,
  { verifyData, exporter, resumption, ...ends }: Authenticated<"client">,
): Established {
  const {
    hello: { extensions },
    suite,
    transcript,
    psk,
  } = hellos;
  return {
    negotiated: negotiatedFacts(config, {
      ...hellos,
      psk: psk?.psk,
      pskIdentity: psk?.identity,
      earlyData,
      alpn,
      ...ends,
      groups: extensions.supported_groups ?? [],
      schemes: extensions.signature_algorithms ?? [],
      own: heardOwn(config.extensions, extensions),
    }),
    suite,
    verifyData,
    exporter,
    resumption,
    transcript: extensions.post_handshake_auth === true ? transcript : undefined,
    postHandshake: {
      wantsTickets:
        extensions.psk_key_exchange_modes?.includes(PskKeyExchangeMode.psk_dhe_ke) === true,
      clientCertificateType: request?.type ?? CertificateType.X509,
    },
    identity: hellos.identity,
  };
}
