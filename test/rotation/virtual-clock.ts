/** Time that passes when a test says so. */
export class VirtualClock {
  now: number;
  #ahead = 0;
  readonly #timers = new Set<{ readonly action: () => void; readonly at: number }>();

  constructor(now: number) {
    this.now = now;
  }

  get planned(): number {
    return this.#timers.size;
  }

  /** What the wall says. */
  readonly read = (): number => this.now + this.#ahead;

  /** The wall's clock is set, or the machine has slept: no timer has noticed. */
  jump(duration: number): void {
    this.#ahead += duration;
  }

  readonly schedule = (action: () => void, delay: number): (() => void) => {
    const timer = { action, at: this.now + delay };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => this.schedule(resolve, delay));
  }

  /** Lets time pass, and what is due happen in its order. A thousand timers at one moment are an error. */
  async pass(duration: number): Promise<void> {
    const end = this.now + duration;
    let atOnce = 0;
    for (;;) {
      await settled();
      const next = [...this.#timers].toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      atOnce = next.at > this.now ? 0 : atOnce + 1;
      if (atOnce > 1000) throw new Error(`time stands still at ${this.now}`);
      this.now = Math.max(this.now, next.at);
      this.#timers.delete(next);
      next.action();
    }
    this.now = end;
  }
}

/** All that needs no time has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
