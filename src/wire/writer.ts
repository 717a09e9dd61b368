/** A growing buffer that codecs append to. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;

  /** @param capacity first size of the buffer in bytes; it doubles when full */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Appends an unsigned integer of `size` bytes, most significant first. */
  uint(size: number, value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * size)) {
      throw new RangeError(`${value} is not an unsigned integer of ${size} bytes`);
    }
    const at = this.#grow(size);
    this.#put(at, size, value);
  }

  append(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Writes a length of `size` bytes in front of what `write` appends, and checks it against the bounds. */
  prefixed(size: number, min: number, max: number, write: (writer: Writer) => void): void {
    const at = this.#grow(size);
    write(this);
    const length = this.#length - at - size;
    if (length < min || length > max) {
      throw new RangeError(`${length} bytes do not fit a vector of ${min} to ${max}`);
    }
    this.#put(at, size, length);
  }

  /** The bytes written so far, as a view that owns its memory once writing is over. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
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
