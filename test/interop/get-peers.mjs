#!/usr/bin/env node
/**
 * Gets the peers of the interoperability tests into `.peers/`, and installs nothing on the machine: runtimes from npm,
 * tools and libraries from Debian's packages, libraries of npm, and programs of ours, built for libraries of Go, Rust, C, Java and
 * Python. What is there already stays. A peer that cannot be had is said, and is absent; the exit code is 1 only if
 * Node 24 is missing in the end. Names as arguments: only these.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  buildC,
  buildExchanges,
  buildGo,
  buildJava,
  buildRustls,
  buildS2n,
  copyScripts,
  removeRustTarget,
} from "./get/build.mjs";
import { readArguments } from "../support/arguments.mjs";
import { unpack } from "./get/debian.mjs";
import { getBun, getDeno, getLibraries, getNode, getWorkerd } from "./get/npm.mjs";
import { folder, run } from "./get/run.mjs";

/** The first Debian release with OpenSSL 3.5; and the one of today. */
const [stable, newest] = ["trixie", "sid"];

const steps = {
  node24: () => getNode(24),
  node22: () => getNode(22),
  node26: () => getNode(26),
  openssl: getOpenssl35,
  bun: getBun,
  deno: getDeno,
  workerd: getWorkerd,
  libraries: getLibraries,
  python: getPython,
  scripts: copyScripts,
  sid: getDebian,
  go: buildGo,
  rust: buildRustls,
  s2n: buildS2n,
  exchanges: buildExchanges,
  java: buildJava,
  wolfssl: () => buildC("wolfssl", ["wolfssl"]),
  mbedtls: () => buildC("mbedtls", ["mbedtls", "mbedx509", "mbedcrypto"]),
  tlslite: getTlslite,
};

mkdirSync(folder, { recursive: true });
const { positionals: wanted, refuse } = readArguments(
  `npm run peers -- [${Object.keys(steps).join("|")}]…`,
  { allowPositionals: true },
);
const unknown = wanted.find((name) => !Object.hasOwn(steps, name));
if (unknown !== undefined) refuse(`there is no ${unknown}`);
const missing = Object.entries(steps)
  .filter(([name]) => wanted.length === 0 || wanted.includes(name))
  .filter(([name, step]) => !report(name, step));
removeRustTarget();
process.exitCode = missing.some(([name]) => name === "node24") ? 1 : 0;

/** Runs one step and prints what came of it. */
function report(name, step) {
  try {
    console.log(`${name}: ${step()}`);
    return true;
  } catch (error) {
    console.log(`${name}: not available. ${error.message}`);
    return false;
  }
}

/** Python with what the checker of hybrid vectors imports, in an environment of its own. */
function getPython() {
  const version = "import cryptography as c, kyber_py; print(c.__version__)";
  return `${environment("python", ["cryptography", "kyber-py"], version)} of cryptography`;
}

function getTlslite() {
  const version = "import importlib.metadata as m; print(m.version('tlslite-ng'))";
  return `${environment("tlslite", ["tlslite-ng", "kyber-py"], version)} of tlslite-ng`;
}

/** An environment of Python with packages, and what a line of it prints. */
function environment(name, packages, line) {
  const home = join(folder, name);
  const binary = join(home, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const had = existsSync(binary);
  try {
    if (!had) {
      run("python3", ["-m", "venv", home]);
      run(binary, ["-m", "pip", "install", "--quiet", ...packages]);
    }
    return `${had ? "have" : "got"} ${run(binary, ["-c", line])}`;
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

function getOpenssl35() {
  const program = join(folder, stable, "bin/openssl");
  const installed = spawnSync("openssl", ["version"], { encoding: "utf8" }).stdout ?? "";
  if (/^OpenSSL (3\.[5-9]|3\.\d\d|[4-9]\.)/.test(installed)) {
    return `the machine's own is ${installed.trim()}`;
  }
  const made = unpack(stable, ["openssl", "libc6"], ["openssl"]);
  return `${made ? "got" : "have"} ${run(program, ["version"]).split(" (")[0]}`;
}

function getDebian() {
  const packages = ["gnutls-bin", "libnss3-tools", "botan", "curl"];
  const libraries = ["libwolfssl-dev", "libmbedtls-dev", "libc6"];
  const tools = ["gnutls-cli", "gnutls-serv", "tstclnt", "selfserv", "certutil", "pk12util"];
  const made = unpack(newest, [...packages, ...libraries], [...tools, "botan", "curl"]);
  return `${made ? "got" : "have"} ${packages.join(", ")}`;
}
