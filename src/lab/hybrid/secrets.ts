/**
 * The key schedule of RFC 9846 §7.1, written down once more from a hash and its HMAC alone: it shares
 * no code with the engine's, so an engine that is checked against these secrets is not checked
 * against itself.
 */
import type { Hash } from "../../crypto/index.ts";
import type { Role } from "../../schedule/index.ts";
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

export interface ExportInput {
  readonly label: string;
  readonly context: Uint8Array;
  /** Bytes wanted. */
  readonly length: number;
}

export type Secrets = Readonly<Record<SecretName, Uint8Array>>;

const nothing = new Uint8Array();

export function deriveSecrets(hash: Hash, input: ScheduleInput): Secrets {
  const { messages, sharedSecret } = input;
  const zeros = new Uint8Array(hash.length);
  const derive = (secret: Uint8Array, label: string, covered: Uint8Array): Uint8Array =>
    hkdfExpandLabel(hash, secret, label, hash.digest(covered), hash.length);
  const upTo = (type: keyof typeof types, from: Role): Uint8Array =>
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

/** What the vectors export. */
export const usualExport: ExportInput = {
  label: "EXPERIMENTAL kemistry",
  context: new Uint8Array(),
  length: 32,
};

/** At most as many bytes as the hash has (§7.5). */
export function deriveExport(
  hash: Hash,
  exporter: Uint8Array,
  { label, context, length }: ExportInput,
): Uint8Array {
  const secret = hkdfExpandLabel(hash, exporter, label, hash.digest(nothing), hash.length);
  return hkdfExpandLabel(hash, secret, "exporter", hash.digest(context), length);
}

/** The PSK of a ticket (§4.7.1). */
export const derivePsk = (hash: Hash, resumption: Uint8Array, nonce: Uint8Array): Uint8Array =>
  hkdfExpandLabel(hash, resumption, "resumption", nonce, hash.length);

/** The secret `binder_key` of a resumption PSK (§7.1). */
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

/** HandshakeType (§4). */
const types = { server_hello: 2, finished: 20 } as const;

/** The messages up to the first of that type, of which the first ClientHello may be hashed (§4.1). */
function transcript(
  hash: Hash,
  messages: readonly SentMessage[],
  type: keyof typeof types,
  from: Role,
): Uint8Array {
  const end = messages.findIndex(
    (message) =>
      message.from === from && message.bytes[0] === types[type] && !isRetry(message.bytes),
  );
  if (end < 0) throw new RangeError(`the ${from} sent no ${type}`);
  const raw = messages.slice(0, end + 1).map(({ bytes }) => bytes);
  const retry = raw.findIndex(isRetry);
  if (retry < 0) return joined(raw);
  const first = hash.digest(joined(raw.slice(0, retry)));
  return joined([Uint8Array.of(254, 0, 0, first.length), first, ...raw.slice(retry)]);
}

/** SHA-256 of "HelloRetryRequest": what a ServerHello has for its random if it is one (§4.2.3). */
const retryRandom = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

const isRetry = (message: Uint8Array): boolean =>
  message[0] === types.server_hello &&
  Array.from(message.subarray(6, 38), (byte) => byte.toString(16).padStart(2, "0")).join("") ===
    retryRandom;

/** HKDF-Extract (RFC 5869 §2.2). */
const hkdfExtract = (hash: Hash, salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array =>
  hash.hmac(salt, keyMaterial);

/** HKDF-Expand (RFC 5869 §2.3) of an HkdfLabel (§7.1), at most one block of it. */
function hkdfExpandLabel(
  hash: Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = [
    Uint8Array.of(length >> 8, length, name.length),
    name,
    Uint8Array.of(context.length),
    context,
    Uint8Array.of(1),
  ];
  return hash.hmac(secret, joined(info)).slice(0, length);
}

const joined = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
