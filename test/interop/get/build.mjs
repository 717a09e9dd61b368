/** Programs of ours that make an end of a run of a library, built where there is what builds them. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeStarter } from "./debian.mjs";
import { build, filesIn, folder, need, programs, run } from "./run.mjs";

/** Scripts that are run as they are. */
export function copyScripts() {
  const home = join(folder, "programs");
  const scripts = ["node.mjs", "peer.py", "tlslite_peer.py"];
  mkdirSync(home, { recursive: true });
  const there = scripts.filter((name) => existsSync(join(programs, name)));
  for (const name of there) copyFileSync(join(programs, name), join(home, name));
  return `have ${there.join(", ")}`;
}

export function buildGo() {
  need("go");
  const home = join(folder, "go");
  const made = build(home, filesIn(join(programs, "go")), () => {
    run("go", ["build", "-o", join(home, "peer"), "."], { cwd: join(programs, "go") });
  });
  return `${made ? "built" : "have"} ${run(join(home, "peer"), ["--version"])}`;
}

/** rustls: cargo gets and builds what they need, aws-lc above all, which takes a few minutes. */
export function buildRust() {
  need("cargo");
  const home = join(folder, "rust");
  const source = join(programs, "rust");
  const made = build(home, filesIn(source), () => {
    const target = join(home, "target");
    const lock = readFileSync(join(source, "Cargo.lock"), "utf8");
    const version = /name = "rustls"\nversion = "([^"]+)"/.exec(lock)?.[1] ?? "";
    const env = {
      ...process.env,
      CARGO_TARGET_DIR: target,
      RUSTLS_VERSION: version,
    };
    run("cargo", ["build", "--locked", "--quiet"], { cwd: source, env });
    copyFileSync(join(target, "debug", "rustls-peer"), join(home, "rustls-peer"));
    rmSync(target, { recursive: true, force: true });
  });
  const version = run(join(home, "rustls-peer"), ["--version"]);
  return `${made ? "built" : "have"} ${version}`;
}

export function buildJava() {
  need("javac");
  const home = join(folder, "java");
  const made = build(home, [join(programs, "Peer.java")], () => {
    run("javac", ["--release", "17", "-d", home, join(programs, "Peer.java")]);
  });
  return `${made ? "built" : "have"} Peer.class`;
}

/** A page of C against a library of the unpacked Debian, to be run with that folder's C library. */
export function buildC(name, libraries) {
  need("cc");
  const root = join(folder, "sid/tree");
  if (!existsSync(root)) throw new Error("there are no Debian packages here to build it with");
  const home = join(folder, name);
  const source = join(programs, `${name}.c`);
  const made = build(home, [source], () => {
    const machine = run("cc", ["-print-multiarch"]);
    const at = join(root, "usr/lib", machine);
    const flags = ["-O1", "-Wall", "-lpthread", "-Wl,--unresolved-symbols=ignore-in-shared-libs"];
    const paths = ["-I", join(root, "usr/include"), "-L", at, "-Wl,-rpath-link", at];
    const from = ["-o", join(home, "peer.bin"), source];
    run("cc", [...from, ...paths, ...libraries.map((each) => `-l${each}`), ...flags]);
    writeStarter(join(home, "peer"), "../sid/tree", '$(dirname "$0")/peer.bin');
  });
  return `${made ? "built" : "have"} ${name}`;
}
