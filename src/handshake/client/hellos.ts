/** The client's ClientHello, again after a retry, and the ServerHello that answers it (RFC 9846 §4.2). */
import { hashNameIn, hashOf, type Suite } from "../../crypto/index.ts";
import { answeredShare, offerOwn, retryGroup, selectedPsk } from "../../extensions/index.ts";
import { type Group, generateShare, generateShares } from "../../groups/index.ts";
import type { Message } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import {
  type AcceptedPeer,
  type ExporterSecret,
  type HandshakeSecret,
  type SecretOwners,
  type Transcript,
  TranscriptBuffer,
} from "../../schedule/index.ts";
import { wipe } from "../../wire/index.ts";
import type { ClientConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";
import { chooseGrease, greaseShare } from "../grease.ts";
import { extractHandshakeSecret } from "../keys.ts";
import { judgeSessions } from "./judged-sessions.ts";
import { KeyLogger } from "../key-logger.ts";
import { makeOffer, type Offer } from "./offer.ts";
import type { OfferedPsk, SessionOrigin } from "../psk.ts";
import { type Carrier, cipherOf } from "../carrier.ts";
import { checkAfterRetry, checkHello } from "./check-server-hello.ts";

/** What both ends know after the hellos. */
export interface ClientHellos {
  readonly offer: Offer;
  readonly suite: Suite;
  readonly group: Group | undefined;
  readonly transcript: Transcript;
  readonly psk: OfferedPsk | undefined;
  /** Whom the PSK stands for. */
  readonly resumedPeer: AcceptedPeer<"server"> | undefined;
  readonly handshakeSecret: HandshakeSecret;
  readonly retried: boolean;
  /** Of the session that early data was offered under; `undefined` if none was. */
  readonly earlyOrigin: SessionOrigin | undefined;
}

/** ClientHello to ServerHello, with at most one retry (§4.2). */
export function* exchangeHellos(
  config: ClientConfig,
  link: Carrier,
  owners: SecretOwners,
  onEarlyExporter: (exporter: ExporterSecret) => void,
): Handshake<ClientHellos> {
  const { provider } = config;
  const { psks, peers } = yield* judgeSessions(config);
  const shares = generateShares(
    config.shares,
    provider,
    config.reuseComponents ? { reuseComponents: true } : {},
  );
  const grease = config.grease ? chooseGrease(provider.random) : undefined;
  if (grease !== undefined) shares.unshift(greaseShare(grease));
  for (const share of shares) owners.handshake.own(share);
  let transcript = new TranscriptBuffer();
  const terms = {
    link,
    random: provider.random(32),
    sessionId: config.middleboxCompatibility ? provider.random(32) : new Uint8Array(0),
    shares,
    psks,
    earlyData: earlySuite(config, psks[0]) !== undefined,
    own: offerOwn(config.extensions),
    grease,
  };
  const first = makeOffer(config, transcript, terms, owners);
  let offer = first;
  transcript.add(first.raw);
  link.sendRaw(first.raw);
  if (first.earlyData) onEarlyExporter(startEarlyData(config, link, first));

  let answer: Message<"server_hello" | "hello_retry_request"> = yield* expect(
    "server_hello",
    "hello_retry_request",
  );
  let suite = checkHello(answer.type, answer.body, first, config);
  const retried = answer.type === "hello_retry_request";
  if (answer.type === "hello_retry_request") {
    const group = retryGroup(answer.body.extensions, config.groups, shares);
    link.expectBoundary();
    if (first.earlyData) link.abandonEarlyData();
    transcript = TranscriptBuffer.retried(hashOf(suite, provider), first.raw, answer.raw);
    const again = {
      ...first,
      shares: group === undefined ? shares : [owners.handshake.own(generateShare(group, provider))],
      // §4.2.2: PSKs that do not fit the suite may go
      psks: psks.filter((psk) => psk.hash === hashNameIn(suite)),
      earlyData: false,
      cookie: answer.body.extensions.cookie,
    };
    offer = makeOffer(config, transcript, again, owners);
    link.sendRaw(offer.raw);
    transcript.add(offer.raw);
    answer = yield* expect("server_hello");
    const second = checkHello("server_hello", answer.body, offer, config);
    checkAfterRetry(second, suite);
    suite = second;
  }

  const hash = hashOf(suite, provider);
  const { extensions } = answer.body;
  const psk = selectedPsk(extensions.pre_shared_key, offer.psks, {
    name: suite.name,
    hash: hashNameIn(suite),
  });
  const exchange = answeredShare(extensions, offer.shares, config);
  const sharedSecret = owners.handshake.hold(exchange?.share.decapsulate(exchange.keyExchange));
  const early = psk && offer.early[offer.psks.indexOf(psk)];
  const handshakeSecret = extractHandshakeSecret(hash, early, sharedSecret, owners);
  // None of this is needed any more, however long the rest takes
  wipe(sharedSecret);
  for (const secret of [...shares, ...offer.shares, ...first.early, ...offer.early]) secret.wipe();
  const running = transcript.start(hash);
  running.add(answer.raw);
  return {
    offer,
    suite,
    group: exchange?.share.group,
    transcript: running,
    psk,
    resumedPeer: psk && peers.get(psk),
    handshakeSecret,
    retried,
    earlyOrigin: first.earlyData ? psks[0]?.origin : undefined,
  };
}

/** The suite of early data, if any is to be sent: what the session had must be offered again (§4.3.10). */
function earlySuite(config: ClientConfig, psk: OfferedPsk | undefined): Suite | undefined {
  const origin = psk?.origin;
  if (!config.earlyData || origin === undefined || origin.maxEarlyData === 0) return undefined;
  if (origin.alpn !== undefined && !config.alpn.includes(origin.alpn)) return undefined;
  return config.suites.find((entry) => entry.code === origin.suite);
}

/** Goes on under keys of the first PSK (§4.3.10). */
function startEarlyData(config: ClientConfig, link: Carrier, offer: Offer): ExporterSecret {
  const psk = offer.psks[0];
  const early = offer.early[0];
  const suite = earlySuite(config, psk);
  if (psk === undefined || early === undefined || suite === undefined) {
    throw new TlsError("internal", "early data without a session that allows it");
  }
  const clientHello = early.hash.digest(offer.raw);
  const keyLog = new KeyLogger(config.keyLog, offer.random);
  const traffic = early.clientEarlyTraffic(clientHello);
  const exporter = early.earlyExporter(clientHello);
  keyLog.early(traffic, exporter);
  link.writeEarlyData(cipherOf(config.provider, suite), traffic, psk.origin?.maxEarlyData ?? 0);
  return exporter;
}
