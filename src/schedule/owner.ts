/**
 * Who wipes secrets. Every secret has an owner from the moment that it is made, and stays with it until it
 * is wiped: whatever is left when a handshake or a connection ends, in whichever way, its owner wipes.
 */
import { TlsError } from "../registry/index.ts";
import { wipe } from "../wire/index.ts";

/** Something that can be wiped, once or more often. */
export interface Wipeable {
  wipe(): void;
}

/** Holds secrets for as long as something lasts. */
export class SecretOwner {
  /** Few at any time, so that a list is faster than a set. */
  readonly #live: Wipeable[] = [];
  #ended = false;

  /**
   * Takes a secret over.
   * @throws TlsError `internal` when the owner has ended: the secret is wiped, and must not be used
   */
  own<T extends Wipeable>(secret: T): T {
    if (this.#ended) {
      secret.wipe();
      throw new TlsError("internal", "a secret was made after its owner had ended");
    }
    this.#live.push(secret);
    return secret;
  }

  /** As {@link own}, for bytes that are not yet a secret of the key schedule. */
  hold<T extends Uint8Array | undefined>(bytes: T): T {
    if (bytes !== undefined) this.own({ wipe: () => wipe(bytes) });
    return bytes;
  }

  /** It was wiped before its owner's end. */
  release(secret: Wipeable): void {
    const at = this.#live.lastIndexOf(secret);
    if (at < 0) return;
    const last = this.#live.pop()!;
    if (at < this.#live.length) this.#live[at] = last;
  }

  /** The end: wipes all that is left, and takes nothing any more. */
  wipe(): void {
    this.#ended = true;
    for (let secret = this.#live.pop(); secret !== undefined; secret = this.#live.pop()) {
      secret.wipe();
    }
  }
}

/** The two owners that the secrets of a connection have. */
export interface SecretOwners {
  /** Ends with the handshake: PSKs, key shares, what they give, and the main secret. */
  readonly handshake: SecretOwner;
  /** Ends with the connection: traffic secrets, exporters, and the source of tickets. */
  readonly connection: SecretOwner;
}
