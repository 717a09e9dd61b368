/** First size of the buffer in bytes: most messages fit. */
const commonCapacity = 2048;
/** A buffer that no writer uses now, wiped; larger ones are not kept. */
let spare: Uint8Array | undefined;
const keptCapacity = 0x8000;

/** The largest integer of so many bytes. */
const largest = [0, 1, 2, 3, 4, 5, 6].map((size) => 2 ** (8 * size) - 1);

/** A growing buffer that codecs append to. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  /** @param capacity first size of the buffer in bytes; it doubles when full */
  constructor(capacity = commonCapacity) {
    if (spare !== undefined && spare.length >= capacity) {
      this.#bytes = spare;
      spare = undefined;
    } else {
      this.#bytes = new Uint8Array(capacity);
    }
  }

  /** Bytes that were written so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends an unsigned integer of `size` bytes, up to six, most significant first. */
  uint(size: number, value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > largest[size]!) {
      throw new RangeError(`${value} is not an unsigned integer of ${size} bytes`);
    }
    const at = this.#grow(size);
    this.#put(at, size, value);
  }

  /** Appends bytes; they are copied. */
  append(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Leaves room for a length of `size` bytes; {@link end} takes what this returns. */
  begin(size: number): number {
    return this.#grow(size);
  }

  /** Writes the length of what came since {@link begin}, and checks it against the bounds. */
  end(at: number, size: number, min: number, max: number): void {
    const length = this.#length - at - size;
    if (length < min || length > max) {
      throw new RangeError(`${length} bytes do not fit a vector of ${min} to ${max}`);
    }
    this.#put(at, size, length);
  }

  /** The bytes written, in memory of their own. Nothing can be written after that. */
  finish(): Uint8Array {
    const bytes = this.#bytes;
    const written = bytes.slice(0, this.#length);
    if (bytes.length <= keptCapacity) spare = bytes.fill(0, 0, this.#length);
    this.#bytes = finished;
    return written;
  }

  #grow(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    return at;
  }

  #put(at: number, size: number, value: number): void {
    for (let i = at + size - 1; i >= at; i--) {
      this.#bytes[i] = value & 0xff;
      value = Math.floor(value / 256);
    }
  }
}

const finished = new Uint8Array(0);
