import { Duplex } from "node:stream";

/** The two ends of a pipe in memory: what one writes, the other reads. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const a = new End();
  const b = new End();
  a.other = b;
  b.other = a;
  return [a, b];
}

class End extends Duplex {
  other: End | undefined;
  #taken: (() => void) | undefined;

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: () => void): void {
    this.#hand(chunk, callback);
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], callback: () => void): void {
    this.#hand(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: () => void): void {
    this.other!.push(null);
    callback();
  }

  #hand(bytes: Uint8Array, callback: () => void): void {
    const other = this.other!;
    if (other.push(bytes)) callback();
    else other.#taken = callback;
  }
}
