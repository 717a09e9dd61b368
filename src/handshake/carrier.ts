/**
 * What a handshake needs of the layer that carries its messages. TLS records are one
 * (`src/record/link.ts`); QUIC's CRYPTO frames or DTLS records could stand there as well, and a test has
 * one without records (`test/handshake/without-records.test.ts`).
 *
 * Theory of operation. A carrier moves whole handshake messages in order, and holds the keys. Each
 * direction is at one level: plaintext, early, handshake, application. The handshake says when a direction
 * goes to the next level, and with which secret; it goes there between two messages, so nothing sent before
 * is protected under the new keys, and a peer that began a message before has broken the rules
 * ({@link Carrier.expectBoundary}). Writing and reading are two doors. Writing needs a secret; the doors to
 * what the peer's application says need more, a value that shows what was verified.
 *
 * What belongs to records stays behind: change_cipher_spec and legacy versions, alerts in the clear, the
 * skipping of refused early data, fragments, padding, and the limits on all of it.
 */
import { aeadOf, type Provider, type Suite } from "../crypto/index.ts";
import { encodeMessage, type MessageBody, type MessageType } from "../messages/index.ts";
import type { RecordCipher } from "../record/index.ts";
import type {
  BoundEarlyData,
  PeerOf,
  Role,
  SecretOwner,
  TrafficSecret,
  VerifiedFinished,
} from "../schedule/index.ts";

/** What protects a level. With the suite a transport can derive keys of its own: QUIC's key, iv and hp. */
export interface Cipher extends RecordCipher {
  readonly suite: Suite;
}

export interface Carrier<Self extends Role = Role> {
  /** Whose end it is. */
  readonly role: Self;
  /** Holds the secrets that end with the connection. */
  readonly secrets: SecretOwner;
  /** Queues a whole message at the level of now. The carrier may keep the bytes, and does not change them. */
  sendRaw(raw: Uint8Array): void;
  /** What we send from now on, the messages of a handshake or all that follows it. */
  protectWriting(level: "handshake" | "application", cipher: Cipher, secret: TrafficSecret): void;
  protectReading(level: "handshake", cipher: Cipher, secret: TrafficSecret): void;
  /** The door to the peer's application data: its Finished has the key. */
  readApplicationData(cipher: Cipher, proof: VerifiedFinished<PeerOf<Self>>): void;
  /** The peer must wait for us now. @throws TlsError if it went on sending */
  expectBoundary(): void;

  /** A client writes 0-RTT data, at most `limit` bytes of it (RFC 9846 §4.3.10). */
  writeEarlyData(cipher: Cipher, secret: TrafficSecret, limit: number): void;
  /** A retry refused what a client wrote: its second ClientHello goes out in the clear (RFC 9846 §4.2.4). */
  abandonEarlyData(): void;
  /** A server reads 0-RTT data of the client whose binder was right. */
  readEarlyData(
    this: Carrier<"server">,
    cipher: Cipher,
    proof: BoundEarlyData,
    limit: number,
  ): void;
  /** A server does not: what comes of it is dropped. */
  refuseEarlyData(): void;
  /** The end of early data is a message, EndOfEarlyData (RFC 9846 §4.6). In QUIC the level says it (RFC 9001 §8.3). */
  readonly hasEndOfEarlyData: boolean;

  /** Both ends named the largest record that they take (RFC 8449 §4). Only a carrier with records is asked to. */
  limitRecords(ours: number, theirs: number): void;

  /** Writes messages in place of {@link encodeMessage}: the way of a peer that breaks rules on purpose. */
  encode?<T extends MessageType>(type: T, body: MessageBody<T>): Uint8Array;
}

/** What comes after the handshake needs besides: the secrets of now, and KeyUpdate. */
export interface OpenCarrier<Self extends Role = Role> extends Carrier<Self> {
  /** What keys a Finished after the handshake (RFC 9846 §4.7.2). */
  readonly readingSecret: TrafficSecret;
  readonly writingSecret: TrafficSecret;
  /** The peer goes to its next keys, and may ask us to do the same (RFC 9846 §4.7.3). */
  followKeyUpdate(requestUpdate: number): void;
}

export const cipherOf = (provider: Provider, suite: Suite): Cipher => ({
  suite,
  aead: aeadOf(suite, provider),
  recordLimit: suite.recordLimit,
});

/** The bytes of a message of ours, header included. */
export const encode = <T extends MessageType>(
  carrier: Carrier,
  type: T,
  body: MessageBody<T>,
): Uint8Array => carrier.encode?.(type, body) ?? encodeMessage(type, body);

/** Encodes and queues a message. Returns its bytes, for the transcript. */
export function send<T extends MessageType>(
  carrier: Carrier,
  type: T,
  body: MessageBody<T>,
): Uint8Array {
  const raw = encode(carrier, type, body);
  carrier.sendRaw(raw);
  return raw;
}
