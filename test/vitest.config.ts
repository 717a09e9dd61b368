import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/**
 * Files that `npm test` leaves out, since they take minutes: they start the command line, other programs and browsers as
 * processes, go through whole corpora, and measure what stays in memory. `npm run test:all` runs them, and so does
 * a run that asks for files or tests.
 */
const takesLong = new RegExp(
  [
    "^(cli|interop|libraries|vectors|packaging)/",
    "(^|/)(browser|retained[a-z-]*)\\.test",
    "^docs/(own-parts|site)\\.test",
    "^lab/(adversary/openssl|explained/page|model/model|vectors/nist)\\.test",
    "^mesh/fleet\\.test",
    "^probe/probe\\.test",
  ].join("|"),
);

/**
 * What a file does that needs a process of its own: it replaces what all share, measures what it keeps, or starts a
 * browser, which listens for signals until it has really ended.
 */
const needsItsOwnProcess =
  /\bvi\.(?:mock|spyOn|stub|use|set)|\bglobalThis\.\w+ = |\/(?:heap|measure|softhsm|browsers)\.ts"|"playwright-core"/;

/** What loads libraries of others, which may add to what all share. */
const loadsOthers = /^(libraries\/|docs\/site\.test)/;

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".test.ts"),
);
const alone = files.filter(
  (path) =>
    loadsOthers.test(path) ||
    needsItsOwnProcess.test(readFileSync(join(import.meta.dirname, path), "utf8")),
);

export default defineConfig(({ mode }) => {
  const isAsked = process.argv.slice(3).some((argument) => !argument.startsWith("--"));
  const leftOut = mode === "all" || isAsked ? [] : files.filter((path) => takesLong.test(path));
  const common = {
    dir: "test",
    // For what hangs; a busy machine may take long for what does not
    testTimeout: 20_000,
    hookTimeout: 60_000,
  };
  return {
    test: {
      maxWorkers: availableParallelism(),
      globalSetup: "./test/support/scratch.ts",
      // Failures, and at the end what was not run and why
      reporters: ["minimal", ["./test/support/skipped.ts", { leftOut: leftOut.length }]],
      projects: [
        {
          test: {
            ...common,
            name: "alone",
            include: alone.filter((path) => !leftOut.includes(path)),
          },
        },
        // Loading the engine takes half a second: these files have it in common, and must leave no trace
        {
          test: {
            ...common,
            name: "together",
            exclude: ["**/node_modules/**", ...alone, ...leftOut],
            isolate: false,
            setupFiles: "./test/support/no-trace.ts",
          },
        },
      ],
    },
  };
});
