/** The client's ClientHello, again after a retry, and the ServerHello that answers it (RFC 9846 §4.2). */
import { hashNameIn, hashOf, type Suite } from "../../crypto/index.ts";
import { checkOffersPostQuantum, commitmentOf } from "../continuity.ts";
import {
  acceptedStoredKey,
  answeredShare,
  continuityKey,
  offerOwn,
  retryGroup,
  selectedPsk,
} from "../../extensions/index.ts";
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
import type {
  EarlyCertificate,
  StoredKeyOffer,
  StoredKeySteps,
  TakenStoredKey,
} from "../authkem/stored-key-offer.ts";
import type { ClientConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";
import { chooseGrease, greaseShare } from "../grease.ts";
import { extractHandshakeSecret } from "../keys.ts";
import { type JudgedSessions, judgeSessions } from "./judged-sessions.ts";
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
  /** The server has the key that was known before; undefined: it presents one, or shares the PSK. */
  readonly stored: TakenStoredKey | undefined;
  readonly handshakeSecret: HandshakeSecret;
  readonly retried: boolean;
  /** Of the session that early data was offered under; `undefined` if none was. */
  readonly earlyOrigin: SessionOrigin | undefined;
}

/** A ClientHello that went out, and the transcript that ends with it. */
interface SentHello {
  readonly offer: Offer;
  readonly transcript: TranscriptBuffer;
}

/** ClientHello to ServerHello, with at most one retry (§4.2). */
export function* exchangeHellos(
  config: ClientConfig,
  link: Carrier,
  owners: SecretOwners,
  onEarlyExporter: (exporter: ExporterSecret) => void,
  authKem: StoredKeySteps | undefined,
): Handshake<ClientHellos> {
  const sessions = yield* judgeSessions(config);
  const { psks } = sessions;
  // A session is worth more: it needs no KEM, and stands for what the server proved before
  const stored = psks.length > 0 ? undefined : yield* offerStoredKey(config, owners, authKem);
  const first = sendHello(config, link, { psks, stored }, owners);
  if (first.offer.earlyData) onEarlyExporter(startEarlyData(config, link, first.offer));
  const presented = stored && authKem?.presentEarly(config, link, first.offer, stored, owners);
  const answer = yield* expect("server_hello", "hello_retry_request");
  const suite = checkHello(answer.type, answer.body, first.offer, config);
  const begun = { sessions, first, suite, authKem };
  if (answer.type === "server_hello") {
    return agree(config, { ...begun, last: first, presented, answer }, owners);
  }
  const again = yield* retry(config, link, { first, request: answer, suite }, owners);
  return agree(config, { ...begun, ...again }, owners);
}

/** To a key of the server that is known before. */
function* offerStoredKey(
  config: ClientConfig,
  owners: SecretOwners,
  authKem: StoredKeySteps | undefined,
): Handshake<StoredKeyOffer | undefined> {
  return authKem && (yield* authKem.offerStoredKey(config, owners));
}

/** The first ClientHello. */
function sendHello(
  config: ClientConfig,
  link: Carrier,
  { psks, stored }: Pick<Offer, "psks" | "stored">,
  owners: SecretOwners,
): SentHello {
  const { provider } = config;
  const reuse = config.reuseComponents ? ({ reuseComponents: true } as const) : {};
  const shares = generateShares(config.shares, provider, reuse);
  const grease = config.grease ? chooseGrease(provider.random) : undefined;
  if (grease !== undefined) shares.unshift(greaseShare(grease));
  for (const share of shares) owners.handshake.own(share);
  const transcript = new TranscriptBuffer();
  const terms = {
    link,
    random: provider.random(32),
    sessionId: config.middleboxCompatibility ? provider.random(32) : new Uint8Array(0),
    shares,
    psks,
    earlyData: earlySuite(config, psks[0]) !== undefined,
    stored,
    earlyAuth: stored?.own !== undefined,
    own: { ...offerOwn(config.extensions), ...offerContinuity(config) },
    grease,
  };
  const offer = makeOffer(config, transcript, terms, owners);
  transcript.add(offer.raw);
  link.sendRaw(offer.raw);
  return { offer, transcript };
}

/** What is asked for of a server's certificates beyond the table of extensions. */
function offerContinuity(config: ClientConfig): Record<string, Uint8Array> {
  const { continuity, kemSchemes, schemes } = config;
  if (continuity === undefined) return {};
  const commitment = commitmentOf(continuity, config.now());
  if (commitment !== undefined) checkOffersPostQuantum(commitment, [...kemSchemes, ...schemes]);
  return { [continuityKey(continuity.type)]: new Uint8Array(0) };
}

interface Retry {
  readonly first: SentHello;
  readonly request: Message<"hello_retry_request">;
  readonly suite: Suite;
}

/** §4.2.4: the first ClientHello again, but for what the retry asks; and its answer. */
function* retry(
  config: ClientConfig,
  link: Carrier,
  { first: { offer: first }, request, suite }: Retry,
  owners: SecretOwners,
): Handshake<{ readonly last: SentHello; readonly answer: Message<"server_hello"> }> {
  const { provider } = config;
  const { extensions } = request.body;
  const group = retryGroup(extensions, config.groups, first.shares);
  link.expectBoundary();
  if (first.earlyData || first.earlyAuth) link.abandonEarlyData();
  const transcript = TranscriptBuffer.retried(hashOf(suite, provider), first.raw, request.raw);
  const terms = {
    ...first,
    shares: group ? [owners.handshake.own(generateShare(group, provider))] : first.shares,
    // §4.2.2: PSKs that do not fit the suite may go
    psks: first.psks.filter((psk) => psk.hash === hashNameIn(suite)),
    earlyData: false,
    earlyAuth: false,
    cookie: extensions.cookie,
  };
  const offer = makeOffer(config, transcript, terms, owners);
  link.sendRaw(offer.raw);
  transcript.add(offer.raw);
  const answer = yield* expect("server_hello");
  checkAfterRetry(checkHello("server_hello", answer.body, offer, config), suite);
  return { last: { offer, transcript }, answer };
}

interface Exchange {
  readonly sessions: JudgedSessions;
  readonly first: SentHello;
  /** The one that is answered. */
  readonly last: SentHello;
  /** Our certificate, if it was sent and no retry came between. */
  readonly presented?: EarlyCertificate | undefined;
  readonly answer: Message<"server_hello">;
  readonly suite: Suite;
  readonly authKem: StoredKeySteps | undefined;
}

/** What ServerHello chose, and the secret that comes of it (§7.1). */
function agree(
  config: ClientConfig,
  { sessions, first: { offer: first }, last, presented, answer, suite, authKem }: Exchange,
  owners: SecretOwners,
): ClientHellos {
  const { offer, transcript } = last;
  const { extensions } = answer.body;
  const hash = hashOf(suite, config.provider);
  const psk = selectedPsk(extensions.pre_shared_key, offer.psks, {
    name: suite.name,
    hash: hashNameIn(suite),
  });
  const exchange = answeredShare(extensions, offer.shares, config);
  const sharedSecret = owners.handshake.hold(exchange?.share.decapsulate(exchange.keyExchange));
  const accepted = acceptedStoredKey(extensions, suite.code === config.suites[0]?.code);
  const stored =
    accepted &&
    offer.stored &&
    authKem?.takeStoredKey(offer.stored, accepted, presented, { hash, owners });
  const early = (psk && offer.early[offer.psks.indexOf(psk)]) ?? stored?.early;
  const handshakeSecret = extractHandshakeSecret(hash, early, sharedSecret, owners);
  // None of this is needed any more, however long the rest takes
  wipe(sharedSecret);
  const spent = [...first.shares, ...offer.shares, ...first.early, ...offer.early];
  for (const secret of [...spent, early, offer.stored?.encapsulation]) secret?.wipe();
  // The server has read it before it answered
  if (stored?.own !== undefined) transcript.add(stored.own.raw);
  const running = transcript.start(hash);
  running.add(answer.raw);
  return {
    offer,
    suite,
    group: exchange?.share.group,
    transcript: running,
    psk,
    resumedPeer: psk && sessions.peers.get(psk),
    stored,
    handshakeSecret,
    retried: offer !== first,
    earlyOrigin: first.earlyData ? first.psks[0]?.origin : undefined,
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
