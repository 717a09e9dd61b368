import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    dir: "test",
    // Failures, and at the end what was skipped and why
    reporters: ["minimal", "./test/support/skipped.ts"],
  },
});
