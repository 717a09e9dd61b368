/**
 * What a client says to a server whose key it knows before (draft-wiggers-tls-authkem-psk-05): it encapsulates to the key
 * in its ClientHello, and may show its own certificate in the same flight.
 */
import { hashOf, type KemScheme } from "../../crypto/index.ts";
import { checkMayAuthenticate } from "../../identity/index.ts";
import { TlsError } from "../../registry/index.ts";
import {
  AcceptedPeer,
  Encapsulated,
  type Encapsulation,
  KemEarlySecret,
  type Schedule,
  type SecretOwners,
} from "../../schedule/index.ts";
import { findDecapsulating, type KemChoice } from "../authentication/credential-choice.ts";
import { encodeOurselves } from "../authentication/own-flight.ts";
import { type Carrier, cipherOf } from "../carrier.ts";
import type { ClientConfig, StoredKey } from "../config.ts";
import { commitmentOf, isPostQuantumChain } from "../continuity.ts";
import { type Handshake, settle } from "../coroutine.ts";
import { KeyLogger } from "../key-logger.ts";
import { fingerprintOf } from "./terms.ts";

/** What a client sends to a server whose key it knows. */
export interface StoredKeyOffer {
  /** SHA-256 of the key. */
  readonly fingerprint: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly scheme: KemScheme;
  readonly encapsulation: Encapsulation<"server">;
  /** What we show with it; absent: nothing before we are asked. */
  readonly own?: KemChoice | undefined;
}

/** What a server took of it. */
export interface TakenStoredKey {
  readonly scheme: KemScheme;
  readonly encapsulated: Encapsulated<"server">;
  /** What stands in the place of a PSK's. */
  readonly early: KemEarlySecret;
  /** Our certificate, which the server took as well, and its message. */
  readonly own: (EarlyCertificate & { readonly choice: KemChoice }) | undefined;
}

/** Our Certificate as it was sent with the first flight. */
export interface EarlyCertificate {
  readonly raw: Uint8Array;
}

/**
 * Judges the server whose key is known as it would be judged if it presented it now, and encapsulates to the key.
 * Where that is refused nothing is offered: there is a full handshake, which will say why.
 */
export function* offerStoredKey(
  config: ClientConfig,
  owners: SecretOwners,
): Handshake<StoredKeyOffer | undefined> {
  const { storedKey, kemSchemes, provider } = config;
  if (storedKey === undefined) return undefined;
  const key = keyOf(storedKey);
  const scheme = kemSchemes.find(({ keyType }) => keyType === key.type);
  if (scheme === undefined || !mayStandForCertificate(config, storedKey)) return undefined;
  const peer = yield* judge(config, storedKey);
  if (peer === undefined) return undefined;
  const encapsulation = Encapsulated.ahead(peer, scheme, provider);
  owners.handshake.own(encapsulation);
  return {
    fingerprint: fingerprintOf(key, provider),
    ciphertext: encapsulation.ciphertext,
    scheme,
    encapsulation,
    own: config.presentEarly ? ownChoice(config) : undefined,
  };
}

/** Of what was offered, what the server took. */
export function takeStoredKey(
  { scheme, encapsulation, own: choice }: StoredKeyOffer,
  { earlyAuth }: { readonly earlyAuth: boolean },
  presented: EarlyCertificate | undefined,
  schedule: Pick<Schedule, "hash" | "owners">,
): TakenStoredKey {
  const own = earlyAuth && presented && choice ? { ...presented, choice } : undefined;
  const encapsulated = encapsulation.secretFor(schedule);
  return { scheme, encapsulated, early: KemEarlySecret.of(encapsulated, schedule.owners), own };
}

/** What a client does before the server has answered. */
export interface StoredKeySteps {
  readonly offerStoredKey: typeof offerStoredKey;
  readonly presentEarly: typeof presentEarly;
  readonly takeStoredKey: typeof takeStoredKey;
}

const keyOf = ({ chain, rawPublicKey }: StoredKey) => {
  const key = chain[0]?.publicKey ?? rawPublicKey;
  if (key === undefined) throw new TlsError("misuse", "a stored key that is none");
  return key;
};

/** What a server says beside its certificate, and is asked for, nobody says here. */
function mayStandForCertificate(config: ClientConfig, { chain }: StoredKey): boolean {
  const { continuity, knownSchemes, stapling } = config;
  const isPromised = commitmentOf(continuity, config.now()) !== undefined;
  if (isPromised && !isPostQuantumChain(chain, knownSchemes)) return false;
  return !(stapling && chain[0]?.tlsFeatures !== undefined);
}

const storedAt = "authKem.storedKey.chain[0]";

function* judge(
  config: ClientConfig,
  { chain, rawPublicKey }: StoredKey,
): Handshake<AcceptedPeer<"server"> | undefined> {
  const [leaf] = chain;
  const question = {
    chain,
    rawPublicKey: leaf === undefined ? rawPublicKey : undefined,
    usage: "server" as const,
    name: config.serverName,
    now: config.now(),
    provider: config.provider,
    resumed: false,
    ocspResponse: undefined,
    signedCertificateTimestamps: [],
  };
  try {
    if (leaf !== undefined) checkMayAuthenticate(leaf, storedAt, config.provider);
    return yield* settle(AcceptedPeer.ask(config.verifyServer, question));
  } catch (error) {
    if (error instanceof TlsError && error.code !== "misuse") return undefined;
    throw error;
  }
}

/** The first credential that encapsulates: a client must know that the server takes it (§3.1). */
function ownChoice({
  credentials,
  kemSchemes,
  knownSchemes,
  now,
}: ClientConfig): KemChoice | undefined {
  const certified = credentials.filter(({ rawPublicKey }) => rawPublicKey === undefined);
  const wishes = { signature_algorithms: kemSchemes.map(({ code }) => code) };
  return findDecapsulating(certified, wishes, now(), knownSchemes);
}

/**
 * Sends our Certificate behind the ClientHello, under the first suite that it offers: whoever has the server's key can
 * read it, now or later (§3.2).
 */
export function presentEarly(
  config: ClientConfig,
  link: Carrier,
  hello: { readonly random: Uint8Array; readonly raw: Uint8Array },
  { encapsulation, own }: StoredKeyOffer,
  owners: SecretOwners,
): EarlyCertificate | undefined {
  const [suite] = config.suites;
  if (own === undefined || suite === undefined) return undefined;
  const hash = hashOf(suite, config.provider);
  const early = KemEarlySecret.of(encapsulation.secretFor({ hash, owners }), owners);
  const secret = early.clientEarlyHandshakeTraffic(hash.digest(hello.raw));
  early.wipe();
  new KeyLogger(config.keyLog, hello.random).earlyHandshake(secret);
  link.protectWriting("handshake", cipherOf(config.provider, suite), secret);
  const { credential } = own;
  const raw = encodeOurselves({ config, link, credential, asked: nothing });
  link.sendRaw(raw);
  return { raw };
}

/** Nobody has asked for anything beside it. */
const nothing = { compression: [], wantsStatus: false, wantsTimestamps: false } as const;
