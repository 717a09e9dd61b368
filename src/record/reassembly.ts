import { HandshakeType, nameOf, TlsError } from "../registry/index.ts";

const headerLength = 4;
/**
 * Bytes that the body of a message can have at most, where its type says: waiting for more would only delay
 * decode_error (RFC 9846 §6.2). Lists and blocks of extensions are their fields' limit, a Finished is one hash.
 */
const longest: ReadonlyMap<number, number> = new Map<number, number>([
  [HandshakeType.end_of_early_data, 0],
  [HandshakeType.key_update, 1],
  [HandshakeType.finished, 64],
  [HandshakeType.encrypted_extensions, 2 + 0xffff],
  [HandshakeType.certificate_request, 1 + 0xff + 2 + 0xffff],
  [HandshakeType.certificate_verify, 2 + 2 + 0xffff],
  [HandshakeType.server_hello, 2 + 32 + 1 + 32 + 2 + 1 + 2 + 0xffff],
]);
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
   * @throws TlsError `message_too_long`, or `malformed` where its type can have no such length, as soon as the header
   * promises too much
   */
  next(): Uint8Array | undefined {
    if (this.#length < headerLength) return undefined;
    const bytes = this.#buffer;
    const length = headerLength + ((bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!);
    const most = headerLength + (longest.get(bytes[0]!) ?? Infinity);
    if (length > most) {
      const name = nameOf(HandshakeType, bytes[0]!, 2);
      throw new TlsError("malformed", `${name} is longer than one can be`, {
        expected: `at most ${most} bytes`,
        received: `${length} bytes`,
        where: name,
        section: "RFC 9846 §6.2",
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
