/** Packages of other releases of Debian, from the mirror that the machine already uses; nothing is installed. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { folder, run } from "./run.mjs";

/**
 * Unpacks packages, and all that they need, into a folder of `.peers` that has the release's name, and writes a script for each program there that
 * starts it with the libraries that it was built for, which may be newer than the machine's.
 * @param release its name; `sid` is the one of today
 */
export function unpack(release, packages, tools) {
  const home = join(folder, release);
  const stamp = join(home, ".packages");
  const wanted = `${packages.join(" ")} ${tools.join(" ")}`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) {
    throw new Error("It is taken from Debian packages, and apt is not here.");
  }
  const work = join(folder, `apt-${release}`);
  for (const path of [work, home]) rmSync(path, { recursive: true, force: true });
  try {
    download(work, release, packages);
    const root = join(home, "tree");
    mkdirSync(join(home, "bin"), { recursive: true });
    const archives = join(work, "cache/archives");
    for (const file of readdirSync(archives).filter((each) => each.endsWith(".deb"))) {
      run("dpkg-deb", ["-x", join(archives, file), root]);
    }
    for (const unused of ["usr/share/doc", "usr/share/man", "usr/share/locale"]) {
      rmSync(join(root, unused), { recursive: true, force: true });
    }
    for (const tool of tools) {
      writeStarter(join(home, "bin", tool), "../tree", `$root/usr/bin/${tool}`);
    }
    writeFileSync(stamp, wanted);
    return true;
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Starts a program by the loader and the libraries of an unpacked root, whose path is seen from the script: so the folder
 * can be moved.
 */
export function writeStarter(path, rootFrom, program) {
  const libraries = join(dirname(path), rootFrom, "usr/lib");
  const machine = readdirSync(libraries).find((name) => /-linux-/.test(name));
  const loader = readdirSync(join(libraries, machine)).find((name) => name.startsWith("ld-linux"));
  const script = [
    "#!/bin/sh",
    `root=$(cd "$(dirname "$0")/${rootFrom}" && pwd)`,
    `at="$root/usr/lib/${machine}"`,
    ': "${OPENSSL_CONF:=$root/etc/ssl/openssl.cnf}"',
    "export OPENSSL_CONF",
    `exec "$at/${loader}" --library-path "$at:$at/nss" "${program}" "$@"`,
  ];
  writeFileSync(path, `${script.join("\n")}\n`);
  chmodSync(path, 0o755);
}

/** Runs apt on lists and a state of its own, in which nothing is installed: so it brings all that is needed. */
function download(work, release, packages) {
  const { uri, signedBy } = debianMirror();
  for (const name of ["lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(work, name), { recursive: true });
  }
  const option = signedBy === undefined ? "" : `[signed-by=${signedBy}] `;
  writeFileSync(join(work, "sources.list"), `deb ${option}${uri} ${release} main\n`);
  writeFileSync(join(work, "status"), "");
  const settings = {
    "Dir::Etc::sourcelist": join(work, "sources.list"),
    "Dir::Etc::sourceparts": "-",
    "Dir::State::lists": join(work, "lists"),
    "Dir::State::status": join(work, "status"),
    "Dir::Cache": join(work, "cache"),
    "APT::Sandbox::User": "",
    "APT::Install-Recommends": "false",
    "Acquire::Languages": "none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    "Debug::NoLocking": "true",
  };
  const config = join(work, "apt.conf");
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  writeFileSync(config, lines.join(""));
  const env = { ...process.env, APT_CONFIG: config };
  run("apt-get", ["update", "-qq"], { env });
  run("apt-get", ["install", "-y", "-qq", "--download-only", ...packages], { env });
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
