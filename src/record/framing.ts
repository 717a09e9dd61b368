import { ContentType, nameOf, TlsError } from "../registry/index.ts";
import { release } from "../wire/index.ts";
import { maxExpansion, maxFragment, recordHeaderLength } from "./limits.ts";

/** Cuts a byte stream into whole records, whatever the pieces in which it arrives (RFC 9846 §5.1). */
export class RecordFraming {
  /** What the caller gave and nobody took yet stands here, from `start` to `end`. */
  #buffer: Uint8Array = nothing;
  #start = 0;
  #end = 0;
  /** The buffer is ours, and there may be room behind `end`. */
  #owned = false;
  /** A record that has begun, in a buffer that grows with it. */
  #partial: Uint8Array | undefined;
  #filled = 0;
  /** Bytes of the begun record: of its header alone, until that is whole. */
  #size = 0;
  /** The last record, if it was put together here and not read in place. */
  #joined: Uint8Array | undefined;

  /** Bytes of complete input that wait; a begun record is not counted, its size is bounded. */
  get waiting(): number {
    return this.#end - this.#start;
  }

  /** Bytes of memory that wait for more input, or for someone to read them. */
  get held(): number {
    return (this.#owned ? this.#buffer.length : 0) + (this.#partial?.length ?? 0);
  }

  /** True in the middle of a record. */
  get inRecord(): boolean {
    return this.#partial !== undefined || this.waiting > 0;
  }

  /** Offers more input. It is read in place: call {@link detach} before the caller reuses its buffer. */
  push(bytes: Uint8Array): void {
    if (this.waiting === 0) {
      // A Buffer as a plain array: its slice() would not copy
      this.#hold(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), bytes.length);
      return;
    }
    if (!this.#owned || this.#end + bytes.length > this.#buffer.length) this.#grow(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Copies what is left, so that nothing aliases the caller's buffer. */
  detach(): void {
    if (this.waiting === 0) this.#hold(nothing, 0);
    else if (!this.#owned) this.#grow(0);
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

  #hold(buffer: Uint8Array, length: number): void {
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = length;
    this.#owned = false;
  }

  /** Moves what waits to a buffer of ours; twice the room, so that many small pieces cost no more than one. */
  #grow(more: number): void {
    const { waiting } = this;
    const larger = new Uint8Array(more === 0 ? waiting : Math.max(waiting + more, 2 * waiting));
    larger.set(this.#buffer.subarray(this.#start, this.#end));
    this.#hold(larger, waiting);
    this.#owned = true;
  }

  #nextInPlace(): Uint8Array | undefined {
    const { waiting } = this;
    if (waiting < recordHeaderLength) {
      if (waiting > 0) this.#begin(recordHeaderLength);
      return undefined;
    }
    const start = this.#start;
    const length = recordLength(this.#buffer, start);
    if (waiting < length) {
      this.#begin(length);
      return undefined;
    }
    this.#start += length;
    return this.#buffer.subarray(start, this.#start);
  }

  #nextAcrossPieces(): Uint8Array | undefined {
    if (!this.#fill()) return undefined;
    if (this.#size === recordHeaderLength) {
      this.#size = recordLength(this.#partial!, 0);
      if (!this.#fill()) return undefined;
    }
    this.#joined = this.#partial!.subarray(0, this.#size);
    this.#partial = undefined;
    return this.#joined;
  }

  #begin(size: number): void {
    this.#partial = nothing;
    this.#filled = 0;
    this.#size = size;
    this.#fill();
  }

  /** Moves input into the begun record; true once it is full. */
  #fill(): boolean {
    const count = Math.min(this.#size - this.#filled, this.waiting);
    const filled = this.#filled + count;
    let partial = this.#partial!;
    if (filled > partial.length) {
      // Not what the header promises at once: promises cost five bytes
      partial = new Uint8Array(Math.min(this.#size, mostRoom * filled));
      partial.set(this.#partial!.subarray(0, this.#filled));
      this.#partial = partial;
    }
    partial.set(this.#buffer.subarray(this.#start, this.#start + count), this.#filled);
    this.#start += count;
    this.#filled = filled;
    return filled === this.#size;
  }
}

/** A begun record takes so many times the bytes that have come, at most. */
const mostRoom = 8;

const nothing = new Uint8Array(0);

const types: readonly number[] = Object.values(ContentType);

/** Length of the whole record whose header stands there. */
function recordLength(bytes: Uint8Array, at: number): number {
  const type = bytes[at]!;
  // §5: a type that does not exist; most often another protocol, whose "record" would never be whole
  if (!types.includes(type)) {
    throw new TlsError("unexpected_message", "this is not a TLS record", {
      expected: Object.keys(ContentType).join(", "),
      received: `type ${nameOf(ContentType, type, 2)}`,
      where: "record.type",
      section: "RFC 9846 §5",
    });
  }
  const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
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
