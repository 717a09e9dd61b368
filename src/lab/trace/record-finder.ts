/** Under which secret, and of which number, a record is that stands behind bytes that nobody saw. */
import { hashOf, type Provider, type Suite } from "../../crypto/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { Budget } from "./budget.ts";
import type { Randoms, SecretEpoch, Secrets, WayKeys } from "./keys.ts";
import { NumberedKeys } from "./record-number.ts";

/** What is known of the direction that the record is of. */
export interface Direction {
  readonly from: Role;
  /** Of the last record that was opened; `undefined` if there was none. */
  readonly epoch: SecretEpoch | undefined;
  readonly keys: WayKeys;
  readonly randoms: Randoms;
  /** That was negotiated; `undefined` if that is not known. */
  readonly suite: Suite | undefined;
}

/** A secret under which a record can be protected. */
interface Candidate {
  readonly secret: Uint8Array;
  readonly epoch: SecretEpoch;
  /** The least number that the record can have. */
  readonly least: number;
  /** The connection that the secret is of, where that is not known otherwise. */
  readonly random?: string;
}

export interface Found extends Candidate {
  readonly suite: Suite;
  /** The record is the next that they open. */
  readonly keys: NumberedKeys;
}

const epochs: readonly SecretEpoch[] = [
  "early",
  "early certificate",
  "handshake",
  "authenticated",
  "application",
];
/** Records that are looked for in vain before a direction is given up. */
const maxMissed = 64;
/** Connections whose secrets are tried where it is not known which this is. */
const maxRandoms = 256;

export class RecordFinder {
  readonly #secrets: Secrets;
  readonly #provider: Provider;
  readonly #suites: readonly Suite[];
  readonly #budget: Budget;
  readonly #missed: Record<Role, number> = { client: 0, server: 0 };

  /** @param budget what may be tried */
  constructor(secrets: Secrets, provider: Provider, suites: readonly Suite[], budget: Budget) {
    this.#secrets = secrets;
    this.#provider = provider;
    this.#suites = suites;
    this.#budget = budget;
  }

  canFind(from: Role): boolean {
    return this.#secrets.size > 0 && this.#missed[from] < maxMissed;
  }

  find(record: Uint8Array, direction: Direction): Found | undefined {
    for (const candidate of this.#candidates(direction)) {
      const { secret, least } = candidate;
      for (const suite of this.#suitesFor(secret, direction.suite)) {
        if (!this.#budget.take(record.length)) return undefined;
        const keys = new NumberedKeys(suite, secret, this.#provider);
        if (!keys.seek(record, least)) continue;
        this.#budget.giveBack(record.length);
        return { ...candidate, suite, keys };
      }
    }
    this.#missed[direction.from]++;
    return undefined;
  }

  /** Those in use, and those that come later. */
  *#candidates({ from, epoch, keys, randoms }: Direction): Generator<Candidate> {
    const { current, nextSecret } = keys;
    if (epoch !== undefined && current !== undefined) {
      yield { secret: current.secret, epoch, least: current.records };
    }
    if (epoch === "application" && nextSecret !== undefined) {
      yield { secret: nextSecret, epoch, least: 0 };
    }
    const later = epochs.slice(epoch === undefined ? 0 : epochs.indexOf(epoch) + 1);
    const isKnown = randoms.client !== undefined || randoms.server !== undefined;
    for (const random of isKnown ? [undefined] : this.#secrets.randoms.slice(0, maxRandoms)) {
      for (const next of later) {
        const question = { end: from, epoch: next, sender: from };
        const own = random === undefined ? randoms : { client: random };
        const secret = this.#secrets.find(question, own);
        if (secret === undefined) continue;
        yield { secret, epoch: next, least: 0, ...(random !== undefined && { random }) };
      }
    }
  }

  #suitesFor({ length }: Uint8Array, negotiated: Suite | undefined): readonly Suite[] {
    if (negotiated !== undefined) return [negotiated];
    return this.#suites.filter((suite) => hashOf(suite, this.#provider).length === length);
  }
}
