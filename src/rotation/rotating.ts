import * as check from "../registry/check.ts";
import type { Certificate, TrustStore } from "../identity/index.ts";
import { equal } from "../wire/index.ts";

/** How long a replaced value is still honoured. */
export interface RotationOptions {
  /** Milliseconds for which a value is honoured after it was replaced. */
  readonly overlap: number;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
}

const rotation = check.complete(
  {
    // Infinity: until it is forgotten
    overlap: (value, where) => {
      if (value !== Infinity) check.number(0, Infinity, " milliseconds")(value, where);
    },
    now: check.callable,
  } satisfies check.OptionTable<RotationOptions>,
  "write { overlap }, in milliseconds",
  ["overlap"],
);

/**
 * A value that is replaced while it is in use. Whoever reads it gets the old one or the new one, never
 * something between; what was replaced is honoured for a while.
 */
export class Rotating<T> {
  readonly #overlap: number;
  readonly #now: () => number;
  #values: readonly { readonly value: T; readonly until: number }[];

  /** @throws TypeError or RangeError for options that cannot be */
  constructor(first: T, options: RotationOptions) {
    rotation(options, "Rotating");
    const { overlap, now = Date.now } = options;
    this.#overlap = overlap;
    this.#now = now;
    this.#values = [{ value: first, until: Infinity }];
  }

  /** The newest: what is used from now on. */
  get current(): T {
    return this.#values[0]!.value;
  }

  /** All that is still accepted, the newest first. */
  get honoured(): readonly T[] {
    const now = this.#now();
    if (this.#values.some(({ until }) => until <= now)) {
      this.#values = this.#values.filter(({ until }) => until > now);
    }
    return this.#values.map(({ value }) => value);
  }

  /** Puts a value in use; the one before it is honoured for the overlap. */
  replace(next: T): void {
    const until = this.#now() + this.#overlap;
    const before = this.#values.map(({ value, until: end }) => ({
      value,
      until: Math.min(end, until),
    }));
    this.#values = [{ value: next, until: Infinity }, ...before];
  }

  /** Ends the overlap at once: what was replaced is honoured no more. */
  forget(): void {
    this.#values = this.#values.slice(0, 1);
  }
}

/** Trusts what any honoured store trusts: give it as `trust`, and replace the roots when they change. */
export function rotatingTrust(stores: Rotating<TrustStore>): TrustStore {
  return {
    get anchors() {
      return unique(stores.honoured.flatMap(({ anchors }) => anchors));
    },
    find: (subject) => unique(stores.honoured.flatMap((store) => store.find(subject))),
    has: (certificate) => stores.honoured.some((store) => store.has(certificate)),
    get unreadable() {
      return stores.honoured.flatMap(({ unreadable = [] }) => unreadable);
    },
  };
}

/** A root that stays is in the old store and in the new one. */
const unique = (certificates: readonly Certificate[]): readonly Certificate[] =>
  certificates.filter(
    ({ der }, index) => certificates.findIndex((other) => equal(other.der, der)) === index,
  );
