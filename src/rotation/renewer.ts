import type { Credential } from "../identity/index.ts";

/** Milliseconds since the epoch, both inclusive. */
export interface Validity {
  readonly notBefore: number;
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

export interface RenewerOptions<T> {
  /** Gets the successor: from a CA, a file, an agent. */
  readonly obtain: (current: T) => T | PromiseLike<T>;
  /** Puts it in use, in one step. */
  readonly install: (next: T) => void | PromiseLike<void>;
  readonly validity: (value: T) => Validity;
  /** The part of its life after which a value is renewed, 0 to 1. Default: 2/3. */
  readonly after?: number;
  /** The part of its life, and of a delay, that chance may take away: a fleet must not come at once. Default: 0.1. */
  readonly jitter?: number;
  /** Milliseconds until the first repetition, doubled each time. Default: 1000. */
  readonly firstDelay?: number;
  /** Milliseconds between repetitions, at most. Default: five minutes. */
  readonly longestDelay?: number;
  readonly onEvent?: (event: RenewalEvent) => void;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** 0 to 1, 1 excluded. Default: `Math.random`. */
  readonly random?: () => number;
  /** Does something after so many milliseconds; what it returns prevents it. Default: a timer. */
  readonly schedule?: (action: () => void, delay: number) => () => void;
}

/** How long a credential is good for: its whole chain must be. */
export const validityOf = ({ chain }: Credential): Validity => ({
  notBefore: Math.max(...chain.map(({ notBefore }) => notBefore)),
  notAfter: Math.min(...chain.map(({ notAfter }) => notAfter)),
});

/** Timers hold 31 bits; a longer wait is several. */
const longestTimer = 2 ** 31 - 1;

/** Renews what ends, before it does. */
export class Renewer<T> {
  readonly #options: RenewerOptions<T>;
  #current: T;
  #attempts = 0;
  #toldExpired = false;
  #cancel: (() => void) | undefined;
  #isRunning = true;

  /** Begins with what is in use. */
  constructor(current: T, options: RenewerOptions<T>) {
    this.#options = options;
    this.#current = current;
    this.#plan();
  }

  get current(): T {
    return this.#current;
  }

  /** Renews now, whatever the plan was: after a revocation, say. Never rejects: events tell. */
  async renew(): Promise<void> {
    if (!this.#isRunning) return;
    this.#cancel?.();
    this.#cancel = undefined;
    const { obtain, install, validity } = this.#options;
    try {
      const next = await obtain(this.#current);
      const { notAfter } = validity(next);
      if (notAfter <= this.#now()) throw new Error("the successor has ended already");
      if (!this.#isRunning) return;
      await install(next);
      this.#current = next;
      this.#attempts = 0;
      this.#toldExpired = false;
      this.#tell({ type: "renewed", notAfter });
      this.#plan();
    } catch (error) {
      this.#repeat(error);
    }
  }

  /** Renews no more. */
  stop(): void {
    this.#isRunning = false;
    this.#cancel?.();
  }

  #plan(): void {
    const { validity, after = 2 / 3 } = this.#options;
    const { notBefore, notAfter } = validity(this.#current);
    const life = notAfter - notBefore;
    const at = notBefore + life * after - life * this.#chance();
    this.#tell({ type: "scheduled", at });
    this.#wait(at);
  }

  #repeat(error: unknown): void {
    const { firstDelay = 1000, longestDelay = 300_000, validity } = this.#options;
    const delay = Math.min(firstDelay * 2 ** this.#attempts, longestDelay);
    const retryAt = this.#now() + delay * (1 - this.#chance());
    this.#attempts++;
    this.#tell({ type: "failed", error, attempts: this.#attempts, retryAt });
    const { notAfter } = validity(this.#current);
    if (notAfter <= this.#now() && !this.#toldExpired) {
      this.#toldExpired = true;
      this.#tell({ type: "expired", notAfter });
    }
    this.#wait(retryAt);
  }

  #wait(until: number): void {
    if (!this.#isRunning) return;
    const { schedule = timer } = this.#options;
    const delay = Math.max(0, until - this.#now());
    this.#cancel = schedule(
      () => (delay > longestTimer ? this.#wait(until) : void this.renew()),
      Math.min(delay, longestTimer),
    );
  }

  #chance(): number {
    const { jitter = 0.1, random = Math.random } = this.#options;
    return jitter * random();
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #tell(event: RenewalEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** In Node a renewer alone does not keep the process alive. */
function timer(action: () => void, delay: number): () => void {
  const handle: unknown = setTimeout(action, delay);
  (handle as { unref?: () => void }).unref?.();
  return () => clearTimeout(handle as number);
}
