/**
 * Renews what ends, before it does.
 *
 * A value is renewed after a part of the life that it had left when it was installed: certificates are
 * valid from before they were issued, so that counting from notBefore would find a short one due at once.
 * There is one attempt at a time, and the shortest delay between two, whatever the plan, the successor or
 * the errors are. An attempt and the delay after it take an eighth of that life each, at most: an authority
 * that comes back has heard from everybody after a quarter of it. But five seconds are given to each attempt: where
 * an authority is busy, shorter ones would only ask again and again.
 */
import type { Credential } from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { TlsError } from "../registry/index.ts";

/** Milliseconds since the epoch, both inclusive. */
export interface Validity {
  /** The first moment at which it is valid. */
  readonly notBefore: number;
  /** The last moment at which it is valid. */
  readonly notAfter: number;
}

/** What a {@link Renewer} has to say; nothing of it needs an answer. */
export type RenewalEvent =
  | { readonly type: "scheduled"; readonly at: number }
  | { readonly type: "renewed"; readonly notAfter: number }
  /** Tried `attempts` times in a row, and the next time at `retryAt`. */
  | {
      readonly type: "failed";
      readonly error: unknown;
      readonly attempts: number;
      readonly retryAt: number;
    }
  /** What is in use has ended, and there is no successor. */
  | { readonly type: "expired"; readonly notAfter: number };

/** How a {@link Renewer} gets, installs and times what it renews. Durations are in milliseconds. */
export interface RenewerOptions<T> {
  /**
   * Gets the successor: from a CA, a file, an agent. The signal is aborted when it took too long, and by
   * `stop()`; what comes afterwards is not used.
   */
  readonly obtain: (current: T, signal: AbortSignal) => T | PromiseLike<T>;
  /** Puts it in use, in one step. The signal is that of `obtain`. */
  readonly install: (next: T, signal: AbortSignal) => void | PromiseLike<void>;
  /** When a value is valid: the times of its certificate, say. */
  readonly validity: (value: T) => Validity;
  /** The part of the life left at its installation after which a value is renewed, 0 to 1. Default: 2/3. */
  readonly after?: number;
  /**
   * The part of that life, and of a delay, that chance may take away, 0 to 1: a fleet must not come at
   * once. Default: 0.1.
   */
  readonly jitter?: number;
  /** Milliseconds between two attempts, at least; doubled with each that fails. Default: 1000. */
  readonly shortestDelay?: number;
  /**
   * Milliseconds between two attempts of which the first failed, at most: less where an eighth of the life,
   * or half of what is left of it, is less. Default: five minutes.
   */
  readonly longestDelay?: number;
  /**
   * Milliseconds that an attempt may take; less where an eighth of the life is less, but no less than 5000 for that.
   * Default: 30 000.
   */
  readonly timeout?: number;
  /** What it throws is ignored: a log that fails must not end renewal. */
  readonly onEvent?: (event: RenewalEvent) => void;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** 0 to 1, 1 excluded. Default: `Math.random`. */
  readonly random?: () => number;
  /** Does something after so many milliseconds; what it returns prevents it. Default: a timer. */
  readonly schedule?: (action: () => void, delay: number) => () => void;
}

const part = check.number(0, 1);
/** Less than a millisecond is not a delay. */
const waiting = check.number(1, Infinity, " milliseconds");

const renewerTable = {
  obtain: check.callable,
  install: check.callable,
  validity: check.callable,
  after: part,
  jitter: part,
  shortestDelay: waiting,
  longestDelay: waiting,
  timeout: waiting,
  onEvent: check.callable,
  now: check.callable,
  random: check.callable,
  schedule: check.callable,
} satisfies check.OptionTable<RenewerOptions<unknown>>;
const checkRenewer = check.complete(renewerTable, "write { obtain, install, validity }", [
  "obtain",
  "install",
  "validity",
]);

/** How long a credential is good for: its whole chain must be. */
export const validityOf = ({ chain }: Credential): Validity => ({
  notBefore: Math.max(...chain.map(({ notBefore }) => notBefore)),
  notAfter: Math.min(...chain.map(({ notAfter }) => notAfter)),
});

/** The clock is read again at least this often: it may be set, and a machine may sleep. */
const longestTimer = 60_000;

/** Attempts, and delays between them, take this part of a life at most. */
const share = 1 / 8;

/** Milliseconds that an attempt may take, however short a life is. */
const enough = 5000;

/** Renews what ends, before it does. */
export class Renewer<T> {
  readonly #options: RenewerOptions<T>;
  readonly #shortestDelay: number;
  #current: T;
  #validity: Validity;
  #time = Number.NaN;
  /** Milliseconds that a value has left when it is installed. */
  #life = 0;
  #attempts = 0;
  #toldExpired = false;
  #cancel: (() => void) | undefined;
  #flight: Promise<void> | undefined;
  #ending = new AbortController();
  #isAsked = false;
  #isStopped = false;

  /**
   * Begins with what is in use.
   * @throws TypeError or RangeError for options that cannot be, TlsError `misuse` for times that are none
   */
  constructor(current: T, options: RenewerOptions<T>) {
    checkRenewer(options, "Renewer");
    this.#options = options;
    this.#shortestDelay = options.shortestDelay ?? 1000;
    this.#current = current;
    this.#validity = checked(options.validity(current));
    if (!Number.isFinite(this.#now())) throw noTime("options.now");
    this.#plan();
  }

  /** The value in use. */
  get current(): T {
    return this.#current;
  }

  /**
   * Renews now, whatever the plan was: after a revocation, say. The successor may then end before what it
   * replaces. Where an attempt is under way it is that one. Never rejects: events tell.
   */
  renew(): Promise<void> {
    this.#isAsked = true;
    return this.#renew();
  }

  /** Renews no more. What is under way is not installed. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#ending.abort(new Error("renewal was stopped"));
  }

  /** One attempt at a time. */
  #renew(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#flight ??= this.#attempt().finally(() => {
      this.#flight = undefined;
      this.#isAsked = false;
    });
    return this.#flight;
  }

  async #attempt(): Promise<void> {
    this.#cancel?.();
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    const limit = Math.min(this.#options.timeout ?? 30_000, Math.max(this.#life * share, enough));
    const late = new Error(`no successor within ${Math.round(limit)} ms`);
    const cancel = this.#schedule(() => this.#ending.abort(late), limit);
    try {
      await Promise.race([this.#replace(signal), rejectedBy(signal)]);
      this.#attempts = 0;
      this.#toldExpired = false;
      this.#tell({ type: "renewed", notAfter: this.#validity.notAfter });
      this.#plan();
    } catch (error) {
      if (!this.#isStopped) this.#repeat(error);
    } finally {
      cancel();
    }
  }

  async #replace(signal: AbortSignal): Promise<void> {
    const { obtain, install, validity } = this.#options;
    const next = await obtain(this.#current, signal);
    signal.throwIfAborted();
    const own = checked(validity(next));
    const { notAfter } = own;
    if (notAfter < this.#now()) throw new Error("the successor has ended already");
    if (!this.#isAsked && notAfter <= this.#validity.notAfter) {
      throw new Error("the successor ends no later than what it should replace");
    }
    await install(next, signal);
    signal.throwIfAborted();
    this.#current = next;
    this.#validity = own;
  }

  #plan(): void {
    const { after = 2 / 3 } = this.#options;
    const { notBefore, notAfter } = this.#validity;
    const start = Math.max(notBefore, this.#now());
    const left = notAfter - start;
    // An ended one tells nothing but how long it was meant to live
    this.#life = left > 0 ? left : Math.max(this.#life, notAfter - notBefore);
    const due = start + Math.max(0, left * (after - this.#chance()));
    const at = Math.max(due, this.#now() + this.#shortestDelay);
    this.#tell({ type: "scheduled", at });
    this.#wait(at);
  }

  #repeat(error: unknown): void {
    const { longestDelay = 300_000 } = this.#options;
    const left = this.#validity.notAfter - this.#now();
    const delay = Math.min(
      this.#shortestDelay * 2 ** this.#attempts,
      longestDelay,
      this.#life * share,
      left > 0 ? left / 2 : Infinity,
    );
    const retryAt = this.#now() + this.#atLeast(delay * (1 - this.#chance()));
    this.#attempts++;
    this.#tell({ type: "failed", error, attempts: this.#attempts, retryAt });
    this.#wait(retryAt);
  }

  /** Waits for the next attempt, and for the end of what is in use, which is told in time. */
  #wait(until: number): void {
    if (this.#isStopped) return;
    const { notAfter } = this.#validity;
    if (!this.#toldExpired && this.#now() > notAfter) {
      this.#toldExpired = true;
      this.#tell({ type: "expired", notAfter });
      if (this.#isStopped) return;
    }
    const next = this.#toldExpired ? until : Math.min(until, notAfter + 1);
    const delay = Math.min(Math.max(0, next - this.#now()), longestTimer);
    this.#cancel = this.#schedule(() => {
      if (this.#now() < until) this.#wait(until);
      else void this.#renew();
    }, delay);
  }

  /** No delay is shorter than the shortest. */
  #atLeast(milliseconds: number): number {
    return Math.max(milliseconds, this.#shortestDelay);
  }

  #chance(): number {
    const { jitter = 0.1, random = Math.random } = this.#options;
    return jitter * random();
  }

  /** A clock that fails stands still. */
  #now(): number {
    const now = (this.#options.now ?? Date.now)();
    if (Number.isFinite(now)) this.#time = now;
    return this.#time;
  }

  #schedule(action: () => void, delay: number): () => void {
    return (this.#options.schedule ?? timer)(action, delay);
  }

  #tell(event: RenewalEvent): void {
    try {
      const answer: unknown = this.#options.onEvent?.(event);
      // An asynchronous one rejects
      if (answer instanceof Promise) answer.catch(() => {});
    } catch {
      // Renewal goes on without its log
    }
  }
}

/** A time that is none would be a delay of nothing. */
function checked(validity: Validity): Validity {
  if (Number.isFinite(validity.notBefore) && Number.isFinite(validity.notAfter)) return validity;
  throw noTime("options.validity");
}

const noTime = (where: string): TlsError =>
  new TlsError("misuse", "a time that is none", {
    expected: "milliseconds since the epoch",
    where,
  });

/** Rejects when the signal is aborted, with its reason. */
const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });

/** In Node a renewer alone does not keep the process alive. */
function timer(action: () => void, delay: number): () => void {
  const handle: unknown = setTimeout(action, delay);
  (handle as { unref?: () => void }).unref?.();
  return () => clearTimeout(handle as number);
}
