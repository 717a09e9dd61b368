/** Windows that are compared before it is over. */
const recent = 3;
/** Code is compiled by how often it runs; what is slow enough need not run that often. */
const leastOperations = 200;
const leastMilliseconds = 500;
/** The latest windows together are not faster than those before by more than this. */
const tolerance = 0.03;

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
    const before = this.#costs.slice(0, -recent);
    return (
      before.length >= recent &&
      (this.#operations >= leastOperations || this.#milliseconds >= leastMilliseconds) &&
      Math.min(...this.#costs.slice(-recent)) >= Math.min(...before) * (1 - tolerance)
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
