const nothing = new Uint8Array(0);

/** Bytes that come in pieces and leave as one: pieces of a byte would each be an array of hundreds. */
export class Gathered {
  #bytes: Uint8Array = nothing;
  #length = 0;

  /** Bytes that are here. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that they take, at most twice as many. */
  get held(): number {
    return this.#bytes.length;
  }

  /** Copies a piece. */
  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** All that was added; nothing is left here. */
  take(): Uint8Array {
    const all = this.#bytes.subarray(0, this.#length);
    this.#bytes = nothing;
    this.#length = 0;
    return all;
  }
}
