import { messageName } from "../messages/index.ts";
import { TlsError } from "../registry/index.ts";

const headerLength = 4;

/** Puts handshake messages together from the fragments that records carry (RFC 9846 §5.1). */
export class Reassembly {
  readonly #limit: number;
  #bytes: Uint8Array = new Uint8Array(0);

  /** @param limit bytes of one message, header included */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True if a message has begun and is not whole. */
  get pending(): boolean {
    return this.#bytes.length > 0;
  }

  /** Adds a fragment, which must not alias a buffer of the caller's. */
  push(fragment: Uint8Array): void {
    if (this.#bytes.length === 0) {
      this.#bytes = fragment;
      return;
    }
    const joined = new Uint8Array(this.#bytes.length + fragment.length);
    joined.set(this.#bytes);
    joined.set(fragment, this.#bytes.length);
    this.#bytes = joined;
  }

  /** The next whole message, header included. @throws TlsError `message_too_long` as soon as the header promises too much */
  next(): Uint8Array | undefined {
    const bytes = this.#bytes;
    if (bytes.length < headerLength) return undefined;
    const length = headerLength + ((bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!);
    if (length > this.#limit) {
      throw new TlsError("message_too_long", `${messageName(bytes)} is too long`, {
        expected: `at most ${this.#limit} bytes`,
        received: `${length} bytes`,
        where: "handshake.length",
        section: "RFC 9846 §4",
      });
    }
    if (bytes.length < length) return undefined;
    this.#bytes = bytes.subarray(length);
    return bytes.length === length ? bytes : bytes.subarray(0, length);
  }
}
