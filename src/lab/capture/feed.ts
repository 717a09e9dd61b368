import { concat } from "../../wire/index.ts";

/** Bytes that come in pieces of any size, and are taken in others. */
export class Feed {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** The piece is not copied: it must not change until all of it is taken. */
  push(piece: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length === 0 ? piece : concat(rest, piece);
    this.#at = 0;
  }

  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next bytes, which stay; `undefined` if they are not there yet. */
  peek(count: number): Uint8Array | undefined {
    return this.length < count ? undefined : this.#bytes.subarray(this.#at, this.#at + count);
  }

  take(count: number): Uint8Array | undefined {
    const taken = this.peek(count);
    if (taken !== undefined) this.#at += count;
    return taken;
  }
}
