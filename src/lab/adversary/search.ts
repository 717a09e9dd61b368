/** Looks for what it should not find: mutated handshakes, steered by what is new in how they end. */
import {
  type ClientOptions,
  type Connection,
  createClient,
  createServer,
  type ServerOptions,
} from "../../connection/index.ts";
import type { Provider } from "../../crypto/index.ts";
import { groups } from "../../groups/index.ts";
import { CertificateCache, createCredential } from "../../identity/index.ts";
import { messages } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import { concat, equal } from "../../wire/index.ts";
import type { Role } from "../watch.ts";
import { ScenarioError } from "./edit.ts";
import { Secrets } from "./keys.ts";
import { labName, labPki, labTime } from "./laboratory.ts";
import { type Dice, dice, mutateUnit } from "./mutate.ts";
import { OnPath } from "./on-path.ts";
import { type AttackScenario, endsOf } from "./scenario.ts";
import { describeStep, type Step, type Unit } from "./step.ts";

export interface SearchOptions {
  readonly seconds: number;
  /** Handshakes, at most. Default: as many as the time allows. */
  readonly limit?: number;
  readonly seed: string;
  readonly makeProvider: (options: object) => Provider;
}

export interface SearchProblem {
  /** `untyped error`, `hang`, `accepted`, with what it was. */
  readonly what: string;
  /** In words. */
  readonly steps: string;
  /** The smallest that still shows it: it can be run by `kemistry attack`. */
  readonly scenario: AttackScenario;
}

export interface SearchReport {
  readonly seed: string;
  readonly provider: string;
  readonly seconds: number;
  /** Of one processor, without what others did to it. */
  readonly cpuSeconds: number;
  readonly handshakes: number;
  /** Different ways in which a connection ended: code, place and state of both ends. */
  readonly outcomes: number;
  /** How often each error code ended one end; `open` if none did. */
  readonly codes: Readonly<Record<string, number>>;
  /** Bytes that the heap grew by after the first tenth, at its low points. */
  readonly heapGrowth: number;
  readonly problems: readonly SearchProblem[];
}

interface Setting {
  readonly group: string;
  readonly retry: boolean;
  readonly mutual: boolean;
  readonly keys: "none" | "traffic";
}

interface Attempt {
  readonly steps: readonly Step[];
  /** What is new about it is found by this. */
  readonly outcome: string;
  readonly codes: readonly string[];
  readonly problem: string | undefined;
}

/** A handshake that takes longer than this, in milliseconds, hangs. */
const patience = 2000;
const maxProblems = 20;

export function search(options: SearchOptions): SearchReport {
  const { seconds, limit = Infinity, seed, makeProvider } = options;
  const bench = new Bench(makeProvider({}));
  const roll = dice(seed);
  const seen = new Map<string, number>();
  const promising: { readonly setting: Setting; readonly steps: readonly Step[] }[] = [];
  const codes: Record<string, number> = {};
  const problems: SearchProblem[] = [];
  const heap = new HeapWatch();
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const until = begin + seconds * 1000;
  let handshakes = 0;
  while (handshakes < limit && performance.now() < until && problems.length < maxProblems) {
    // What led to something new is gone on from
    const base =
      promising.length > 0 && roll(3) === 0 ? promising[roll(promising.length)] : undefined;
    const setting = base?.setting ?? chooseSetting(roll);
    const attempt = bench.attempt(setting, base?.steps ?? [], roll);
    handshakes++;
    for (const code of attempt.codes) codes[code] = (codes[code] ?? 0) + 1;
    const known = seen.get(attempt.outcome) ?? 0;
    seen.set(attempt.outcome, known + 1);
    if (known === 0 && attempt.steps.length < 4) promising.push({ setting, steps: attempt.steps });
    if (attempt.problem !== undefined && !problems.some(({ what }) => what === attempt.problem)) {
      problems.push(bench.shrink(setting, attempt.steps, attempt.problem, problems.length + 1));
    }
    if (handshakes % 1000 === 0) heap.look((performance.now() - begin) / (until - begin));
  }
  return {
    seed,
    provider: bench.provider.name,
    seconds: (performance.now() - begin) / 1000,
    cpuSeconds: process.cpuUsage(cpu).user / 1e6,
    handshakes,
    outcomes: seen.size,
    codes,
    heapGrowth: heap.growth,
    problems,
  };
}

/** All groups, the fast ones more often; both kinds of adversary. */
function chooseSetting(roll: Dice): Setting {
  const group =
    roll(4) === 0 ? groups[roll(groups.length)]! : groups.find(({ name }) => name === "x25519")!;
  return {
    group: group.name,
    retry: roll(8) === 0,
    mutual: roll(6) === 0,
    keys: roll(3) === 0 ? "traffic" : "none",
  };
}

/** Where handshakes are run one after the other, with certificates that are read once. */
class Bench {
  readonly provider: Provider;
  readonly #common: Pick<ClientOptions, "provider" | "trust" | "now" | "readCertificate">;
  readonly #credentials: Readonly<Record<Role, ReturnType<typeof createCredential>>>;

  constructor(provider: Provider) {
    this.provider = provider;
    const { trust, server, client } = labPki();
    const cache = new CertificateCache();
    this.#common = {
      provider,
      trust: trust!,
      now: () => labTime,
      readCertificate: (der, where) => cache.parse(der, where),
    };
    const bind = ({ chain, privateKey }: typeof server) =>
      createCredential({ certificates: chain, privateKey, provider });
    this.#credentials = { client: bind(client), server: bind(server) };
  }

  /** Runs one handshake: given steps, and with dice one more that it makes up. */
  attempt(setting: Setting, given: readonly Step[], roll?: Dice): Attempt {
    const secrets = new Secrets();
    const log = (end: Role) => (line: string) => secrets.add(end, line);
    const ends: Readonly<Record<Role, Connection>> = {
      client: createClient({ ...this.#client(setting), keyLog: log("client") }),
      server: createServer({ ...this.#server(setting), keyLog: log("server") }),
    };
    const made: Step[] = [];
    // The client's flight has about a third of what travels
    let countdown = roll === undefined ? -1 : roll(setting.keys === "traffic" ? 9 : 4);
    const onPath = new OnPath({
      steps: given,
      secrets: setting.keys === "traffic" ? secrets : undefined,
      provider: this.provider,
      improvise: (unit: Unit, nth: number) => {
        if (roll === undefined || countdown-- !== 0) return [];
        const step = mutateUnit(unit, nth, roll);
        made.push(step);
        return [step];
      },
      wire: {
        deliver: (to, bytes) => ends[to].receive(bytes),
        end: (to) => ends[to].receiveEnd(),
      },
    });
    let problem: string | undefined;
    const start = performance.now();
    try {
      carry(ends, onPath);
    } catch (error) {
      // What cannot be written down is no handshake, and none of the engine's business
      if (!(error instanceof ScenarioError)) problem = `untyped error: ${String(error)}`;
    }
    if (performance.now() - start > patience) problem = `hang: more than ${patience} ms`;
    const steps = [...given, ...made];
    problem ??= problemOf(ends, onPath);
    return {
      steps,
      problem,
      outcome: endsOf.map((role) => describeEnd(ends[role])).join(" | "),
      codes: endsOf.map((role) => ends[role].error?.code ?? ends[role].state),
    };
  }

  /** Takes steps away while the problem stays. */
  shrink(setting: Setting, steps: readonly Step[], what: string, number: number): SearchProblem {
    const kind = what.split(":")[0];
    let smallest = steps;
    for (let index = smallest.length - 1; index >= 0; index--) {
      const fewer = smallest.toSpliced(index, 1);
      const problem = this.attempt(setting, fewer).problem;
      if (problem?.split(":")[0] === kind) smallest = fewer;
    }
    const groupsOf = setting.retry
      ? { groups: ["secp256r1", setting.group] }
      : { groups: [setting.group] };
    return {
      what,
      steps: smallest.map(describeStep).join("; "),
      scenario: {
        name: `search-${number}`,
        family: "policies",
        does: what,
        section: "",
        client: groupsOf,
        server: {
          groups: [setting.group],
          clientAuthentication: setting.mutual ? "require" : "none",
        },
        keys: setting.keys,
        steps: smallest,
        expect: { client: "open", server: "open" },
      },
    };
  }

  #client({ group, retry }: Setting): ClientOptions {
    const other = group === "secp256r1" ? "x25519" : "secp256r1";
    return {
      ...this.#common,
      serverName: labName,
      groups: retry ? [other, group] : [group],
      credentials: [this.#credentials.client],
    };
  }

  #server({ group, mutual }: Setting): ServerOptions {
    return {
      ...this.#common,
      groups: [group],
      credentials: [this.#credentials.server],
      clientAuthentication: mutual ? "require" : "none",
    };
  }
}

function carry(ends: Readonly<Record<Role, Connection>>, onPath: OnPath): void {
  ends.server.start();
  ends.client.start();
  for (let round = 0; round < 200; round++) {
    let moved = false;
    for (const role of endsOf) {
      const bytes = concat(...ends[role].takeOutput());
      if (bytes.length > 0) {
        moved = true;
        onPath.take(role, bytes);
      }
    }
    if (!moved && !onPath.release()) return;
  }
  throw new Error("the two ends never fall silent");
}

const ours = ["internal", "misuse"];

/** What a mutated handshake must never come to. */
function problemOf(ends: Readonly<Record<Role, Connection>>, onPath: OnPath): string | undefined {
  for (const role of endsOf) {
    const { error } = ends[role];
    if (error !== undefined && (!(error instanceof TlsError) || ours.includes(error.code))) {
      return `untyped error: the ${role}: ${error.message}`;
    }
  }
  return acceptedDifference(ends, onPath);
}

/**
 * An end that opened has been given what the other sent, up to the Finished that it believed, and the
 * other its hellos (RFC 9846 §4.5.3). What comes behind is another matter.
 */
function acceptedDifference(
  ends: Readonly<Record<Role, Connection>>,
  onPath: OnPath,
): string | undefined {
  const sentBy = (role: Role, upTo: (unit: Unit) => boolean): Uint8Array => {
    const sent = onPath.units.filter(({ from, name }) => from === role && name in messages);
    const last = sent.findLastIndex(upTo);
    return concat(...sent.slice(0, last + 1).map(({ raw }) => raw));
  };
  const isHello = ({ name }: Unit) => name === "client_hello";
  const isLast = ({ name }: Unit) => name === "finished" || name.endsWith("_hello");
  const serverFlight = sentBy("server", isLast);
  if (ends.client.negotiated !== undefined) {
    const isSame =
      beginsWith(onPath.deliveredTo("client"), serverFlight) &&
      beginsWith(onPath.deliveredTo("server"), sentBy("client", isHello));
    if (!isSame) return "accepted: the client opened, and the messages are not the same";
  }
  if (ends.server.negotiated !== undefined) {
    const isSame =
      beginsWith(onPath.deliveredTo("server"), sentBy("client", isLast)) &&
      beginsWith(onPath.deliveredTo("client"), serverFlight);
    if (!isSame) return "accepted: the server opened, and the messages are not the same";
  }
  return undefined;
}

const beginsWith = (whole: Uint8Array, begin: Uint8Array): boolean =>
  equal(whole.subarray(0, begin.length), begin);

/** Numbers in a path would make every place a new one. */
function describeEnd({ error, state }: Connection): string {
  if (error === undefined) return state;
  const { where, received, section } = error.detail;
  const told = error.code === "peer_alert" ? received : "";
  const place = where?.replaceAll(/\d+/g, "#") ?? section ?? "";
  return `${error.code} ${told ?? ""} ${place} ${error.message.split(";")[0]?.replaceAll(/\d+/g, "#")}`;
}

/** Low points of the heap: in the first tenth of the time, and since the middle. */
class HeapWatch {
  #first = Infinity;
  #later = Infinity;

  look(part: number): void {
    const { heapUsed } = process.memoryUsage();
    if (part < 0.1 || this.#first === Infinity) this.#first = Math.min(this.#first, heapUsed);
    else if (part > 0.5) this.#later = Math.min(this.#later, heapUsed);
  }

  get growth(): number {
    return Number.isFinite(this.#later) ? Math.max(0, this.#later - this.#first) : 0;
  }
}
