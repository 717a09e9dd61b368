import type { Reporter, TestModule } from "vitest/node";

/** A reporter that says once, after the run, how many tests were skipped and for what reason. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = (result.state === "skipped" && result.note) || "no reason given";
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    if (counts.size === 0) return;
    const lines = [...counts].toSorted(([, a], [, b]) => b - a);
    console.log("\nSkipped:");
    for (const [reason, count] of lines) console.log(`${String(count).padStart(5)}  ${reason}`);
  }
}
