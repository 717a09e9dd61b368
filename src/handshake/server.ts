/** The server's side of RFC 9846 §2. */
import type { Scheme, Suite } from "../crypto/index.ts";
import { encapsulate, type Group } from "../groups/index.ts";
import {
  type ClientHello,
  type Extensions,
  helloRetryRequestRandom,
  type Message,
} from "../messages/index.ts";
import type { Link } from "../record/index.ts";
import { ProtocolVersion, PskKeyExchangeMode, TlsError } from "../registry/index.ts";
import {
  PeerAuthentication,
  type Transcript,
  TranscriptBuffer,
  VerifiedFinished,
} from "../schedule/index.ts";
import { wipe } from "../wire/index.ts";
import { authenticateOurselves, authenticatePeer } from "./authentication.ts";
import { extractHandshakeSecret } from "./handshake-secret.ts";
import { checkClientHello, checkSecondHello } from "./client-hello-checks.ts";
import type { ServerConfig } from "./config.ts";
import { expect, type Handshake } from "./coroutine.ts";
import { cryptographyOf, type Established } from "./established.ts";
import { KeyLogger } from "./key-logger.ts";
import { chooseCredential, chooseGroup, chooseProtocol, chooseSuite } from "./negotiation.ts";
import type { PeerIdentity } from "./peer.ts";
import { selectPsk, type SelectedPsk } from "./select-psk.ts";

export function* serverHandshake(config: ServerConfig, link: Link): Handshake<Established> {
  const { provider } = config;
  const { hello, suite, group, transcript: buffer, psk, retried } = yield* readHello(config, link);
  const { extensions } = hello.body;
  const hash = provider.hashes[suite.hash];
  const cipher = { aead: provider.aeads[suite.aead], recordLimit: suite.recordLimit };
  const keyLog = new KeyLogger(config.keyLog, hello.body.random);
  const alpn = chooseProtocol(config.alpn, extensions.application_layer_protocol_negotiation);
  const ours =
    psk === undefined
      ? chooseCredential(config.credentials, extensions.signature_algorithms ?? [])
      : undefined;

  // ServerHello, and the keys that follow from it (§4.2.3, §7.1)
  const exchange =
    group === undefined ? undefined : encapsulate(group, provider, shareOf(hello.body, group));
  const handshakeSecret = extractHandshakeSecret(hash, psk?.psk, exchange?.sharedSecret);
  wipe(exchange?.sharedSecret);
  const transcript = buffer.start(hash);
  const answer: Extensions<"server_hello"> = { supported_versions: ProtocolVersion["TLS 1.3"] };
  if (group !== undefined && exchange !== undefined) {
    answer.key_share = { group: group.code, keyExchange: exchange.keyExchange };
  }
  if (psk !== undefined) answer.pre_shared_key = psk.index;
  transcript.add(
    link.send("server_hello", {
      legacyVersion: ProtocolVersion["TLS 1.2"],
      random: provider.random(32),
      legacySessionIdEcho: hello.body.legacySessionId,
      cipherSuite: suite.code,
      legacyCompressionMethod: 0,
      extensions: answer,
    }),
  );
  if (!retried) sendCompatibilityRecord(hello.body, link);
  const handshakeTraffic = handshakeSecret.traffic(transcript.current());
  const mainSecret = handshakeSecret.main();
  handshakeSecret.wipe();
  try {
    keyLog.traffic("HANDSHAKE_TRAFFIC_SECRET", handshakeTraffic);
    link.protectWriting("handshake", cipher, handshakeTraffic.server);

    // Parameters, and our authentication (§4.4, §4.5)
    const parameters: Extensions<"encrypted_extensions"> = {};
    if (alpn !== undefined) parameters.application_layer_protocol_negotiation = [alpn];
    transcript.add(link.send("encrypted_extensions", { extensions: parameters }));
    const asks = psk === undefined && config.clientAuthentication !== "none";
    if (asks) requestCertificate(config, link, transcript);
    if (ours !== undefined) {
      yield* authenticateOurselves(link, transcript, "server", ours, new Uint8Array(0));
    }
    const verifyData = handshakeTraffic.server.verifyData(transcript.current());
    transcript.add(link.send("finished", { verifyData }));
    const serverFinished = transcript.current();
    const traffic = mainSecret.traffic(serverFinished);
    keyLog.traffic("TRAFFIC_SECRET_0", traffic);
    link.protectWriting("application", cipher, traffic.server);
    const exporter = mainSecret.exporter(serverFinished);
    keyLog.exporter("EXPORTER_SECRET", exporter);

    // The client's flight (§4.5)
    link.protectReading("handshake", cipher, handshakeTraffic.client);
    link.acceptPlaintextAlert();
    const peer = yield* authenticateClient(config, transcript, psk, asks);
    const finished = yield* expect("finished");
    const proof = VerifiedFinished.verify(
      peer.authentication,
      handshakeTraffic.client,
      transcript.current(),
      finished.body.verifyData,
    );
    transcript.add(finished.raw);
    link.readApplicationData(cipher, traffic.client, proof);

    const cryptography = cryptographyOf(provider, suite, group);
    return {
      negotiated: {
        ...cryptography,
        retried,
        resumed: psk !== undefined,
        earlyData: "none",
        alpn,
        serverName: extensions.server_name?.[0]?.name,
        peer: peer.authentication.identity,
        peerSignatureScheme: peer.scheme?.name,
        signatureScheme: ours?.scheme.name,
        peerGroups: extensions.supported_groups ?? [],
        origin: psk?.psk.origin,
        backends: {
          ...cryptography.backends,
          signature: ours?.credential.signer.backend,
          verification: peer.backend,
        },
      },
      suite,
      exporter,
      earlyExporter: undefined,
      resumption: mainSecret.resumption(transcript.current()),
      transcript,
      postHandshake: {
        wantsTickets:
          extensions.psk_key_exchange_modes?.includes(PskKeyExchangeMode.psk_dhe_ke) === true,
        offersAuthentication: extensions.post_handshake_auth === true,
      },
    };
  } finally {
    mainSecret.wipe();
  }
}

interface ReadHello {
  readonly hello: Message<"client_hello">;
  readonly suite: Suite;
  readonly group: Group | undefined;
  readonly transcript: TranscriptBuffer;
  readonly psk: SelectedPsk | undefined;
  readonly retried: boolean;
}

/** The ClientHello, after at most one retry, and what was chosen from it (§4.2.1). */
function* readHello(config: ServerConfig, link: Link): Handshake<ReadHello> {
  const { provider } = config;
  const first = yield* expect("client_hello");
  link.dropChangeCipherSpec();
  checkClientHello(first.body);
  const suite = chooseSuite(config.suites, first.body.cipherSuites, config.preference);
  const choice = chooseGroupFor(config, first.body);
  if (choice === undefined || !choice.retry) {
    const transcript = new TranscriptBuffer();
    const psk = yield* selectPsk(config, first, transcript, suite);
    transcript.add(first.raw);
    return { hello: first, suite, group: choice?.group, transcript, psk, retried: false };
  }

  const { group } = choice;
  const cookie = config.retryCookie ? provider.random(32) : undefined;
  const retry: Extensions<"hello_retry_request"> = {
    supported_versions: ProtocolVersion["TLS 1.3"],
    key_share: group.code,
  };
  if (cookie !== undefined) retry.cookie = cookie;
  const raw = link.send("hello_retry_request", {
    legacyVersion: ProtocolVersion["TLS 1.2"],
    random: helloRetryRequestRandom,
    legacySessionIdEcho: first.body.legacySessionId,
    cipherSuite: suite.code,
    legacyCompressionMethod: 0,
    extensions: retry,
  });
  sendCompatibilityRecord(first.body, link);
  if (first.body.extensions.early_data !== undefined) link.skipEarlyData();
  const transcript = TranscriptBuffer.retried(provider.hashes[suite.hash], first.raw, raw);
  const second = yield* expect("client_hello");
  checkClientHello(second.body);
  checkSecondHello(first.body, second.body, { group, cookie });
  const psk = yield* selectPsk(config, second, transcript, suite);
  transcript.add(second.raw);
  return { hello: second, suite, group, transcript, psk, retried: true };
}

/** `undefined` if the client wants a PSK without key exchange, and may. */
function chooseGroupFor(
  config: ServerConfig,
  { extensions }: ClientHello,
): { group: Group; retry: boolean } | undefined {
  if (extensions.supported_groups === undefined) return undefined;
  const shares = (extensions.key_share ?? []).map((entry) => entry.group);
  return chooseGroup(config.groups, extensions.supported_groups, shares, config.preference);
}

function shareOf(hello: ClientHello, group: Group): Uint8Array {
  const entry = hello.extensions.key_share?.find((share) => share.group === group.code);
  if (entry === undefined) throw new TlsError("internal", `no share of ${group.name}`);
  return entry.keyExchange;
}

/** Appendix E.4: after our first message, if the client's session id shows that it wants it. */
function sendCompatibilityRecord(hello: ClientHello, link: Link): void {
  if (hello.legacySessionId.length > 0) link.sendChangeCipherSpec();
}

/** §4.4.2. */
function requestCertificate(config: ServerConfig, link: Link, transcript: Transcript): void {
  transcript.add(
    link.send("certificate_request", {
      certificateRequestContext: new Uint8Array(0),
      extensions: { signature_algorithms: config.schemes.map((scheme) => scheme.code) },
    }),
  );
}

interface ClientAuthentication {
  readonly authentication: PeerAuthentication<PeerIdentity | undefined>;
  readonly scheme?: Scheme;
  readonly backend?: string;
}

/** The client by its binder, by its certificate, or not at all, as the configuration allows. */
function* authenticateClient(
  config: ServerConfig,
  transcript: Transcript,
  psk: SelectedPsk | undefined,
  asked: boolean,
): Handshake<ClientAuthentication> {
  if (psk !== undefined) return { authentication: psk.authentication };
  const { verifyClient } = config;
  if (!asked || verifyClient === undefined) {
    return { authentication: PeerAuthentication.anonymousClient() };
  }
  const message = yield* expect("certificate");
  if (message.body.certificateList.length > 0) {
    const flight = {
      config,
      transcript,
      signer: "client" as const,
      verify: verifyClient,
      name: undefined,
      context: new Uint8Array(0),
      asked: {},
    };
    return yield* authenticatePeer(flight, message);
  }
  // §4.5.1.3: a client may decline, unless the server insists
  if (config.clientAuthentication === "require") {
    throw new TlsError("certificate_required", "the client sent no certificate", {
      where: "certificate.certificate_list",
      section: "RFC 9846 §4.5.1.3",
    });
  }
  transcript.add(message.raw);
  return { authentication: PeerAuthentication.anonymousClient() };
}
