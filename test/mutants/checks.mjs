// @ts-check
/** What may notice a fault: tests, the catalogue of attacks, the search, the vectors, the model. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "esbuild";
import { createVitest } from "vitest/node";

/**
 * @typedef {object} Verdict
 * @property {"noticed" | "lives" | "does not load"} outcome
 * @property {string} [by] what noticed it first: a test, a scenario, a problem, a corpus
 * @property {readonly string[]} [all] all that did, of the catalogue
 *
 * @typedef {(mutant: import("./list.mjs").Mutant, path: string | undefined) => Promise<Verdict>} Check
 */

/** What hangs has noticed, too. Seconds of processor time. */
const patience = 120;

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
 * What `observe.ts` notices, bundled with the fault in it.
 *
 * @param {string} root where the source is without faults
 * @param {{ folder: string, output: string }} scratch
 * @param {(mutant: import("./list.mjs").Mutant) => object} wantedOf which scenarios of the catalogue are run
 * @returns {Promise<Record<"catalogue" | "search" | "vectors" | "model", Check>>}
 */
export async function openObservers(root, { folder, output }, wantedOf) {
  const right = join(folder, "dist/right.mjs");
  const faulty = join(folder, "dist/observe.mjs");
  await bundle(join(root, "test/mutants/engine.ts"), right);
  /**
   * @param {string} name
   * @returns {Check}
   */
  const check = (name) => async (mutant) => {
    try {
      await bundle(join(folder, "test/mutants/observe.ts"), faulty);
    } catch (error) {
      return { outcome: "does not load", by: String(error).slice(0, 200) };
    }
    const wanted = JSON.stringify(wantedOf(mutant));
    const args = [faulty, name, join(folder, "vectors"), right, wanted];
    const { code, lines, errors } = await observe(output, args);
    const [by] = lines;
    if (by !== undefined) return { outcome: "noticed", by, all: lines };
    if (code === 0) return { outcome: "lives" };
    return code === undefined
      ? { outcome: "noticed", by: `no end within ${patience} s of processor time` }
      : {
          outcome: "does not load",
          by: errors.split("\n").find((line) => /Error/.test(line)) ?? "",
        };
  };
  return {
    catalogue: check("catalogue"),
    search: check("search"),
    vectors: check("vectors"),
    model: check("model"),
  };
}

/**
 * @param {string} entry
 * @param {string} outfile
 */
const bundle = (entry, outfile) =>
  build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "silent",
  });

/**
 * Other processes may take most of the machine: what is limited is the processor's time.
 *
 * @param {string} cwd
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number | undefined, lines: string[], errors: string }>} no code if it was ended
 */
function observe(cwd, args) {
  return new Promise((resolve, reject) => {
    const limited = ["-c", `ulimit -t ${patience} && exec "$@"`, "sh", process.execPath, ...args];
    const child = spawn("sh", limited, { cwd });
    let [output, errors] = ["", ""];
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const lines = output.split("\n").slice(0, -1);
      resolve({ code: code ?? undefined, lines: lines.map((line) => JSON.parse(line)), errors });
    });
  });
}
