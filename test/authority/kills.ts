/**
 * Kills writers at random moments, and looks at what they leave: all that they have said to be done, nothing
 * that is half done, nothing that the journal does not know.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  answer,
  askAbout,
  check,
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  publishList,
  renew,
  revoke,
} from "../../src/authority/index.ts";
import { seededRandom } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";

const signing = { provider: native };
const day = 86_400_000;

export interface Outcome {
  /** Writers that were killed in the middle of their work. */
  readonly killed: number;
  /** Steps that they had said to be done. */
  readonly done: number;
  /** What the next writer finished for them. */
  readonly mended: number;
  /** What is wrong: there must be none. */
  readonly problems: readonly string[];
}

/** Numbers from 0 to 1, 1 excluded. */
function chanceFrom(seed: string): () => number {
  const random = seededRandom(seed);
  return () => new DataView(random(4).buffer).getUint32(0) / 2 ** 32;
}

/**
 * @param program this file as JavaScript, which is started as a writer
 * @param rounds how many writers are killed
 */
export async function killWriters(
  path: string,
  { program, rounds, seed }: { program: string; rounds: number; seed: string },
): Promise<Outcome> {
  const chance = chanceFrom(seed);
  await PkiDirectory.create(path, firstSettings({}), async (pki) => {
    const subject = { CN: "Root" };
    await issueRoot(
      pki,
      { name: "root", subject, algorithm: "ed25519", lifetime: 90 * day },
      signing,
    );
    await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
  });
  const pki = PkiDirectory.open(path);
  const problems: string[] = [];
  let [killed, done, mended] = [0, 0, 0];
  for (let round = 0; round < rounds && problems.length === 0; round++) {
    const moment = { steps: Math.floor(chance() * 4), delay: chance() * 300 };
    const { said, isKilled } = await killOne(program, [path, `${seed} ${round}`], moment);
    if (isKilled) killed++;
    done += said.length;
    await pki.refresh();
    mended += pki.records.pending.length;
    await pki.change(() => {
      for (const line of said) problems.push(...missing(pki, line));
      problems.push(...untracked(pki));
      if (round % 100 === 99 || round === rounds - 1) {
        problems.push(
          ...check(pki, native, false).map(({ where, problem }) => `${where} ${problem}`),
        );
      }
    });
  }
  return { killed, done, mended, problems };
}

/** @param moment so many milliseconds after that many steps */
export async function killOne(
  program: string,
  args: readonly string[],
  { steps, delay }: { readonly steps: number; readonly delay: number },
): Promise<{ readonly said: readonly string[]; readonly isKilled: boolean }> {
  const child = spawn(process.execPath, [program, "write", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const before = said.split("\n").length;
    said += text;
    // "ready" comes before the first
    if (before <= 1 + steps && said.split("\n").length > 1 + steps) {
      setTimeout(() => child.kill("SIGKILL"), delay);
    }
  });
  const signal = await new Promise((resolve) => {
    child.once("close", (_, reason) => resolve(reason));
  });
  // "ready", and a line for each step; the last may be cut
  return { said: said.split("\n").slice(1, -1), isKilled: signal === "SIGKILL" };
}

/** What was said to be done, and is not. */
export function missing(pki: PkiDirectory, line: string): string[] {
  const [what = "", subject = ""] = line.split(" ");
  const entry = pki.records.find(subject);
  if (what === "issued") return entry === undefined ? [`${subject} was issued, and is gone`] : [];
  if (what === "revoked") return entry?.revoked ? [] : [`${subject} was revoked, and is not`];
  return pki.records.listsOf("ca").last >= Number(subject) ? [] : [`list ${subject} is gone`];
}

/** Files and folders that nobody knows of. */
function untracked(pki: PkiDirectory): string[] {
  const folders = new Set(pki.entries.map(({ name, serial }) => `${name}-${serial}`));
  const there = readdirSync(join(pki.path, "issued"));
  const known = ["crl", "issued", "journal.jsonl", "live", "lock", "ocsp", "pki.json"];
  return [
    ...there.filter((name) => !folders.has(name)).map((name) => `issued/${name} is untracked`),
    ...readdirSync(pki.path).filter((name) => !known.includes(name)),
    ...(there.length === folders.size ? [] : ["there are entries without a folder"]),
    ...(pki.records.pending.length === 0 ? [] : ["a number has no end"]),
  ];
}

/** One step after the other until it is killed. What is done is said. */
async function write(path: string, seed: string): Promise<void> {
  const chance = chanceFrom(seed);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say("ready");
  for (let step = 0; ; step++) {
    const done = await PkiDirectory.change(path, async (pki) => {
      const name = `n${Math.floor(chance() * 1e9)}`;
      const names = { dns: [`${name}.example`] };
      const kind = Math.floor(chance() * 5);
      if (kind < 2 || !pki.has("n")) {
        const terms = { name: pki.has("n") ? name : "n", issuer: "ca", profile: "server", names };
        return `issued ${(await issue(pki, terms, signing)).serial}`;
      }
      if (kind === 2) return `issued ${(await renew(pki, { name: "n" }, signing)).serial}`;
      if (kind === 3) {
        const old = pki.records
          .ofName("n")
          .slice(0, -1)
          .findLast(({ revoked }) => !revoked);
        if (old === undefined) return undefined;
        revoke(pki, { serial: old.serial }, "superseded");
        return `revoked ${old.serial}`;
      }
      await answer(pki, askAbout(pki, "n"), { lifetime: day }, signing);
      const terms = { issuer: pki.current("ca"), isDelta: false, lifetime: day };
      return `list ${(await publishList(pki, terms, signing)).number}`;
    });
    if (done !== undefined) say(done);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === "write") {
  await write(process.argv[3] ?? "", process.argv[4] ?? "");
}
