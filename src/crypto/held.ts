/** A secret that cannot be used any more once it was wiped. */
export class Held<T> {
  #secret: T | undefined;

  constructor(secret: T) {
    this.#secret = secret;
  }

  /** @throws Error after {@link wipe} */
  get(): T {
    if (this.#secret === undefined) throw new Error("this key was wiped");
    return this.#secret;
  }

  /** Forgets the secret, and overwrites it if it is bytes. Returns whether there was still one. */
  wipe(): boolean {
    const held = this.#secret !== undefined;
    if (this.#secret instanceof Uint8Array) this.#secret.fill(0);
    this.#secret = undefined;
    return held;
  }
}
