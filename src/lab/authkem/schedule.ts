/**
 * The key schedules of AuthKEM, written down once more from a hash and its HMAC alone: they share no code with the
 * engine's, so an engine that is checked against them is not checked against itself.
 *
 * HPKE's export: RFC 9180 §4.1, §5.1, §5.3. The schedules: draft-celi-wiggers-tls-authkem-07 §4.3.1,
 * draft-wiggers-tls-authkem-psk-05 §4.4.1.
 */
import type { Hash, HashName } from "../../crypto/index.ts";
import type { Role } from "../../schedule/index.ts";

/** What a KEM scheme is in HPKE: numbers of KEM and KDF, and their hashes. */
interface Kem {
  readonly kem: number;
  readonly kdf: number;
  readonly hash: HashName;
  /** DHKEM's own, where there is one. */
  readonly dhkem?: HashName;
}

const kems: Readonly<Record<string, Kem>> = {
  kem_mlkem512: { kem: 0x0040, kdf: 1, hash: "sha256" },
  kem_mlkem768: { kem: 0x0041, kdf: 1, hash: "sha256" },
  kem_mlkem1024: { kem: 0x0042, kdf: 2, hash: "sha384" },
  dhkem_x25519_sha256: { kem: 0x0020, kdf: 1, hash: "sha256", dhkem: "sha256" },
};
const exportOnly = 0xffff;

/** What the schedule takes. */
export interface AuthKemSchedule {
  /** Of the suite. */
  readonly hash: Hash;
  readonly hashes: Readonly<Record<HashName, Hash>>;
  readonly scheme: string;
  /** The client knew the server's key before. */
  readonly isStored: boolean;
  readonly sharedSecret: Uint8Array;
  readonly encapsulated: Readonly<Partial<Record<Role, EncapsulatedTo>>>;
  readonly messages: readonly { readonly from: Role; readonly bytes: Uint8Array }[];
}

interface EncapsulatedTo {
  readonly publicKey: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly sharedSecret: Uint8Array;
}

const none = new Uint8Array(0);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const two = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Every secret of the handshake, by name. */
export function authKemSecrets(input: AuthKemSchedule): Record<string, Uint8Array> {
  const { hash, isStored, sharedSecret } = input;
  const zeros = new Uint8Array(hash.length);
  const extract = (salt: Uint8Array, key: Uint8Array): Uint8Array => hash.hmac(salt, key);
  const derive = (secret: Uint8Array, label: string, covered: Uint8Array): Uint8Array =>
    expandLabel(hash, secret, label, hash.digest(covered));
  const upTo = (type: number, from: Role): Uint8Array => transcript(input.messages, type, from);
  const next = (secret: Uint8Array): Uint8Array => derive(secret, "derived", none);

  const ofServer = exported(input, "server") ?? zeros;
  const ofClient = exported(input, "client") ?? zeros;
  const early = extract(zeros, isStored ? ofServer : zeros);
  const handshake = extract(next(early), sharedSecret);
  const toServerHello = upTo(types.serverHello, "server");
  const hellos = {
    clientHandshakeTraffic: derive(handshake, "c hs traffic", toServerHello),
    serverHandshakeTraffic: derive(handshake, "s hs traffic", toServerHello),
  };
  const toClient = upTo(types.finished, "client");
  const toServer = upTo(types.finished, "server");
  if (isStored) {
    const main = extract(next(handshake), ofClient);
    return {
      serverEncapsulated: ofServer,
      ...(input.encapsulated.client && {
        clientEncapsulated: ofClient,
        clientEarlyHandshakeTraffic: derive(
          early,
          "c e hs traffic",
          upTo(types.clientHello, "client"),
        ),
      }),
      early,
      handshake,
      ...hellos,
      main,
      clientApplicationTraffic: derive(main, "c ap traffic", toServer),
      serverApplicationTraffic: derive(main, "s ap traffic", toServer),
      exporter: derive(main, "exp master", toServer),
      resumption: derive(main, "res master", toClient),
    };
  }
  const toEncapsulation = upTo(types.encapsulation, "client");
  const authenticated = extract(next(handshake), ofServer);
  const main = extract(next(authenticated), ofClient);
  return {
    serverEncapsulated: ofServer,
    ...(input.encapsulated.client && { clientEncapsulated: ofClient }),
    early,
    handshake,
    ...hellos,
    authenticated,
    clientAuthenticatedTraffic: derive(authenticated, "c ahs traffic", toEncapsulation),
    serverAuthenticatedTraffic: derive(authenticated, "s ahs traffic", toEncapsulation),
    main,
    clientApplicationTraffic: derive(main, "c ap traffic", toClient),
    serverApplicationTraffic: derive(main, "s ap traffic", toServer),
    exporter: derive(main, "exp master", toServer),
    resumption: derive(main, "res master", toServer),
  };
}

/** verify_data of that end's Finished, which covers all messages before it. */
export function authKemFinished(
  { hash, messages }: Pick<AuthKemSchedule, "hash" | "messages">,
  main: Uint8Array,
  role: Role,
): Uint8Array {
  const at = messages.findIndex(({ from, bytes }) => from === role && bytes[0] === types.finished);
  const covered = joined(messages.slice(0, at).map(({ bytes }) => bytes));
  const key = expandLabel(hash, main, `${role} finished`, none);
  return hash.hmac(key, hash.digest(covered));
}

/** Key and IV of a traffic secret (RFC 9846 §7.3). */
export const authKemKeys = (hash: Hash, secret: Uint8Array, keyLength: number) => ({
  key: expandLabel(hash, secret, "key", none, keyLength),
  iv: expandLabel(hash, secret, "iv", none, 12),
});

/** SSs or SSc: what HPKE exports of what was encapsulated to that end's key. */
function exported(input: AuthKemSchedule, role: Role): Uint8Array | undefined {
  const to = input.encapsulated[role];
  const kem = kems[input.scheme];
  if (to === undefined || kem === undefined) return undefined;
  const hash = input.hashes[kem.hash];
  const suite = joined([text("HPKE"), two(kem.kem), two(kem.kdf), two(exportOnly)]);
  const shared =
    kem.dhkem === undefined ? to.sharedSecret : dhkem(input.hashes[kem.dhkem], kem, to);
  const context = joined([
    Uint8Array.of(0),
    labeledExtract(hash, suite, none, "psk_id_hash", none),
    labeledExtract(hash, suite, none, "info_hash", text("tls13 auth-kem")),
  ]);
  const secret = labeledExtract(hash, suite, shared, "secret", none);
  const exporter = labeledExpand(hash, suite, { secret, label: "exp", info: context }, hash.length);
  const info = text(`${role} authentication`);
  return labeledExpand(hash, suite, { secret: exporter, label: "sec", info }, input.hash.length);
}

/** ExtractAndExpand of DHKEM (RFC 9180 §4.1). */
function dhkem(hash: Hash, { kem }: Kem, to: EncapsulatedTo): Uint8Array {
  const suite = joined([text("KEM"), two(kem)]);
  const secret = labeledExtract(hash, suite, none, "eae_prk", to.sharedSecret);
  const info = joined([to.ciphertext, to.publicKey]);
  return labeledExpand(hash, suite, { secret, label: "shared_secret", info }, hash.length);
}

function labeledExtract(
  hash: Hash,
  suite: Uint8Array,
  salt: Uint8Array,
  label: string,
  key: Uint8Array,
): Uint8Array {
  const keyed = joined([text("HPKE-v1"), suite, text(label), key]);
  return hash.hmac(salt.length === 0 ? new Uint8Array(hash.length) : salt, keyed);
}

function labeledExpand(
  hash: Hash,
  suite: Uint8Array,
  of: { readonly secret: Uint8Array; readonly label: string; readonly info: Uint8Array },
  length: number,
): Uint8Array {
  const info = joined([two(length), text("HPKE-v1"), suite, text(of.label), of.info]);
  let block: Uint8Array = none;
  const blocks: Uint8Array[] = [];
  for (let at = 1; blocks.length * hash.length < length; at++) {
    block = hash.hmac(of.secret, joined([block, info, Uint8Array.of(at)]));
    blocks.push(block);
  }
  return joined(blocks).slice(0, length);
}

/** HKDF-Expand-Label (RFC 9846 §7.1), one block at most. */
function expandLabel(
  hash: Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length = hash.length,
): Uint8Array {
  const name = text(`tls13 ${label}`);
  const info = joined([
    two(length),
    Uint8Array.of(name.length),
    name,
    Uint8Array.of(context.length),
    context,
    Uint8Array.of(1),
  ]);
  return hash.hmac(secret, info).slice(0, length);
}

/** HandshakeType. */
const types = { clientHello: 1, serverHello: 2, finished: 20, encapsulation: 30 } as const;

/** The messages up to the first of that type from that end. */
function transcript(messages: AuthKemSchedule["messages"], type: number, from: Role): Uint8Array {
  const end = messages.findIndex((message) => message.from === from && message.bytes[0] === type);
  if (end < 0) throw new RangeError(`the ${from} sent no message of type ${type}`);
  return joined(messages.slice(0, end + 1).map(({ bytes }) => bytes));
}
