/** What a directory of ten thousand certificates costs beside one of a hundred: npm run scale, or -- --postgres */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  publishList,
  renew,
} from "../../src/authority/index.ts";
import { native } from "../../src/crypto/native.ts";
import { findPeer } from "../interop/peers.ts";
import { readArguments } from "../support/arguments.mjs";
import { Postgres } from "./postgres.ts";

const { values: options } = readArguments("npm run scale --", {
  options: { postgres: { type: "boolean" } },
});
const signing = { provider: native };
const day = 86_400_000;
const sizes = [100, 10_000];
const samples = 60;

const peer = options.postgres ? findPeer("postgres") : undefined;
const postgres = peer === undefined ? undefined : await Postgres.start(peer);
const folder = mkdtempSync(join(tmpdir(), "kemistry-scale-"));
const path = join(folder, "pki");

/** Milliseconds: of a CPU, and by the clock. */
async function measured<T>(run: () => T | Promise<T>) {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const result = await run();
  const { user, system } = process.cpuUsage(cpu);
  return { result, cpu: (user + system) / 1000, wall: performance.now() - start };
}

const names = (name: string) => ({ dns: [`${name}.example`] });
const certified = (pki: PkiDirectory, name: string) =>
  issue(pki, { name, issuer: "ca", profile: "server", names: names(name) }, signing);

/** Of one of many, each in a change of its own: the lower quartile, which a busy machine spoils least. */
async function each(act: (at: number) => Promise<unknown>): Promise<Record<string, number>> {
  const times: { cpu: number; wall: number }[] = [];
  for (let at = 0; at < samples; at++) times.push(await measured(() => act(at)));
  const quartile = (sample: number[]): number =>
    tenths(sample.toSorted((a, b) => a - b)[Math.floor(samples / 4)]!);
  return {
    cpu: quartile(times.map(({ cpu }) => cpu)),
    wall: quartile(times.map(({ wall }) => wall)),
  };
}
const tenths = (value: number): number => Math.round(value * 10) / 10;

try {
  const settings = firstSettings(postgres === undefined ? {} : { database: postgres.url() });
  await PkiDirectory.create(path, settings, async (pki) => {
    const subject = { CN: "Root" };
    const root = { name: "root", subject, algorithm: "secp256r1", lifetime: 90 * day } as const;
    await issueRoot(pki, root, signing);
    await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
  });
  const pki = PkiDirectory.open(path);
  // Code gets warm
  await each((at) => pki.change(() => certified(pki, `warm-${at}`)));
  for (const size of sizes) {
    while (pki.entries.length < size) {
      await pki.change(async () => {
        const first = pki.entries.length;
        const last = Math.min(size, first + 200);
        for (let at = first; at < last; at++) await certified(pki, `n${at}`);
      });
    }
    const opening = await measured(() => PkiDirectory.open(path));
    const issuing = await each((at) => pki.change(() => certified(pki, `of-${size}-${at}`)));
    const renewing = await each((at) =>
      pki.change(() => renew(pki, { name: `of-${size}-${at}` }, signing)),
    );
    console.log(JSON.stringify({ size, issuing, renewing, opening: tenths(opening.wall) }));
  }
  const serials = pki.entries.filter(({ issuer }) => issuer === "ca").map(({ serial }) => serial);
  const at = new Date().toISOString();
  await pki.change(() => pki.record({ type: "revoked", serials, at, reason: "superseded" }));
  const terms = { issuer: pki.current("ca"), isDelta: false, lifetime: day };
  for (let round = 0; round < 3; round++) {
    const list = await measured(() => pki.change(() => publishList(pki, terms, signing)));
    const { entries } = list.result.crl;
    console.log(
      JSON.stringify({ listed: entries.length, cpu: tenths(list.cpu), wall: tenths(list.wall) }),
    );
  }
  const program = new URL("../dist/src/cli/main.js", import.meta.url).pathname;
  if (existsSync(program)) {
    const shown = ["pki", "show", "--dir", path];
    // What the shell and what it has started took: user and system, in minutes and seconds
    const script = '"$@" | wc -l; times';
    const show = await measured(() =>
      spawnSync("bash", ["-c", script, "bash", process.execPath, program, ...shown]),
    );
    const [lines, , ours = ""] = show.result.stdout.toString().split("\n");
    const cpu = [...ours.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
      (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds),
      0,
    );
    console.log(
      JSON.stringify({ shown: Number(lines), cpu: tenths(cpu), wall: tenths(show.wall) }),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  await postgres?.remove();
}
