/** Under which secret, and of which number, a record is that stands behind bytes that nobody saw. */
import { hashOf, type Provider, type Suite } from "../../crypto/index.ts";
import { type Role, SecretOwner, TrafficSecret } from "../../schedule/index.ts";
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

interface Trial {
  readonly found: Found;
  readonly numbers: Generator<number>;
}

const epochs: readonly SecretEpoch[] = [
  "early",
  "early certificate",
  "handshake",
  "authenticated",
  "application",
];
/** Connections whose secrets are tried where it is not known which this is. */
const maxRandoms = 256;
/** Key updates that can have been lost in one gap. */
const maxUpdates = 4;
/** Bytes that are tried for a record, and for a direction, in vain or until the number was found. */
const maxTried = { record: 2 ** 24, direction: 2 ** 26 };
/** What a try costs beside the bytes of the record. */
const tryCost = 4096;

export class RecordFinder {
  readonly #secrets: Secrets;
  readonly #provider: Provider;
  readonly #suites: readonly Suite[];
  readonly #budget: Budget;
  /** Bytes that may still be tried. */
  readonly #left = { client: maxTried.direction, server: maxTried.direction };

  /** @param budget what all connections may try */
  constructor(secrets: Secrets, provider: Provider, suites: readonly Suite[], budget: Budget) {
    this.#secrets = secrets;
    this.#provider = provider;
    this.#suites = suites;
    this.#budget = budget;
  }

  canFind(from: Role): boolean {
    return this.#secrets.size > 0 && this.#left[from] > 0;
  }

  /** Under each secret one number is tried, then the next under each. */
  find(record: Uint8Array, direction: Direction): Found | undefined {
    const { from } = direction;
    const cost = record.length + tryCost;
    let rest = maxTried.record;
    let trials: Iterable<Trial> = this.#trials(record, direction);
    for (let isMore = true; isMore;) {
      const further: Trial[] = [];
      for (const trial of trials) {
        const { value: number, done } = trial.numbers.next();
        if (done === true) continue;
        rest -= cost;
        if (rest < 0 || !this.#take(from, cost)) return undefined;
        if (trial.found.keys.seek(record, number)) {
          // What is found at once costs nothing
          this.#left[from] += cost;
          this.#budget.giveBack(cost);
          return trial.found;
        }
        further.push(trial);
      }
      trials = further;
      isMore = further.length > 0;
    }
    return undefined;
  }

  /** If there is no more, the direction is given up. */
  #take(from: Role, cost: number): boolean {
    const isLeft = this.#left[from] >= cost && this.#budget.take(cost);
    this.#left[from] = isLeft ? this.#left[from] - cost : 0;
    return isLeft;
  }

  *#trials(record: Uint8Array, direction: Direction): Generator<Trial> {
    const suites = direction.suite === undefined ? this.#suites : [direction.suite];
    for (const suite of suites) {
      for (const candidate of this.#candidates(direction)) {
        if (candidate.secret.length !== hashOf(suite, this.#provider).length) continue;
        for (const found of this.#updated(candidate, suite)) {
          yield { found, numbers: found.keys.numbersOf(record, found.least) };
        }
      }
    }
  }

  /** A secret, and those after key updates (RFC 9846 §7.2). */
  *#updated(candidate: Candidate, suite: Suite): Generator<Found> {
    const hash = hashOf(suite, this.#provider);
    const updates = candidate.epoch === "application" ? maxUpdates : 0;
    let traffic = new TrafficSecret(hash, candidate.secret.slice(), new SecretOwner());
    for (let count = 0; count <= updates; count++) {
      const secret = traffic.reveal();
      const keys = new NumberedKeys(suite, secret, this.#provider);
      yield { ...candidate, ...(count > 0 && { secret, least: 0 }), suite, keys };
      if (count < updates) traffic = traffic.next();
    }
  }

  /** Those in use, and those that come later, the last first: most records are of application data. */
  *#candidates({ from, epoch, keys, randoms }: Direction): Generator<Candidate> {
    const { current } = keys;
    if (epoch !== undefined && current !== undefined) {
      yield { secret: current.secret, epoch, least: current.records };
    }
    const later = epochs.slice(epoch === undefined ? 0 : epochs.indexOf(epoch) + 1).toReversed();
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
}
