import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import * as os from "node:os";
import { native, noble, type Provider } from "../src/node.ts";

/** Where a measurement was taken. */
export interface Environment {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly platform: string;
  readonly node: string;
  readonly openssl: string;
  readonly v8: string;
  /** Of the machine over the last minute, when the run began; above the number of cores it is busy. */
  readonly load: number;
  /** `undefined` outside a checkout. */
  readonly commit: string | undefined;
  readonly packages: Readonly<Record<string, string>>;
  /** Which library fills each slot of a provider. */
  readonly slots: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function environment(): Environment {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString(),
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    openssl: process.versions.openssl,
    v8: process.versions.v8,
    load: os.loadavg()[0] ?? Number.NaN,
    commit: commit(),
    packages: Object.fromEntries(measured.map((name) => [name, versionOf(name)])),
    slots: { native: slotsOf(native), noble: slotsOf(noble) },
  };
}

const measured = [
  "@noble/ciphers",
  "@noble/curves",
  "@noble/hashes",
  "@noble/post-quantum",
  "tinybench",
];

function slotsOf({ hashes, aeads, kems, signatures }: Provider): Record<string, string> {
  const slots = [hashes, aeads, kems, signatures].flatMap((table) => Object.entries(table));
  return Object.fromEntries(slots.map(([name, { backend }]) => [name, backend]));
}

function versionOf(name: string): string {
  // A package may hide its package.json from those who import it
  const { resolve } = createRequire(import.meta.url);
  for (const folder of resolve.paths(name) ?? []) {
    try {
      const path = `${folder}/${name}/package.json`;
      return (createRequire(import.meta.url)(path) as { readonly version: string }).version;
    } catch {
      continue;
    }
  }
  return "unknown";
}

function commit(): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const isClean = git("status", "--porcelain", "--", "src", "bench") === "";
    return git("rev-parse", "HEAD") + (isClean ? "" : " with changes");
  } catch {
    return undefined;
  }
}
