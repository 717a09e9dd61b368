import { HandshakeType, nameOf, TlsError } from "../registry/index.ts";

const headerLength = 4;
/** With SHA-512. */
const longestFinished = headerLength + 64;
const nothing = new Uint8Array(0);

/** Puts handshake messages together from the fragments that records carry (RFC 9846 §5.1). */
export class Reassembly {
  readonly #limit: number;
  /** What has come begins here; room to grow may follow. */
  #buffer: Uint8Array = nothing;
  #length = 0;

  /** @param limit bytes of one message, header included */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True if a message has begun and is not whole. */
  get pending(): boolean {
    return this.#length > 0;
  }

  /** Bytes of memory that wait for the rest of a message. */
  get held(): number {
    return this.#buffer.length;
  }

  /** Adds a fragment, which must not alias a buffer of the caller's. */
  push(fragment: Uint8Array): void {
    if (this.#length === 0) {
      this.#buffer = fragment;
      this.#length = fragment.length;
      return;
    }
    const length = this.#length + fragment.length;
    if (length > this.#buffer.length) {
      // Twice the room: a message in many small records costs in proportion to its length
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(fragment, this.#length);
    this.#length = length;
  }

  /**
   * The next whole message, header included.
   * @throws TlsError `message_too_long`, for a Finished `malformed`, as soon as the header promises too much
   */
  next(): Uint8Array | undefined {
    if (this.#length < headerLength) return undefined;
    const bytes = this.#buffer;
    const length = headerLength + ((bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!);
    // §4.5.3: a hash and nothing else; waiting for the rest would only delay decode_error
    if (bytes[0] === HandshakeType.finished && length > longestFinished) {
      throw new TlsError("malformed", "finished is longer than any hash", {
        expected: `at most ${longestFinished} bytes`,
        received: `${length} bytes`,
        where: "finished.verifyData",
        section: "RFC 9846 §4.5.3",
      });
    }
    if (length > this.#limit) {
      throw new TlsError("message_too_long", `${nameOf(HandshakeType, bytes[0]!, 2)} is too long`, {
        expected: `at most ${this.#limit} bytes`,
        received: `${length} bytes`,
        where: "handshake.length",
        section: "RFC 9846 §4",
      });
    }
    if (this.#length < length) return undefined;
    this.#length -= length;
    // An empty view would keep the whole flight alive
    this.#buffer = this.#length === 0 ? nothing : bytes.subarray(length);
    return bytes.length === length ? bytes : bytes.subarray(0, length);
  }
}
