/**
 * Other implementations that the tests speak to. `npm run peers` gets some into `.peers/`; the rest
 * are looked up on the PATH. A missing peer skips its tests and says so, but where the environment
 * variable `KEMISTRY_REQUIRED_PEERS` names it, as in CI, its tests fail.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { it } from "vitest";

export interface Peer {
  /** The program's absolute path. */
  readonly path: string;
  /** What it says of its version; for Node the version of its OpenSSL. */
  readonly version: string;
}

export type PeerName =
  | "node22"
  | "node24"
  | "node26"
  | "openssl35"
  | "openssl"
  | "curl"
  | "chromium"
  | "firefox"
  | "go"
  | "softhsm"
  | "redis"
  | "postgres"
  | "python"
  | "tshark"
  | "tcpdump"
  | "bun"
  | "deno"
  | "workerd"
  | "libraries"
  | "bash"
  | "zsh"
  | "fish";

const folder = fileURLToPath(new URL("../../.peers/", import.meta.url));

const lookups: Readonly<Record<PeerName, () => Peer | undefined>> = {
  node22: () => anotherNode(22),
  node24: () => anotherNode(24),
  node26: () => anotherNode(26),
  openssl35: () => {
    const own = ask(join(folder, "trixie/bin/openssl"), ["version"]);
    const peer = own ?? ask(onPath("openssl"), ["version"]);
    return peer !== undefined && /^OpenSSL (3\.([5-9]|\d\d)|[4-9])\./.test(peer.version)
      ? peer
      : undefined;
  },
  openssl: () => ask(onPath("openssl"), ["version"]),
  curl: () => ask(onPath("curl"), ["--version"]),
  chromium: () =>
    ask(process.env["CHROMIUM"] ?? onPath("chromium", "chromium-browser", "google-chrome"), [
      "--version",
    ]),
  firefox: () => ask(process.env["FIREFOX"] ?? onPath("firefox-esr", "firefox"), ["--version"]),
  go: () => ask(onPath("go"), ["version"]),
  softhsm: () => ask(onPath("softhsm2-util"), ["--version"]),
  redis: () => ask(onPath("redis-server"), ["--version"]),
  // Debian keeps the server off the PATH, in a folder for each version
  postgres: () => ask(onPath("postgres") ?? newestPostgres(), ["--version"]),
  tshark: () => ask(onPath("tshark"), ["--version"]),
  tcpdump: () => ask(onPath("tcpdump"), ["--version"]),
  python: () =>
    ask(
      join(
        folder,
        process.platform === "win32" ? "python/Scripts/python.exe" : "python/bin/python",
      ),
      ["--version"],
    ),
  bun: () => ask(inModules("bun", "bin/bun") ?? onPath("bun"), ["--version"]),
  deno: () => ask(inModules("deno", "deno") ?? onPath("deno"), ["--version"]),
  workerd: () => ask(inModules("workerd", "bin/workerd"), ["--version"]),
  libraries: () => {
    const path = join(folder, "libraries");
    return existsSync(join(path, ".built-npm"))
      ? { path, version: "as in test/libraries" }
      : undefined;
  },
  bash: () => shell("bash"),
  zsh: () => shell("zsh"),
  fish: () => shell("fish"),
};

/** Completions are asked for on a terminal, which `script` of util-linux makes. */
const shell = (name: string): Peer | undefined =>
  ask(onPath("script"), ["--version"]) && ask(onPath(name), ["--version"]);

const hints: Readonly<Record<PeerName, string>> = {
  node22: "npm run peers gets it",
  node24: "npm run peers gets it",
  node26: "npm run peers gets it",
  openssl35: "npm run peers gets it on Debian",
  openssl: "it is not on the PATH",
  curl: "it is not on the PATH",
  chromium: "it is not on the PATH, and CHROMIUM does not name it",
  firefox: "it is not on the PATH, and FIREFOX does not name it",
  go: "it is not on the PATH",
  softhsm: "softhsm2-util is not on the PATH",
  redis: "redis-server is not on the PATH",
  postgres: "postgres is not on the PATH, nor in /usr/lib/postgresql",
  tshark: "it is not on the PATH",
  tcpdump: "it is not on the PATH",
  python: "npm run peers makes an environment with cryptography and kyber-py",
  bun: "npm run peers gets it",
  deno: "npm run peers gets it",
  workerd: "npm run peers gets it",
  libraries: "npm run peers gets them",
  bash: "it, or script of util-linux, is not on the PATH",
  zsh: "it, or script of util-linux, is not on the PATH",
  fish: "it, or script of util-linux, is not on the PATH",
};

const known = new Map<PeerName, Peer | undefined>();

/** Looks a peer up, once. */
export function findPeer(name: PeerName): Peer | undefined {
  if (!known.has(name)) known.set(name, lookups[name]());
  return known.get(name);
}

/** The peers by name, each looked up when it is first read. */
export const peers = Object.defineProperties(
  {},
  Object.fromEntries(
    Object.keys(lookups).map((name) => [name, { get: () => findPeer(name as PeerName) }]),
  ),
) as { readonly [N in PeerName]: Peer | undefined };

function anotherNode(version: number): Peer | undefined {
  const modules = join(folder, `node${version}/node_modules`);
  const names = existsSync(modules) ? readdirSync(modules) : [];
  const found = names.map((name) => join(modules, name, "bin/node")).find(existsSync);
  return ask(found, ["-p", "process.versions.openssl"]);
}

function newestPostgres(): string | undefined {
  const versions = "/usr/lib/postgresql";
  if (!existsSync(versions)) return undefined;
  return readdirSync(versions)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(versions, version, "bin/postgres"))
    .find(existsSync);
}

/** Why a peer's tests do not run. */
export function whyMissing(name: PeerName): string {
  return `no ${name}: ${hints[name]}`;
}

/** Says whether a missing peer is a failure: the variable lists names, with spaces between them. */
export function isRequired(
  name: string,
  required = process.env["KEMISTRY_REQUIRED_PEERS"] ?? "",
): boolean {
  return required.split(/\s+/).includes(name);
}

/** A test with a peer, or with several; where one is missing it is skipped with the reason, or fails if required. */
export function itWith(
  name: PeerName | readonly [PeerName, ...PeerName[]],
  title: string,
  test: (peer: Peer) => void | Promise<void>,
  timeoutMs = 30_000,
): void {
  it(
    title,
    async ({ skip }) => {
      const names = typeof name === "string" ? [name] : name;
      const missing = names.find((each) => findPeer(each) === undefined);
      if (missing === undefined) return test(findPeer(names[0])!);
      if (isRequired(missing)) throw new Error(whyMissing(missing));
      return skip(whyMissing(missing));
    },
    timeoutMs,
  );
}

/** A program that came as a package of npm: its scope has one folder for each kind of machine. */
function inModules(name: string, program: string): string | undefined {
  const modules = join(folder, name, "node_modules");
  const scopes = existsSync(modules)
    ? readdirSync(modules).filter((each) => each.startsWith("@"))
    : [];
  return scopes
    .flatMap((scope) => readdirSync(join(modules, scope)).map((each) => join(modules, scope, each)))
    .map((at) => join(at, program))
    .find(existsSync);
}

function onPath(...names: readonly string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((path) => join(path, name))).find(existsSync);
}

/** The first line that the program prints; `undefined` if it does not run. */
function ask(path: string | undefined, args: readonly string[]): Peer | undefined {
  if (path === undefined || !existsSync(path)) return undefined;
  const { status, stdout } = spawnSync(path, args, { encoding: "utf8" });
  return status === 0 ? { path, version: stdout.trim().split("\n")[0] ?? "" } : undefined;
}
