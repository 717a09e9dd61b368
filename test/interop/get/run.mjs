/** What the steps have in common: commands, and what was built from which sources. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Where everything goes. */
export const folder = join(root, ".peers");
/** Programs of ours for other people's libraries. */
export const programs = join(root, "test/interop/programs");

/** What a command prints; throws with the end of its error output if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 26, ...options });
  if (result.error !== undefined) throw new Error(`${command}: ${result.error.message}`);
  if (result.status === 0) return result.stdout.trim();
  const said = result.stderr.trim().split("\n").slice(-3).join(" ");
  throw new Error(`${basename(command)} ended with ${result.status ?? result.signal}: ${said}`);
}

/** Throws if a program is not on the PATH. */
export function need(program) {
  const there = (process.env.PATH ?? "")
    .split(delimiter)
    .some((at) => existsSync(join(at, program)));
  if (!there) throw new Error(`${program} is not on the PATH`);
}

/** Builds a program unless it was built from the same sources, told by their hash. True: it had to. */
export function build(home, sources, name, make) {
  const hash = createHash("sha256");
  // Wherever this checkout is
  for (const source of sources) hash.update(relative(root, source)).update(readFileSync(source));
  const stamp = join(home, `.built-${name}`);
  const wanted = hash.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  mkdirSync(home, { recursive: true });
  make();
  writeFileSync(stamp, wanted);
  return true;
}

/** Files of a folder, and below it. */
export function filesIn(path) {
  return readdirSync(path).flatMap((name) => {
    const at = join(path, name);
    if (name === "target") return [];
    return statSync(at).isDirectory() ? filesIn(at) : [at];
  });
}
