/**
 * The key schedule of RFC 9846 §7.1, written down once more from HKDF alone: an engine that is
 * checked against these secrets is not checked against itself.
 */
import type { Hash } from "../../crypto/index.ts";
import { type MessageType, messageType } from "../../messages/index.ts";
import { hkdfExpandLabel, hkdfExtract } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import type { Role } from "../watch.ts";
import type { SecretName, TrafficName } from "./format.ts";

export interface SentMessage {
  readonly from: Role;
  /** Header included. */
  readonly bytes: Uint8Array;
}

export interface ScheduleInput {
  readonly sharedSecret: Uint8Array;
  /** What was resumed; absent for zeros. */
  readonly psk?: Uint8Array | undefined;
  /** Up to the client's Finished, at least. */
  readonly messages: readonly SentMessage[];
}

export type Secrets = Readonly<Record<SecretName, Uint8Array>>;

const nothing = new Uint8Array();

export const exporterLabel = "EXPERIMENTAL kemistry";

export function deriveSecrets(hash: Hash, input: ScheduleInput): Secrets {
  const { messages, sharedSecret } = input;
  const zeros = new Uint8Array(hash.length);
  const derive = (secret: Uint8Array, label: string, covered: Uint8Array): Uint8Array =>
    hkdfExpandLabel(hash, secret, label, hash.digest(covered), hash.length);
  const upTo = (type: MessageType, from: Role): Uint8Array =>
    transcript(hash, messages, type, from);
  const toServerHello = upTo("server_hello", "server");
  const toServerFinished = upTo("finished", "server");

  const early = hkdfExtract(hash, zeros, input.psk ?? zeros);
  const handshake = hkdfExtract(hash, derive(early, "derived", nothing), sharedSecret);
  const main = hkdfExtract(hash, derive(handshake, "derived", nothing), zeros);
  return {
    early,
    handshake,
    clientHandshakeTraffic: derive(handshake, "c hs traffic", toServerHello),
    serverHandshakeTraffic: derive(handshake, "s hs traffic", toServerHello),
    main,
    clientApplicationTraffic: derive(main, "c ap traffic", toServerFinished),
    serverApplicationTraffic: derive(main, "s ap traffic", toServerFinished),
    exporter: derive(main, "exp master", toServerFinished),
    resumption: derive(main, "res master", upTo("finished", "client")),
  };
}

/** The traffic key and IV (RFC 9846 §7.3). */
export const deriveKeys = (
  hash: Hash,
  secret: Uint8Array,
  keyLength: number,
): { readonly key: Uint8Array; readonly iv: Uint8Array } => ({
  key: hkdfExpandLabel(hash, secret, "key", nothing, keyLength),
  iv: hkdfExpandLabel(hash, secret, "iv", nothing, 12),
});

/** 32 bytes under {@link exporterLabel} with an empty context (§7.5). */
export function deriveExport(hash: Hash, exporter: Uint8Array): Uint8Array {
  const empty = hash.digest(nothing);
  const secret = hkdfExpandLabel(hash, exporter, exporterLabel, empty, hash.length);
  return hkdfExpandLabel(hash, secret, "exporter", empty, 32);
}

/** The PSK of a ticket (§4.7.1). */
export const derivePsk = (hash: Hash, resumption: Uint8Array, nonce: Uint8Array): Uint8Array =>
  hkdfExpandLabel(hash, resumption, "resumption", nonce, hash.length);

/** The binder key of a resumption PSK (§7.1). */
export function deriveBinderKey(hash: Hash, psk: Uint8Array): Uint8Array {
  const early = hkdfExtract(hash, new Uint8Array(hash.length), psk);
  return hkdfExpandLabel(hash, early, "res binder", hash.digest(nothing), hash.length);
}

export const trafficNames: readonly TrafficName[] = [
  "clientHandshakeTraffic",
  "serverHandshakeTraffic",
  "clientApplicationTraffic",
  "serverApplicationTraffic",
];

/** The messages up to the last of that type, of which the first ClientHello may be hashed (§4.1). */
function transcript(
  hash: Hash,
  messages: readonly SentMessage[],
  type: MessageType,
  from: Role,
): Uint8Array {
  const end = messages.findIndex(
    (message) => message.from === from && messageType(message.bytes) === type,
  );
  if (end < 0) throw new RangeError(`the ${from} sent no ${type}`);
  const raw = messages.slice(0, end + 1).map(({ bytes }) => bytes);
  const retry = raw.findIndex((bytes) => messageType(bytes) === "hello_retry_request");
  if (retry < 0) return concat(...raw);
  const first = hash.digest(concat(...raw.slice(0, retry)));
  return concat(Uint8Array.of(254, 0, 0, first.length), first, ...raw.slice(retry));
}
