import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as os from "node:os";
import { fileURLToPath } from "node:url";
import { native, noble, type Provider } from "../src/node.ts";
import type { Environment } from "./results.ts";

/** Where this runs. */
export function environment(): Environment {
  const cpus = os.cpus();
  const commit = commitOf();
  return {
    date: new Date().toISOString(),
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    openssl: process.versions.openssl,
    v8: process.versions.v8,
    load: os.loadavg()[0] ?? 0,
    ...clockOf(cpus),
    version: versionOf("kemistry") ?? "unknown",
    ...(commit === undefined ? {} : { commit }),
    packages: Object.fromEntries(
      measured.flatMap((name) => {
        const version = versionOf(name);
        return version === undefined ? [] : [[name, version]];
      }),
    ),
    slots: { native: slotsOf(native), noble: slotsOf(noble) },
  };
}

const governorFile = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";

/** What is known of the first core's clock. */
export function clockOf(
  cpus: readonly { readonly speed: number }[],
  file = governorFile,
): Pick<Environment, "governor" | "megahertz"> {
  const megahertz = cpus[0]?.speed ?? 0;
  return { ...governorIn(file), ...(megahertz > 0 && { megahertz }) };
}

function governorIn(file: string): Pick<Environment, "governor"> {
  try {
    return { governor: readFileSync(file, "utf8").trim() };
  } catch {
    // A virtual machine has none, nor has another system than Linux
    return {};
  }
}

const measured = [
  "@noble/ciphers",
  "@noble/curves",
  "@noble/hashes",
  "@noble/post-quantum",
  "@reclaimprotocol/tls",
  "lemon-tls",
  "subtls",
  "tinybench",
];

function slotsOf({ hashes, aeads, kems, signatures }: Provider): Record<string, string> {
  const slots = [hashes, aeads, kems, signatures].flatMap((table) => Object.entries(table));
  return Object.fromEntries(slots.map(([name, { backend }]) => [name, backend]));
}

/** `undefined` if it is not installed. */
function versionOf(name: string): string | undefined {
  // A package may hide its package.json from those who import it
  const require = createRequire(import.meta.url);
  const folders = require.resolve.paths(name)?.map((folder) => `${folder}/${name}`) ?? [];
  for (const file of [
    ...folders.map((folder) => `${folder}/package.json`),
    `${name}/package.json`,
  ]) {
    try {
      return (require(file) as { readonly version: string }).version;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Of the checkout that this file belongs to, not of the folder from which it is run. */
function commitOf(): string | undefined {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", here, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    // An installed package may lie in a checkout of something else
    if (!/^(dist\/)?bench\/$/.test(git("rev-parse", "--show-prefix"))) return undefined;
    const isClean = git("status", "--porcelain", "--", ":/src", ":/bench") === "";
    return git("rev-parse", "HEAD") + (isClean ? "" : " with changes");
  } catch {
    return undefined;
  }
}
