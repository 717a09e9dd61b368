// @ts-check
/** What may notice a fault: tests, the catalogue of attacks, the search, the vectors. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createVitest } from "vitest/node";

/**
 * @typedef {object} Verdict
 * @property {"noticed" | "lives" | "does not load"} outcome
 * @property {string} [by] what noticed it: a test, a scenario, a problem, a corpus
 *
 * @typedef {(mutant: import("./list.mjs").Mutant, path: string | undefined) => Promise<Verdict>} Check
 */

/** A hanging check has noticed, too. Milliseconds. */
const patience = 600_000;

/**
 * The tests that a fault names, one process for all faults: what did not change is transformed once.
 *
 * @param {string} folder
 */
export async function openTests(folder) {
  const vitest = await createVitest(
    "test",
    {
      root: folder,
      dir: join(folder, "test"),
      config: false,
      watch: false,
      bail: 1,
      reporters: [{}],
      testTimeout: 60_000,
    },
    { server: { watch: null }, logLevel: "silent" },
  );
  /** @type {Check} */
  const check = async ({ tests }, path) => {
    vitest.state.filesMap.clear();
    vitest.state.errorsSet.clear();
    if (path !== undefined) vitest.invalidateFile(path);
    const specifications = tests.map((file) =>
      vitest.getRootProject().createSpecification(join(folder, file)),
    );
    const { testModules } = await vitest.runTestSpecifications(specifications);
    if (path !== undefined) vitest.invalidateFile(path);
    for (const module of testModules) {
      for (const test of module.children.allTests("failed")) {
        return {
          outcome: "noticed",
          by: `${module.relativeModuleId.replace(/^test\//, "")}: ${test.fullName}`,
        };
      }
    }
    const broken = testModules.flatMap((module) => module.errors());
    if (broken.length > 0) return { outcome: "does not load", by: broken[0]?.message ?? "" };
    return { outcome: "lives" };
  };
  return { check, close: () => vitest.close() };
}

/**
 * The built command line with the fault in it.
 *
 * @param {{ folder: string, output: string }} scratch
 * @returns {Record<"catalogue" | "search" | "vectors", Check>}
 */
export function commandChecks({ folder, output }) {
  const build = () =>
    run(folder, [join(folder, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"]);
  /**
   * @param {readonly string[]} args
   * @param {(data: any) => string | undefined} noticedIn
   * @returns {Check}
   */
  const command = (args, noticedIn) => async () => {
    const built = await build();
    if (built.code !== 0) return { outcome: "does not load", by: built.output.slice(0, 200) };
    const { output: json, errors } = await run(output, [
      join(folder, "dist/src/cli/main.js"),
      ...args,
      "--json",
    ]);
    let data;
    try {
      data = JSON.parse(json);
    } catch {
      return { outcome: "does not load", by: errors.split("\n")[0] ?? "" };
    }
    const by = noticedIn(data);
    return by === undefined ? { outcome: "lives" } : { outcome: "noticed", by };
  };
  return {
    catalogue: command(["attack", "--provider", "native"], (rows) => {
      const wrong = rows.filter((/** @type {any} */ row) => !row.asPredicted);
      return several(wrong.map((/** @type {any} */ row) => row.name));
    }),
    search: command(
      [
        "attack",
        "--search",
        "--provider",
        "native",
        "--handshakes",
        "3000",
        "--seconds",
        "600",
        "--seed",
        "1",
      ],
      ({ problems }) => several(problems.map((/** @type {any} */ problem) => problem.what)),
    ),
    vectors: command(["vectors", "--provider", "noble"], ({ rows, unreadable }) => {
      const wrong = rows.filter((/** @type {any} */ row) => row.failed > 0);
      return several([...wrong, ...unreadable].map((/** @type {any} */ row) => row.file));
    }),
  };
}

/** @param {readonly string[]} names */
function several(names) {
  const [first] = names;
  if (first === undefined) return undefined;
  return names.length === 1 ? first : `${first} and ${names.length - 1} more`;
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number | null, output: string, errors: string }>}
 */
function run(cwd, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, timeout: patience });
    let [output, errors] = ["", ""];
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, errors }));
  });
}
