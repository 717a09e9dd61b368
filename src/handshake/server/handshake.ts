/** The server's side of RFC 9846 §2. */
import type { Scheme } from "../../crypto/index.ts";
import {
  applyRecordSizeLimit,
  chooseClientType,
  chooseProtocol,
  credentialsFor,
  heardOwn,
  typeInCommon,
  typeOf,
} from "../../extensions/index.ts";
import { encapsulate, type Group } from "../../groups/index.ts";
import type { ClientHello, Extensions } from "../../messages/index.ts";
import {
  CertificateType,
  ProtocolVersion,
  PskKeyExchangeMode,
  TlsError,
} from "../../registry/index.ts";
import {
  BoundEarlyData,
  type ExporterSecret,
  PeerAuthentication,
  type SecretOwners,
  type Transcript,
  VerifiedFinished,
} from "../../schedule/index.ts";
import { wipe } from "../../wire/index.ts";
import type { ServerConfig } from "../config.ts";
import { chooseCredential } from "../authentication/credential-choice.ts";
import { expect, type Handshake } from "../coroutine.ts";
import { type EarlyDataOutcome, judgeEarlyData } from "./early-data.ts";
import { cryptographyOf, type Established } from "../established.ts";
import { extractHandshakeSecret } from "../handshake-secret.ts";
import { KeyLogger } from "../key-logger.ts";
import { askedIn, authenticateOurselves, type OwnProof } from "../authentication/own-flight.ts";
import { certificateRequest, encryptedExtensions } from "./parameters.ts";
import {
  authenticatePeer,
  expectCertificate,
  type PeerFlight,
  type PresentedPeer,
  readPeer,
} from "../authentication/peer-flight.ts";
import type { SelectedPsk } from "./select-psk.ts";
import { readHellos } from "./hellos.ts";
import { type Carrier, cipherOf, send } from "../carrier.ts";
import { withSecrets } from "../with-secrets.ts";

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
  const { provider } = given;
  const hellos = yield* readHellos(given, link, owners);
  const { hello, suite, group, transcript, psk, retried, offersEarlyData, serverName } = hellos;
  const config = { ...given, ...hellos.identity };
  const { extensions } = hello;
  const hash = provider.hashes[suite.hash];
  const cipher = cipherOf(provider, suite);
  const keyLog = new KeyLogger(config.keyLog, hello.random);
  const alpn = chooseProtocol(config.alpn, extensions.application_layer_protocol_negotiation);
  const earlyData: EarlyDataOutcome = offersEarlyData
    ? yield* judgeEarlyData(config, hello, psk, suite, alpn, retried)
    : "none";
  const ours =
    psk === undefined
      ? chooseCredential(credentialsFor(config.credentials, extensions), extensions, config.now())
      : undefined;

  // ServerHello, and the keys that follow from it (§4.2.3, §7.1)
  const early = earlyData === "accepted" ? psk : undefined;
  // Not after a retry: the transcript is the ClientHello alone
  const helloHash = early && transcript.current();
  const exchange = group && encapsulate(group, provider, shareOf(hello, group));
  const sharedSecret = owners.handshake.hold(exchange?.sharedSecret);
  const answer: Extensions<"server_hello"> = { supported_versions: ProtocolVersion["TLS 1.3"] };
  if (group !== undefined && exchange !== undefined) {
    answer.key_share = { group: group.code, keyExchange: exchange.keyExchange };
  }
  if (psk !== undefined) answer.pre_shared_key = psk.index;
  transcript.add(
    send(link, "server_hello", {
      legacyVersion: ProtocolVersion["TLS 1.2"],
      random: provider.random(32),
      legacySessionIdEcho: hello.legacySessionId,
      cipherSuite: suite.code,
      legacyCompressionMethod: 0,
      extensions: answer,
    }),
  );
  const handshakeSecret = extractHandshakeSecret(hash, psk?.early, sharedSecret, owners);
  wipe(sharedSecret);
  const handshakeTraffic = handshakeSecret.traffic(transcript.current());
  const mainSecret = handshakeTraffic.main();
  handshakeSecret.wipe();
  keyLog.traffic("HANDSHAKE_TRAFFIC_SECRET", handshakeTraffic);
  link.protectWriting("handshake", cipher, handshakeTraffic.server);

  // Early data, or its refusal (§4.3.10)
  if (early !== undefined && helloHash !== undefined) {
    const bound = BoundEarlyData.of(early.authentication, helloHash);
    const earlyExporter = early.early.earlyExporter(helloHash);
    keyLog.early(bound.secret, earlyExporter);
    onEarlyExporter(earlyExporter);
    link.readEarlyData(cipher, bound, early.psk.origin?.maxEarlyData ?? 0);
  } else {
    link.protectReading("handshake", cipher, handshakeTraffic.client);
    if (earlyData !== "none" && !retried) link.refuseEarlyData();
  }
  psk?.early.wipe();

  // Parameters, and our authentication (§4.4, §4.5)
  const asked =
    psk === undefined && config.clientAuthentication !== "none"
      ? { extensions: certificateRequest(config), type: chooseClientType(config, extensions) }
      : undefined;
  const parameters = encryptedExtensions(config, extensions, {
    alpn,
    early: early !== undefined,
    resumed: psk !== undefined,
    serverCertificateType: ours ? typeOf(ours.credential) : typeInCommon(config, extensions),
    clientCertificateType: asked?.type,
  });
  transcript.add(send(link, "encrypted_extensions", { extensions: parameters }));
  const { record_size_limit: recordLimit } = extensions;
  if (recordLimit !== undefined) applyRecordSizeLimit(config, recordLimit, link);
  if (asked !== undefined) {
    const certificateRequestContext = new Uint8Array(0);
    const request = { certificateRequestContext, extensions: asked.extensions };
    transcript.add(send(link, "certificate_request", request));
  }
  let proofOfOurs: OwnProof | undefined;
  if (ours !== undefined) {
    const flight = {
      config,
      link,
      transcript,
      role: "server" as const,
      ...ours,
      asked: askedIn(extensions),
    };
    proofOfOurs = yield* authenticateOurselves(flight);
    for (const message of proofOfOurs.messages) link.sendRaw(message);
  }
  const verifyData = handshakeTraffic.server.verifyData(transcript.current());
  transcript.add(send(link, "finished", { verifyData }));
  const serverFinished = transcript.current();
  const traffic = mainSecret.traffic(serverFinished);
  keyLog.traffic("TRAFFIC_SECRET_0", traffic);
  link.protectWriting("application", cipher, traffic.server);
  const exporter = mainSecret.exporter(serverFinished);
  keyLog.exporter("EXPORTER_SECRET", exporter);

  // The client's flight (§4.5, §4.6)
  if (early !== undefined) {
    if (link.hasEndOfEarlyData) {
      const end = yield* expect("end_of_early_data");
      transcript.add(end.raw);
    }
    link.protectReading("handshake", cipher, handshakeTraffic.client);
  }
  const peer = yield* authenticateClient(config, transcript, psk, asked);
  const finished = yield* expect("finished");
  const proof = VerifiedFinished.verify(
    peer.authentication,
    traffic,
    transcript.current(),
    finished.body.verifyData,
  );
  transcript.add(finished.raw);
  link.readApplicationData(cipher, proof);

  const cryptography = cryptographyOf(provider, suite, group);
  return {
    negotiated: {
      ...cryptography,
      retried,
      resumed: psk?.psk.kind === "resumption",
      psk: psk?.psk.kind,
      pskIdentity: psk?.psk.kind === "resumption" ? undefined : psk?.identity,
      earlyData,
      alpn,
      serverName,
      peer: peer.authentication.identity,
      peerSignatureScheme: peer.scheme?.name ?? psk?.psk.origin?.peerSignatureScheme,
      signatureScheme: proofOfOurs?.scheme?.name,
      peerGroups: extensions.supported_groups ?? [],
      extensions: heardOwn(config.extensions, extensions),
      origin: psk?.psk.origin,
      backends: {
        ...cryptography.backends,
        signature: proofOfOurs?.backend,
        verification: peer.backend,
      },
    },
    suite,
    exporter,
    resumption: mainSecret.resumption(transcript.current()),
    transcript: extensions.post_handshake_auth === true ? transcript : undefined,
    postHandshake: {
      wantsTickets:
        extensions.psk_key_exchange_modes?.includes(PskKeyExchangeMode.psk_dhe_ke) === true,
      clientCertificateType: asked?.type ?? CertificateType.X509,
    },
    identity: hellos.identity,
  };
}

function shareOf(hello: ClientHello, group: Group): Uint8Array {
  const entry = hello.extensions.key_share?.find((share) => share.group === group.code);
  if (entry === undefined) throw new TlsError("internal", `no share of ${group.name}`);
  return entry.keyExchange;
}

interface ClientAuthentication {
  readonly authentication: PeerAuthentication<"client">;
  readonly scheme?: Scheme;
  readonly backend?: string;
}

/** The client by its binder, by its certificate, or not at all, as the configuration allows. */
function* authenticateClient(
  config: ServerConfig,
  transcript: Transcript,
  psk: SelectedPsk | undefined,
  asked: { extensions: Extensions<"certificate_request">; type: number } | undefined,
): Handshake<ClientAuthentication> {
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
