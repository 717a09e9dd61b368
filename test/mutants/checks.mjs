// @ts-check
/** What may notice a fault: tests, the catalogue of attacks, the search, the vectors, the model. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, context } from "esbuild";
import { createVitest } from "vitest/node";
import { few } from "./results.mjs";

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

/** @typedef {import("./observe.ts").Unit["check"]} ObserverName */

/**
 * What `observe.ts` notices, bundled with the fault in it. A fault is shown to those units only that call the function
 * in which it is, as they do without it.
 *
 * @param {string} root where the source is without faults
 * @param {{ folder: string, output: string }} scratch
 * @param {readonly ObserverName[]} checks
 */
export async function openObservers(root, { folder, output }, checks) {
  const right = join(folder, "dist/right.mjs");
  const bundled = join(folder, "dist/observe.mjs");
  const wanted = join(output, "units.json");
  await build(bundle(root, "test/mutants/engine.ts", right));
  // What did not change is read once for all faults
  const observing = await context(bundle(folder, "test/mutants/observe.ts", bundled));
  await observing.rebuild();
  const plain = readFileSync(bundled, "utf8");
  const kept = keptFor(root, `${checks.join()} ${plain}`);
  const recording = `${kept}.recording.json`;
  const common = [bundled, join(folder, "vectors"), right, recording];
  const coverage = await coverageOf(`${kept}.json`, async (result) => {
    const cover = [join(folder, "test/mutants/cover.mjs"), ...common, result, checks.join()];
    const { code, errors } = await run(output, cover, 10 * patience);
    if (code !== 0) throw new Error(`the checks do not run without a fault:\n${errors}`);
  });

  /** @param {import("./list.mjs").Mutant} mutant @returns {Promise<Record<ObserverName, Verdict>>} */
  async function observe({ scenarios = [] }) {
    const all = /** @param {Verdict} verdict */ (verdict) =>
      /** @type {Record<ObserverName, Verdict>} */ (
        Object.fromEntries(checks.map((check) => [check, verdict]))
      );
    try {
      await observing.rebuild();
    } catch (error) {
      return all({ outcome: "does not load", by: String(error).slice(0, 200) });
    }
    const units = unitsAt(coverage, differing(plain, readFileSync(bundled, "utf8")));
    const isNamed = /** @param {{ name: string }} unit */ ({ name }) => scenarios.includes(name);
    let left = [...units.filter(isNamed), ...units.filter((unit) => !isNamed(unit))];
    /** @type {Record<string, string[]>} */
    const notices = Object.fromEntries(checks.map((check) => [check, []]));
    while (left.length > 0) {
      writeFileSync(
        wanted,
        JSON.stringify({
          units: left.map(({ name }) => name),
          most: Math.max(few, scenarios.length),
        }),
      );
      const notice = [join(folder, "test/mutants/notice.mjs"), ...common, wanted];
      const { code, lines, errors } = await run(output, notice, patience);
      for (const { check, noticed } of lines) if (noticed) notices[check]?.push(noticed);
      if (code === 0) break;
      const begun = lines.findLast(({ begins }) => begins !== undefined)?.begins;
      const at = left.findIndex(({ name }) => name === begun);
      if (at < 0) {
        return all({
          outcome: "does not load",
          by: errors.split("\n").find((line) => /Error/.test(line)) ?? "",
        });
      }
      const check = left[at]?.check ?? "";
      const how =
        code === undefined ? `no end within ${patience} s of processor time` : "ends Node.js";
      notices[check]?.push(`${begun}: ${how}`);
      // What hangs once would hang again
      left = left.slice(at + 1).filter((unit) => unit.check !== check);
    }
    return /** @type {Record<ObserverName, Verdict>} */ (
      Object.fromEntries(checks.map((check) => [check, verdictOf(notices[check] ?? [])]))
    );
  }
  const fails = coverage.units.flatMap(({ noticed }) => noticed ?? []);
  return { observe, fails, close: () => observing.dispose() };
}

/**
 * Where is kept from run to run what comes of the same bundle: it takes longer than some faults do.
 *
 * @param {string} root
 * @param {string} what
 */
function keptFor(root, what) {
  const folder = join(root, "node_modules/.cache/kemistry-mutants");
  mkdirSync(folder, { recursive: true });
  const of = createHash("sha256").update(`${process.version} ${what}`);
  return join(folder, of.digest("hex").slice(0, 16));
}

/**
 * @param {string} path
 * @param {(result: string) => Promise<void>} cover
 * @returns {Promise<import("./cover.mjs").Coverage>}
 */
async function coverageOf(path, cover) {
  if (!existsSync(path)) {
    await cover(`${path}.new`);
    renameSync(`${path}.new`, path);
  }
  return JSON.parse(readFileSync(path, "utf8"));
}

/** @param {readonly string[]} all @returns {Verdict} */
const verdictOf = ([first, ...others]) =>
  first === undefined
    ? { outcome: "lives" }
    : { outcome: "noticed", by: first, all: [first, ...others] };

/**
 * Where a bundle differs from that without a fault, in characters of the latter.
 *
 * @param {string} right
 * @param {string} faulty
 * @returns {readonly [start: number, end: number]}
 */
export function differing(right, faulty) {
  let start = 0;
  while (start < right.length && right[start] === faulty[start]) start++;
  let end = right.length;
  for (
    let other = faulty.length;
    end > start && other > start && right[end - 1] === faulty[other - 1];
    other--
  )
    end--;
  return [start, end];
}

/**
 * The units that call what is around this place.
 *
 * @param {import("./cover.mjs").Coverage} coverage
 * @param {readonly [start: number, end: number]} place
 */
export function unitsAt({ functions, never, once, units }, [start, end]) {
  let innermost = -1;
  let size = Infinity;
  // A character beside it may be the function's own end
  for (const [at, [from, to]] of functions.entries()) {
    if (from >= start || to <= end || to - from >= size) continue;
    [innermost, size] = [at, to - from];
  }
  if (never.includes(innermost)) return [];
  if (innermost < 0 || once.includes(innermost)) return units;
  return units.filter(({ calls }) => calls.includes(innermost));
}

/**
 * @param {string} absWorkingDir
 * @param {string} entry
 * @param {string} outfile
 */
const bundle = (absWorkingDir, entry, outfile) =>
  /** @type {const} */ ({
    absWorkingDir,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "silent",
  });

/** Of the whole catalogue. @param {string} root @returns {Promise<string[]>} */
export async function scenarioNames(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: {
      contents: 'export { catalogue } from "./src/lab/adversary/catalogue/index.ts";',
      resolveDir: root,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  const code = Buffer.from(outputFiles[0]?.text ?? "").toString("base64");
  const { catalogue } = await import(`data:text/javascript;base64,${code}`);
  return catalogue.map(/** @param {{ name: string }} scenario */ ({ name }) => name);
}

/**
 * Other processes may take most of the machine: what is limited is the processor's time.
 *
 * @param {string} cwd
 * @param {readonly string[]} args
 * @param {number} limit seconds
 * @returns {Promise<{ code: number | undefined, lines: Line[], errors: string }>} no code if it was ended
 *
 * @typedef {{ begins?: string, check: string, noticed?: string }} Line
 */
function run(cwd, args, limit) {
  return new Promise((resolve, reject) => {
    const limited = ["-c", `ulimit -t ${limit} && exec "$@"`, "sh", process.execPath, ...args];
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
