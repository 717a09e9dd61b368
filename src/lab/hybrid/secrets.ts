/**
 * The key schedule of RFC 9846 §7.1, written down once more from a hash and its HMAC alone: it shares
 * no code with the engine's, so an engine that is checked against these secrets is not checked
 * against itself.
 */
import type { Hash } from "../../crypto/index.ts";
import type { FurtherSecretName, FurtherTrafficName, SecretName, TrafficName } from "./format.ts";
import type { Role } from "../../schedule/index.ts";

/** A handshake message, and the end that sent it. */
export interface SentMessage {
  /** The end that sent it. */
  readonly from: Role;
  /** Header included. */
  readonly bytes: Uint8Array;
}

/** What the key schedule takes (RFC 9846 §7.1). */
export interface ScheduleInput {
  /** The (EC)DHE input of the schedule; for a hybrid that of both components. */
  readonly sharedSecret: Uint8Array;
  /** What was resumed; absent for zeros. */
  readonly psk?: Uint8Array | undefined;
  /** Up to the client's Finished, at least. */
  readonly messages: readonly SentMessage[];
}

/** What an exporter is asked for (RFC 9846 §7.5). */
export interface ExportInput {
  /** The label, without its prefix. */
  readonly label: string;
  /** The context value; may be empty. */
  readonly context: Uint8Array;
  /** Bytes wanted. */
  readonly length: number;
}

/** The secrets of a handshake by their names, each as long as the hash. */
export type Secrets = Readonly<
  Record<SecretName, Uint8Array> & Partial<Record<FurtherSecretName, Uint8Array>>
>;

const nothing = new Uint8Array();

export function deriveSecrets(hash: Hash, input: ScheduleInput): Secrets {
  const { messages, sharedSecret } = input;
  const zeros = new Uint8Array(hash.length);
  const derive = (secret: Uint8Array, label: string, covered: Uint8Array): Uint8Array =>
    hkdfExpandLabel(hash, secret, label, hash.digest(covered), hash.length);
  const upTo = (type: "server_hello" | "finished", from: Role): Uint8Array =>
    transcript(hash, messages, type, from);
  const toServerHello = upTo("server_hello", "server");
  const toServerFinished = upTo("finished", "server");

  const early = hkdfExtract(hash, zeros, input.psk ?? zeros);
  const handshake = hkdfExtract(hash, derive(early, "derived", nothing), sharedSecret);
  const main = hkdfExtract(hash, derive(handshake, "derived", nothing), zeros);
  const traffic = {
    client: derive(main, "c ap traffic", toServerFinished),
    server: derive(main, "s ap traffic", toServerFinished),
  };
  const has = (type: number, from: Role) =>
    messages.some((message) => message.from === from && message.bytes[0] === type);
  const updated = (from: Role) =>
    hkdfExpandLabel(hash, traffic[from], "traffic upd", nothing, hash.length);
  return {
    early,
    handshake,
    clientHandshakeTraffic: derive(handshake, "c hs traffic", toServerHello),
    serverHandshakeTraffic: derive(handshake, "s hs traffic", toServerHello),
    main,
    clientApplicationTraffic: traffic.client,
    serverApplicationTraffic: traffic.server,
    exporter: derive(main, "exp master", toServerFinished),
    resumption: derive(main, "res master", upTo("finished", "client")),
    ...(has(types.end_of_early_data, "client") && {
      clientEarlyTraffic: derive(early, "c e traffic", messages[0]!.bytes),
      earlyExporter: derive(early, "e exp master", messages[0]!.bytes),
    }),
    ...(has(types.key_update, "client") && { clientUpdatedTraffic: updated("client") }),
    ...(has(types.key_update, "server") && { serverUpdatedTraffic: updated("server") }),
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

/** The labels of binder keys (§7.1, RFC 9258 §5.2). */
const binderLabels = {
  resumption: "res binder",
  external: "ext binder",
  imported: "imp binder",
} as const;
/** Where a PSK comes from, which decides the label of its binder (RFC 9846 §7.1, RFC 9258 §5.2). */
export type PskOrigin = keyof typeof binderLabels;

/** The secret `binder_key` of a PSK (§7.1). */
export function deriveBinderKey(
  hash: Hash,
  psk: Uint8Array,
  origin: PskOrigin = "resumption",
): Uint8Array {
  const early = hkdfExtract(hash, new Uint8Array(hash.length), psk);
  return hkdfExpandLabel(hash, early, binderLabels[origin], hash.digest(nothing), hash.length);
}

/** KDF identifiers by the length of the hash (RFC 9258 §10). */
const targetKdfs: Readonly<Record<number, number>> = { 32: 1, 48: 2 };

/**
 * Imports a key for TLS 1.3 and a hash (RFC 9258 §5.1): the identity for the wire, and the PSK.
 *
 * @param own SHA-256, as for a key with which no hash is associated
 */
export function deriveImported(
  own: Hash,
  target: Hash,
  external: {
    readonly identity: Uint8Array;
    readonly secret: Uint8Array;
    readonly context: Uint8Array;
  },
): { readonly identity: Uint8Array; readonly psk: Uint8Array } {
  const uint16 = (value: number) => Uint8Array.of(value >> 8, value);
  const prefixed = (bytes: Uint8Array) => joined([uint16(bytes.length), bytes]);
  const identity = joined([
    prefixed(external.identity),
    prefixed(external.context),
    uint16(0x0304),
    uint16(targetKdfs[target.length] ?? 0),
  ]);
  const extracted = hkdfExtract(own, new Uint8Array(own.length), external.secret);
  const digest = own.digest(identity);
  return { identity, psk: hkdfExpandLabel(own, extracted, "derived psk", digest, target.length) };
}

export const trafficNames: readonly (TrafficName | FurtherTrafficName)[] = [
  "clientHandshakeTraffic",
  "serverHandshakeTraffic",
  "clientApplicationTraffic",
  "serverApplicationTraffic",
  "clientEarlyTraffic",
  "clientUpdatedTraffic",
  "serverUpdatedTraffic",
];

/** HandshakeType (§4). */
const types = { server_hello: 2, end_of_early_data: 5, finished: 20, key_update: 24 } as const;

/** The messages up to the first of that type, of which the first ClientHello may be hashed (§4.1). */
function transcript(
  hash: Hash,
  messages: readonly SentMessage[],
  type: "server_hello" | "finished",
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
