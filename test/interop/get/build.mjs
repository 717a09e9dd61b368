/** Programs of ours that make an end of a run of a library, built where there is what builds them. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeStarter } from "./debian.mjs";
import { build, filesIn, folder, need, programs, root, run } from "./run.mjs";

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
  const made = build(home, filesIn(join(programs, "go")), "peer", () => {
    run("go", ["build", "-o", join(home, "peer"), "."], { cwd: join(programs, "go") });
  });
  return `${made ? "built" : "have"} ${run(join(home, "peer"), ["--version"])}`;
}

/** What cargo has built for several programs: aws-lc above all, which takes a few minutes. */
const rustTarget = join(folder, "rust/target");

/** rustls, and s2n-tls, which is a feature of its own: where it does not build, rustls does. */
export const buildRustls = () => buildRust("rustls-peer", []);
export const buildS2n = () => buildRust("s2n-peer", ["--features", "s2n"]);

function buildRust(name, features) {
  const source = join(programs, "rust");
  const lock = readFileSync(join(source, "Cargo.lock"), "utf8");
  const version = (library) =>
    new RegExp(`name = "${library}"\nversion = "([^"]+)"`).exec(lock)?.[1] ?? "";
  const made = cargo(name, source, ["--bin", name, ...features], {
    RUSTLS_VERSION: version("rustls"),
    S2N_VERSION: version("s2n-tls"),
  });
  return `${made ? "built" : "have"} ${run(join(folder, "rust", name), ["--version"])}`;
}

/** The runner of `vectors/hybrid/exchanges.json` in Rust. */
export function buildExchanges() {
  const made = cargo("exchanges", join(root, "vectors/hybrid/runners/rust"), [], {});
  return `${made ? "built" : "have"} the runner in Rust`;
}

function cargo(name, source, args, environment) {
  need("cargo");
  return build(join(folder, "rust"), filesIn(source), name, () => {
    const env = { ...process.env, CARGO_TARGET_DIR: rustTarget, ...environment };
    run("cargo", ["build", "--locked", "--quiet", ...args], { cwd: source, env });
    copyFileSync(join(rustTarget, "debug", name), join(folder, "rust", name));
  });
}

/** Once all of them are there: it is large. */
export const removeRustTarget = () => rmSync(rustTarget, { recursive: true, force: true });

export function buildJava() {
  need("javac");
  const home = join(folder, "java");
  const made = build(home, [join(programs, "Peer.java")], "Peer.class", () => {
    run("javac", ["--release", "17", "-d", home, join(programs, "Peer.java")]);
  });
  return `${made ? "built" : "have"} Peer.class`;
}

/** A page of C against a library of the unpacked Debian, to be run with that folder's C library. */
export function buildC(name, libraries) {
  need("cc");
  const tree = join(folder, "sid/tree");
  if (!existsSync(tree)) throw new Error("there are no Debian packages here to build it with");
  const home = join(folder, name);
  const source = join(programs, `${name}.c`);
  const made = build(home, [source, join(programs, "peer.h")], "peer", () => {
    const machine = run("cc", ["-print-multiarch"]);
    const at = join(tree, "usr/lib", machine);
    const flags = ["-O1", "-Wall", "-lpthread", "-Wl,--unresolved-symbols=ignore-in-shared-libs"];
    const paths = ["-I", join(tree, "usr/include"), "-L", at, "-Wl,-rpath-link", at];
    const from = ["-o", join(home, "peer.bin"), source];
    run("cc", [...from, ...paths, ...libraries.map((each) => `-l${each}`), ...flags]);
    writeStarter(join(home, "peer"), "../sid/tree", '$(dirname "$0")/peer.bin');
  });
  return `${made ? "built" : "have"} ${name}`;
}
