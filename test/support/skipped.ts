import type { Reporter, TestModule } from "vitest/node";

/** A reporter that says once, after the run, what was not run: files that were left out, tests that were skipped and why. */
export default class SkippedReporter implements Reporter {
  readonly #leftOut: number;

  /** @param options `leftOut`: files of tests that this run passes over */
  constructor({ leftOut = 0 }: { readonly leftOut?: number } = {}) {
    this.#leftOut = leftOut;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = (result.state === "skipped" && result.note) || "no reason given";
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    if (this.#leftOut > 0) {
      console.log(
        `\nLeft out: ${this.#leftOut} files that take long; npm run test:all runs them too`,
      );
    }
    if (counts.size === 0) return;
    const lines = [...counts].toSorted(([, a], [, b]) => b - a);
    console.log("\nSkipped:");
    for (const [reason, count] of lines) console.log(`${String(count).padStart(5)}  ${reason}`);
  }
}
