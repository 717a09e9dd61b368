import type { AeadKey, Provider } from "../../crypto/index.ts";
import * as check from "../../registry/check.ts";
import { concat, equal, wipe } from "../../wire/index.ts";
import type { Psk, Tickets } from "../psk.ts";
import { deserializePsk, serializePsk } from "./serialize.ts";

const nameLength = 16;
const nonceLength = 12;
const tagLength = 16;
const nothing = new Uint8Array(0);

/** What tickets are sealed with. The first key seals; all open (RFC 5077 §5.5 gives the idea). */
export class TicketKeys {
  readonly #provider: Provider;
  readonly #kept: number;
  #keys: { readonly name: Uint8Array; readonly key: AeadKey }[] = [];

  /** @param kept keys that still open, the one that seals included: tickets outlive `kept - 1` rotations */
  constructor(provider: Provider, kept = 3) {
    this.#provider = provider;
    this.#kept = kept;
    this.rotate();
  }

  /** Seals with a new key from now on, and forgets the oldest. */
  rotate(): void {
    this.add(this.#provider.random(nameLength + 32));
  }

  /** As {@link rotate}, with key material that several processes share: 16 bytes of name, 32 of key. */
  add(material: Uint8Array): void {
    if (material.length !== nameLength + 32) {
      throw new RangeError(`a ticket key has ${nameLength + 32} bytes, not ${material.length}`);
    }
    const key = this.#provider.aeads["aes-256-gcm"].importKey(material.subarray(nameLength));
    this.#keys.unshift({ name: material.slice(0, nameLength), key });
    for (const old of this.#keys.splice(this.#kept)) old.key.wipe();
  }

  /** Encrypts and authenticates a ticket's content under the newest key. */
  seal(plaintext: Uint8Array): Uint8Array {
    const { name, key } = this.#keys[0]!;
    const nonce = this.#provider.random(nonceLength);
    return concat(name, nonce, ...key.seal(nonce, name, plaintext, nothing));
  }

  /** `undefined` for what none of the keys has sealed. */
  open(sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < nameLength + nonceLength + tagLength) return undefined;
    const name = sealed.subarray(0, nameLength);
    const entry = this.#keys.find((candidate) => equal(candidate.name, name));
    if (entry === undefined) return undefined;
    const nonce = sealed.subarray(nameLength, nameLength + nonceLength);
    return entry.key.open(nonce, name, sealed.subarray(nameLength + nonceLength));
  }
}

/** How many tickets a connection gets, and how long they live. */
export interface TicketOptions {
  /** Tickets after a full handshake, at most 255. Default: 2. */
  readonly count?: number;
  /** Seconds. Default: two hours; at most seven days. */
  readonly lifetime?: number;
}

export const ticketTable = {
  // Each ticket of a connection has a nonce of its own, of one byte
  count: check.whole(0, 255),
  // §4.7.1: at most seven days
  lifetime: check.whole(1, 604_800, " seconds"),
} satisfies check.OptionTable<TicketOptions>;

/** @throws TypeError or RangeError for options that cannot be */
export function checkedTerms(who: string, options: TicketOptions): Required<TicketOptions> {
  check.checkOptions(who, options, ticketTable);
  return { count: options.count ?? 2, lifetime: options.lifetime ?? 7200 };
}

/** Tickets that hold the key themselves, sealed: the server keeps nothing. They can be used again until they expire. */
export function sealedTickets(keys: TicketKeys, options: TicketOptions = {}): Tickets {
  return {
    ...checkedTerms("sealedTickets", options),
    issue(psk: Psk) {
      const plaintext = serializePsk(psk);
      const ticket = keys.seal(plaintext);
      wipe(plaintext);
      return ticket;
    },
    redeem(ticket) {
      const plaintext = keys.open(ticket);
      const psk = plaintext && deserializePsk(plaintext);
      wipe(plaintext);
      return psk;
    },
  };
}
