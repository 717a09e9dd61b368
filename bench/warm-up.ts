/** Windows that there are before it is over. */
const leastWindows = 9;
/**
 * Code is compiled by how often it runs, and a handshake is much code: it still gets faster after thousands
 * of them. What is slow enough need not run that often.
 */
const leastOperations = 5000;
const leastMilliseconds = 1500;
/** The latest third of the windows is not faster than those before by more than this. */
const tolerance = 0.02;

/** Watches a candidate get faster, window by window, until it no longer does. */
export class WarmUp {
  #operations = 0;
  #milliseconds = 0;
  #batch = 1;
  /** CPU milliseconds of one operation, by window. */
  readonly #costs: number[] = [];

  get operations(): number {
    return this.#operations;
  }

  /** It ran often or long enough, and the best of its latest windows is no better than the best before. */
  get settled(): boolean {
    const costs = this.#costs;
    const latest = Math.ceil(costs.length / 3);
    return (
      costs.length >= leastWindows &&
      (this.#operations >= leastOperations || this.#milliseconds >= leastMilliseconds) &&
      Math.min(...costs.slice(-latest)) >= Math.min(...costs.slice(0, -latest)) * (1 - tolerance)
    );
  }

  /**
   * Runs one window of about so many CPU milliseconds.
   * @param run runs so many operations, and returns the microseconds of CPU that they took
   */
  async window(length: number, run: (count: number) => Promise<number>): Promise<void> {
    for (;;) {
      const milliseconds = (await run(this.#batch)) / 1000;
      this.#operations += this.#batch;
      this.#milliseconds += milliseconds;
      if (milliseconds >= length / 2) {
        this.#costs.push(milliseconds / this.#batch);
        this.#batch = this.batchOf(length);
        return;
      }
      this.#batch *= 2;
    }
  }

  /** How many operations take about so many CPU milliseconds; 1 before the first window. */
  batchOf(length: number): number {
    const cost = this.#costs.at(-1);
    return cost === undefined ? 1 : Math.max(1, Math.round(length / cost));
  }
}
