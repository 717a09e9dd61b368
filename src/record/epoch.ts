import type { Aead } from "../crypto/provider.ts";
import type { TrafficSecret } from "../schedule/index.ts";
import { RecordProtection } from "./protection.ts";

/** Which keys protect a direction. Only `early` and `application` may carry data. */
export type EpochName = "plaintext" | "early" | "handshake" | "application";

/** The AEAD of a connection, and how many records one key of it may protect (RFC 9846 §5.5). */
export interface RecordCipher {
  readonly aead: Aead;
  readonly recordLimit: number;
}

export const carriesData = (name: EpochName): boolean => name === "early" || name === "application";

/** A protected epoch: the secret, for its successor, and the keys made from it. */
export class Epoch {
  readonly name: Exclude<EpochName, "plaintext">;
  readonly protection: RecordProtection;
  readonly #cipher: RecordCipher;
  readonly secret: TrafficSecret;

  /** Takes over the secret, and wipes it when the epoch ends. */
  constructor(name: Exclude<EpochName, "plaintext">, cipher: RecordCipher, secret: TrafficSecret) {
    this.name = name;
    this.#cipher = cipher;
    this.secret = secret;
    this.protection = new RecordProtection(cipher.aead, secret);
  }

  get recordLimit(): number {
    return this.#cipher.recordLimit;
  }

  /** The epoch after a KeyUpdate (RFC 9846 §7.2); this one is wiped. */
  next(): Epoch {
    const successor = new Epoch(this.name, this.#cipher, this.secret.next());
    this.wipe();
    return successor;
  }

  wipe(): void {
    this.protection.wipe();
    this.secret.wipe();
  }
}
