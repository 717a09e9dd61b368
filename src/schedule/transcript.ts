/**
 * The transcript (RFC 9846 §4.1): what both ends have said, as it stood on the wire.
 *
 * Theory of operation. Before ServerHello nobody knows the hash, and binders may be under another, so messages
 * are kept ({@link TranscriptBuffer}); from then on only a running hash is ({@link Transcript}). Whoever
 * reads or sends a message adds its raw bytes, and asks for the hash between two of them: before its own
 * Finished is added for what that covers, after the server's for application secrets, after the client's for
 * resumption. Nothing that was received is encoded again.
 */
import type { Hash, RunningHash } from "../crypto/provider.ts";
import { HandshakeType } from "../registry/index.ts";
import { concat } from "../wire/index.ts";

/** The handshake messages so far, before the hash is known (RFC 9846 §4.1). */
export class TranscriptBuffer {
  #messages: Uint8Array[] = [];

  /** Adds a whole message as it was sent or received, header included. */
  add(raw: Uint8Array): void {
    this.#messages.push(raw);
  }

  /** The hash that it would have with one more, possibly partial message: what a PSK binder covers (§4.3.11.2). */
  hashWith(hash: Hash, partial: Uint8Array): Uint8Array {
    return hash.digest(this.#messages.length === 0 ? partial : concat(...this.#messages, partial));
  }

  /** Goes on with the negotiated hash. */
  start(hash: Hash): Transcript {
    const transcript = new Transcript(hash);
    for (const raw of this.#messages) transcript.add(raw);
    return transcript;
  }

  /**
   * After a HelloRetryRequest the first ClientHello is replaced by its hash under the negotiated suite
   * (§4.1). What comes next may still be bound under another PSK's hash, so this is a buffer again.
   */
  static retried(
    hash: Hash,
    clientHello: Uint8Array,
    helloRetryRequest: Uint8Array,
  ): TranscriptBuffer {
    const buffer = new TranscriptBuffer();
    const header = Uint8Array.of(HandshakeType.message_hash, 0, 0, hash.length);
    buffer.add(concat(header, hash.digest(clientHello)));
    buffer.add(helloRetryRequest);
    return buffer;
  }
}

/** The running Transcript-Hash (RFC 9846 §4.1). */
export class Transcript {
  readonly hash: Hash;
  #running: RunningHash;
  /** The hash so far, until a message is added. */
  #current: Uint8Array | undefined;

  constructor(hash: Hash, running: RunningHash = hash.start()) {
    this.hash = hash;
    this.#running = running;
  }

  add(raw: Uint8Array): void {
    this.#running.update(raw);
    this.#current = undefined;
  }

  /** Transcript-Hash of all messages so far. */
  current(): Uint8Array {
    return (this.#current ??= this.#running.digest());
  }

  /** A transcript that goes on from here on its own: what authentication after the handshake covers (§4.7.2). */
  fork(): Transcript {
    return new Transcript(this.hash, this.#running.copy());
  }
}
