import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    dir: "test",
    maxWorkers: availableParallelism(),
    globalSetup: "./test/support/scratch.ts",
    // For what hangs; a busy machine may take long for what does not
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Failures, and at the end what was skipped and why
    reporters: ["minimal", "./test/support/skipped.ts"],
  },
});
