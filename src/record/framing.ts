import { ContentType, nameOf, TlsError } from "../registry/index.ts";
import { release } from "../wire/index.ts";
import { maxExpansion, maxFragment, recordHeaderLength } from "./limits.ts";

/** Cuts a byte stream into whole records, whatever the pieces in which it arrives (RFC 9846 §5.1). */
export class RecordFraming {
  /** What the caller gave and nobody took yet. */
  #input: Uint8Array = new Uint8Array(0);
  /** A record that has begun: allocated to its full size, once its header is whole. */
  #partial: Uint8Array | undefined;
  #filled = 0;
  /** The last record, if it was put together here and not read in place. */
  #joined: Uint8Array | undefined;

  /** Bytes of complete input that wait; a begun record is not counted, its size is bounded. */
  get waiting(): number {
    return this.#input.length;
  }

  /** True in the middle of a record. */
  get inRecord(): boolean {
    return this.#partial !== undefined || this.#input.length > 0;
  }

  /** Offers more input. It is read in place: call {@link detach} before the caller reuses its buffer. */
  push(bytes: Uint8Array): void {
    if (this.#input.length === 0) {
      // A Buffer as a plain array: its slice() would not copy
      this.#input = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      return;
    }
    const joined = new Uint8Array(this.#input.length + bytes.length);
    joined.set(this.#input);
    joined.set(bytes, this.#input.length);
    this.#input = joined;
  }

  /** Copies what is left, so that nothing aliases the caller's buffer. */
  detach(): void {
    this.#input = this.#input.length === 0 ? nothing : this.#input.slice();
  }

  /**
   * The next whole record, header included, valid until the next call; `undefined` if there is none yet.
   *
   * @throws TlsError `unexpected_message` or `record_overflow` as soon as the header is read, if its type is
   * none or it promises too much
   */
  next(): Uint8Array | undefined {
    if (this.#joined !== undefined) release(this.#joined);
    this.#joined = undefined;
    return this.#partial === undefined ? this.#nextInPlace() : this.#nextAcrossPieces();
  }

  #nextInPlace(): Uint8Array | undefined {
    const input = this.#input;
    if (input.length < recordHeaderLength) {
      if (input.length > 0) this.#begin(recordHeaderLength);
      return undefined;
    }
    const length = recordLength(input);
    if (input.length < length) {
      this.#begin(length);
      return undefined;
    }
    this.#input = input.length === length ? nothing : input.subarray(length);
    return input.subarray(0, length);
  }

  #nextAcrossPieces(): Uint8Array | undefined {
    if (!this.#fill()) return undefined;
    const header = this.#partial!;
    if (header.length === recordHeaderLength) {
      const length = recordLength(header);
      if (length > recordHeaderLength) {
        this.#partial = new Uint8Array(length);
        this.#partial.set(header);
        if (!this.#fill()) return undefined;
      }
    }
    this.#joined = this.#partial;
    this.#partial = undefined;
    return this.#joined;
  }

  #begin(size: number): void {
    this.#partial = new Uint8Array(size);
    this.#filled = 0;
    this.#fill();
  }

  /** Moves input into the begun record; true once it is full. */
  #fill(): boolean {
    const partial = this.#partial!;
    const count = Math.min(partial.length - this.#filled, this.#input.length);
    partial.set(this.#input.subarray(0, count), this.#filled);
    this.#input = this.#input.subarray(count);
    this.#filled += count;
    return this.#filled === partial.length;
  }
}

const nothing = new Uint8Array(0);

const types: readonly number[] = Object.values(ContentType);

/** Length of the whole record that this header begins. */
function recordLength(header: Uint8Array): number {
  // §5: a type that does not exist; most often another protocol, whose "record" would never be whole
  if (!types.includes(header[0]!)) {
    throw new TlsError("unexpected_message", "this is no TLS record", {
      expected: Object.keys(ContentType).join(", "),
      received: `type ${nameOf(ContentType, header[0]!, 2)}`,
      where: "record.type",
      section: "RFC 9846 §5",
    });
  }
  const length = (header[3]! << 8) | header[4]!;
  // §5.2: no record is longer, whatever its type
  if (length > maxFragment + maxExpansion) {
    throw new TlsError("record_overflow", "the record is too long", {
      expected: `at most ${maxFragment + maxExpansion} bytes`,
      received: `${length} bytes`,
      where: "record.length",
      section: "RFC 9846 §5.2",
    });
  }
  return recordHeaderLength + length;
}
