/**
 * A fleet of agents in processes of their own, under load. What happens to it is a story: `storm.ts`, `migration.ts`.
 * No request between two healthy agents may be lost, and nobody may be reached two polls after they were revoked.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  admitByToken,
  audit,
  bundleOfDirectory,
  check,
  type Entry,
  firstSettings,
  issue,
  issueRoot,
  parseBundle,
  PkiDirectory,
  register,
  revoke,
  rollRoot,
} from "../../src/authority/index.ts";
import type { KeyType, Policy, PolicyName } from "../../src/index.ts";
import type { Health } from "../../src/mesh/index.ts";
import { native } from "../../src/node.ts";
import { TokenKeys } from "../../src/hsm/index.ts";
import { makeLosingModule, makeTokens, pin } from "../hsm/softhsm.ts";
import { findPeer } from "../interop/peers.ts";
import type { AgentConfig, FromAgent, Lost, Over, Peer, ToAgent } from "./fleet-messages.ts";

export interface FleetOptions {
  readonly agents: number;
  /** Of load. */
  readonly seconds: number;
  /** Requests in a second, of all together. */
  readonly rate: number;
  /** Of certificates, in seconds. */
  readonly lifetime: number;
  /** Of agents for lists, in milliseconds. */
  readonly poll: number;
  /** Of agents and authority at the beginning. Default: `require-post-quantum`. */
  readonly policy?: { readonly agents: Policy; readonly authority: PolicyName } | undefined;
  /** Whether the CA's key is in SoftHSM2, if that is there. */
  readonly keysInToken: boolean;
  /** Milliseconds after which connections begin anew. Default: the mesh's. */
  readonly maxConnectionAge?: number | undefined;
  /** The folder of the programs, as JavaScript. */
  readonly programs: string;
  readonly say: (line: string) => void;
}

/** Answers that came over the same, and when they were told of. */
export interface Answered extends Over {
  readonly count: number;
  /** Since the load began. */
  readonly second: number;
}

/** A request that had no answer, and whose it was. */
export interface LostBetween extends Lost {
  readonly from: string;
}

export interface FleetOutcome {
  readonly requests: number;
  /** Requests between agents that were not revoked, without an answer: there must be none. */
  readonly lost: readonly LostBetween[];
  /** Milliseconds from a revocation to the last answer from or to who was revoked. */
  readonly lastAnswers: readonly number[];
  readonly certificates: number;
  readonly renewals: number;
  /** Milliseconds of half, and of 99 in 100, of the answers. */
  readonly median: number;
  readonly slow: number;
  /** Megabytes that the heap of the agent that grew most has grown, from the first third to the last. */
  readonly growth: number;
  /** The same of the authority, since it was started last. */
  readonly authorityGrowth: number;
  readonly negotiated: readonly Answered[];
  /** What is not as it must be. */
  readonly problems: readonly string[];
}

const domain = "fleet.example";
const idOf = (name: string): string => `spiffe://${domain}/${name}`;
const day = 86_400_000;
/** Milliseconds, for what was done last to reach everybody. */
const mostSettling = 60_000;
/** Megabytes of a heap, after its first third: code that gets warm, and pools that fill. */
const mostGrowth = 16;

/** An agent, as one knows it by what it has told. */
interface Member {
  readonly name: string;
  readonly id: string;
  readonly process: ChildProcess;
  port: number;
  /** When it was revoked; and when it was last heard of by somebody, or somebody by it. */
  revokedAt: number;
  lastAnswer: number;
  heaps: number[];
  /** Absent: it has told nothing yet. */
  health: Health | undefined;
  /** What its last answers came over. */
  over: readonly Over[];
}

/** What happens to a fleet; `at` waits for a part of the time, 0 to 1. */
export type Story = (fleet: Fleet, at: (part: number) => Promise<void>) => Promise<void>;

export async function runFleet(options: FleetOptions, story: Story): Promise<FleetOutcome> {
  const fleet = new Fleet(options);
  try {
    return await fleet.run(story);
  } finally {
    await fleet.end();
  }
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "kemistry-fleet-"));
  readonly #directory = join(this.#folder, "pki");
  readonly #away = join(this.#folder, "away");
  readonly #members: Member[] = [];
  readonly #problems: string[] = [];
  readonly #times: number[] = [];
  readonly #renewed = new Set<string>();
  readonly #negotiated: Answered[] = [];
  #lost: LostBetween[] = [];
  #done = 0;
  #began = Date.now();
  #token: { remove(): void } | undefined;
  #authority: ChildProcess | undefined;
  #authorityHeaps: number[] = [];
  #port = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  async run(story: Story): Promise<FleetOutcome> {
    const { agents, seconds, rate } = this.#options;
    const names = Array.from({ length: agents }, (_, at) => `agent-${at + 1}`);
    await this.#makeAuthority(names);
    await this.#startAuthority();
    await this.#startAgents(names);
    const peers: readonly Peer[] = this.#members.map(({ id, port }) => ({ id, port }));
    for (const member of this.#members) {
      const others = peers.filter(({ id }) => id !== member.id);
      send(member, { type: "start", peers: others, interval: (1000 * agents) / rate });
    }
    this.#began = Date.now();
    this.say(`${agents} agents call each other`);
    const watch = setInterval(() => this.#sayFigures(), 5000);
    const at = async (part: number): Promise<void> => {
      await sleep(Math.max(0, this.#began + part * seconds * 1000 - Date.now()));
    };
    await story(this, at);
    await at(1);
    await this.#settle();
    clearInterval(watch);
    await sleep(1000);
    return this.#outcome();
  }

  async end(): Promise<void> {
    const processes = [...this.#members.map(({ process }) => process), this.#authority];
    for (const each of processes) each?.kill("SIGKILL");
    await sleep(100);
    this.#token?.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A root in a file, and a CA whose key is in a token, where there is SoftHSM2. */
  async #makeAuthority(names: readonly string[]): Promise<void> {
    const { lifetime } = this.#options;
    const isThere = this.#options.keysInToken && findPeer("softhsm") !== undefined;
    const tokens = new TokenKeys();
    let keyUri: string | undefined;
    if (isThere) {
      this.#token = makeTokens("fleet");
      const module = makeLosingModule(this.#folder, this.#away, join(this.#folder, "calls"));
      writeFileSync(join(this.#folder, "pin"), pin);
      keyUri = `pkcs11:token=fleet;object=ca?module-path=${module}&pin-source=${join(this.#folder, "pin")}`;
    }
    const signing = { provider: native, remoteKeys: tokens };
    await PkiDirectory.create(this.#directory, firstSettings({}), async (pki) => {
      const root = {
        subject: { CN: "Fleet Root" },
        algorithm: "secp256r1",
        lifetime: 90 * day,
      } as const;
      await issueRoot(pki, { ...root, name: "root" }, signing);
      await issue(pki, { name: "ca", profile: "intermediate", names: {}, keyUri }, signing);
      for (const name of names) {
        const terms = { lifetime: 1000 * lifetime, grace: 10 * 60_000 };
        register(pki, { name, names: { uri: [idOf(name)] }, ...terms });
      }
    });
    await tokens.close();
    this.say(isThere ? "the CA's key is in a token" : "the CA's key is in a file");
  }

  async #startAuthority(policy = this.#options.policy?.authority): Promise<void> {
    const { programs, poll } = this.#options;
    const program = join(programs, "fleet-authority.js");
    const args = [this.#directory, domain, String(this.#port), String(poll)];
    if (policy !== undefined) args.push(policy);
    this.#authority = fork(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const heaps: number[] = [];
    this.#authorityHeaps = heaps;
    this.#authority.on("message", (message: { type: string; used: number }) => {
      if (message.type === "heap") heaps.push(message.used);
    });
    const { port } = await said<{ port: number }>(this.#authority, "listening");
    this.#port = port;
  }

  async #startAgents(names: readonly string[]): Promise<void> {
    const { programs, poll, policy, maxConnectionAge } = this.#options;
    const pki = PkiDirectory.open(this.#directory);
    const tokens = await pki.change(() =>
      names.map((name) => admitByToken(pki, { name, lifetime: day }, native)),
    );
    await Promise.all(
      names.map(async (name, at) => {
        const id = idOf(name);
        const config: AgentConfig = {
          mesh: {
            authority: `https://127.0.0.1:${this.#port}`,
            id,
            token: tokens[at]!,
            rules: [{ from: idOf("*"), to: idOf("*") }],
            poll,
            timeout: 300_000,
            ...(policy && { policy: policy.agents }),
          },
          maxConnectionAge,
        };
        const child = fork(join(programs, "fleet-agent.js"), [JSON.stringify(config)], {
          stdio: ["ignore", "inherit", "inherit", "ipc"],
        });
        const member: Member = {
          name,
          id,
          process: child,
          port: 0,
          revokedAt: Infinity,
          lastAnswer: 0,
          heaps: [],
          health: undefined,
          over: [],
        };
        this.#members.push(member);
        child.on("message", (message: FromAgent) => this.#hear(member, message));
        child.once("exit", (code, signal) => {
          if (signal !== "SIGKILL") this.#problems.push(`${name} ended with ${code ?? signal}`);
        });
        const { port } = await said<{ port: number }>(child, "ready");
        member.port = port;
      }),
    );
  }

  #hear(member: Member, message: FromAgent): void {
    if (message.type === "renewed") {
      if (this.#renewed.has(message.serial)) this.#problems.push(`${message.serial} came twice`);
      this.#renewed.add(message.serial);
    }
    if (message.type !== "report") return;
    this.#done += message.done;
    this.#times.push(...message.times);
    this.#negotiated.push(...message.over.map((each) => ({ ...each, second: this.seconds })));
    this.#lost.push(...message.lost.map((each) => ({ ...each, from: member.id })));
    for (const [id, at] of message.lastAnswers) {
      const peer = this.#members.find((each) => each.id === id);
      if (peer !== undefined) peer.lastAnswer = Math.max(peer.lastAnswer, at);
      if (member.revokedAt < Infinity) member.lastAnswer = Math.max(member.lastAnswer, at);
    }
    member.heaps.push(message.memory.heapUsed);
    member.health = message.health;
    if (message.over.length > 0) member.over = message.over;
  }

  /** Since the load began. */
  get seconds(): number {
    return (Date.now() - this.#began) / 1000;
  }

  /** To all agents. */
  tell(message: ToAgent): void {
    for (const member of this.#members) send(member, message);
  }

  /**
   * Waits until it is so with all, by what they tell. Whoever goes on before that loses requests of those that have not
   * come so far.
   * @param what - in words: `all know the new root`
   * @param isSo - is given what the authority has last issued to the agent
   */
  async all(what: string, isSo: (member: Member, issued: Entry) => boolean): Promise<void> {
    const pki = PkiDirectory.open(this.#directory);
    const end = Date.now() + mostSettling + 2000 * this.#options.lifetime;
    const others = (): string[] =>
      this.#members.flatMap((each) => (isSo(each, pki.current(each.name)) ? [] : [each.name]));
    while (others().length > 0 && Date.now() < end) {
      await sleep(200);
      await pki.refresh();
    }
    const names = others();
    if (names.length > 0) this.#problems.push(`${what}: not with ${names.join(", ")}`);
    this.say(`${what}: ${this.#members.length - names.length} of ${this.#members.length}`);
  }

  /** The last but so many. */
  async revoke(last: number): Promise<void> {
    const member = this.#members.at(-1 - last)!;
    const pki = PkiDirectory.open(this.#directory);
    await pki.change(() => revoke(pki, { name: member.name }, "keyCompromise"));
    member.revokedAt = Date.now();
    this.say(`${member.name} is revoked`);
  }

  /** @param outage - in seconds */
  async killAuthority(outage: number, policy?: PolicyName): Promise<void> {
    this.#authority?.kill("SIGKILL");
    this.say(`the authority is killed, for ${outage} s`);
    await sleep(outage * 1000);
    await this.#startAuthority(policy);
    this.say("the authority is back");
  }

  /** @returns the sequence number of the bundle that has the new one */
  async rollRoot(algorithm?: KeyType): Promise<number> {
    const tokens = new TokenKeys();
    const pki = PkiDirectory.open(this.#directory);
    const wish = { name: "root", overlap: 3 * this.#options.poll, algorithm };
    const [first] = await pki.change(() =>
      rollRoot(pki, wish, { provider: native, remoteKeys: tokens }),
    );
    await tokens.close();
    this.say(`${first?.by} takes over at ${first?.from.slice(11, 19)}`);
    return parseBundle(bundleOfDirectory(pki, 1)).sequence!;
  }

  /** What a network token does that is restarted: it knows nothing more until it is initialised again. */
  async loseToken(): Promise<void> {
    if (this.#token === undefined) return;
    writeFileSync(this.#away, "");
    this.say("the token is away");
    await sleep(3000);
    rmSync(this.#away);
    this.say("the token is back");
  }

  /** Waits, under load, until what was done to the fleet has reached everybody. */
  async #settle(): Promise<void> {
    const end = Date.now() + mostSettling;
    while (this.#unsettled().length > 0 && Date.now() < end) await sleep(200);
  }

  /** What has not reached everybody yet. */
  #unsettled(): string[] {
    const told = this.#members.flatMap(({ name, health, revokedAt }) => {
      const state = health?.state;
      if (revokedAt === Infinity) return state === "ok" ? [] : [`${name} is ${state ?? "silent"}`];
      return state === "revoked" ? [] : [`${name} does not know that it is revoked`];
    });
    const { entries } = PkiDirectory.open(this.#directory);
    const isRolled = entries.some(({ issuer, profile }) => issuer === "ca-2" && profile === "peer");
    return isRolled ? told : [...told, "nobody was certified below the new root"];
  }

  async #outcome(): Promise<FleetOutcome> {
    const { poll } = this.#options;
    const gone = this.#members.filter(({ revokedAt }) => revokedAt < Infinity);
    const goneIds = new Set(gone.map(({ id }) => id));
    const lost = this.#lost.filter(({ from, to }) => !goneIds.has(to) && !goneIds.has(from));
    const lastAnswers = gone.map(({ lastAnswer, revokedAt }) =>
      Math.max(0, lastAnswer - revokedAt),
    );
    const problems = [...this.#problems, ...this.#unsettled()];
    for (const { from, to, error, after, state } of lost.slice(0, 10)) {
      problems.push(`lost: from ${from} (${state}) to ${to} after ${after} ms: ${error}`);
    }
    lastAnswers.forEach((after, at) => {
      if (after > 2 * poll)
        problems.push(`${gone[at]?.name} was reached ${after} ms after it was revoked`);
    });
    const pki = PkiDirectory.open(this.#directory);
    // As a writer, whom the authority does not disturb
    const findings = await pki.change(() => check(pki, native, false));
    const serials = pki.entries.map(({ serial }) => serial);
    if (new Set(serials).size !== serials.length) problems.push("a serial number was given twice");
    for (const { where, problem } of findings) problems.push(`${where} ${problem}`);
    audit(join(this.#directory, "journal.jsonl"));
    const healthy = this.#members.filter((member) => !gone.includes(member));
    const growth = Math.max(...healthy.map(({ heaps }) => growthOf(heaps)));
    const authorityGrowth = growthOf(this.#authorityHeaps);
    for (const [whose, grown] of Object.entries({
      "an agent": growth,
      "the authority": authorityGrowth,
    })) {
      if (grown > mostGrowth) problems.push(`the heap of ${whose} grew by ${grown.toFixed(1)} MB`);
    }
    const times = this.#times.toSorted((a, b) => a - b);
    const quantile = (part: number): number => times[Math.floor(part * (times.length - 1))] ?? 0;
    return {
      requests: this.#done,
      lost,
      lastAnswers,
      certificates: serials.length,
      renewals: this.#renewed.size,
      median: quantile(0.5),
      slow: quantile(0.99),
      negotiated: this.#negotiated,
      growth,
      authorityGrowth,
      problems,
    };
  }

  #sayFigures(): void {
    const states = this.#members.map(({ health }) => health?.state);
    const ok = states.filter((state) => state === "ok").length;
    this.say(
      `${ok} ok, ${this.#done} requests, ${this.#renewed.size} renewals, ${this.#lost.length} refused or lost`,
    );
  }

  say(line: string): void {
    this.#options.say(`${this.seconds.toFixed(0).padStart(4)} s  ${line}`);
  }
}

const send = (member: Member, message: ToAgent): void => void member.process.send(message);

async function said<T>(child: ChildProcess, type: string): Promise<T> {
  return new Promise((resolve, reject) => {
    child.on("message", (message: { type: string }) => {
      if (message.type === type) resolve(message as T);
    });
    child.once("exit", (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
  });
}

/** Megabytes, between the smallest heap of the first third and that of the last: what is alive after a collection. */
function growthOf(heaps: readonly number[]): number {
  const third = Math.floor(heaps.length / 3);
  if (third === 0) return 0;
  const least = (part: readonly number[]): number => Math.min(...part);
  return (least(heaps.slice(-third)) - least(heaps.slice(0, third))) / 2 ** 20;
}
