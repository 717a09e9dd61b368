/** Runs a scenario in memory, and says what came of it. */
import type { Connection, ConnectionEvent } from "../../connection/index.ts";
import { compareEnds } from "../../detection/index.ts";
import { groups, isPostQuantum } from "../../groups/index.ts";
import type { OfferedPsk } from "../../handshake/index.ts";
import { TlsError } from "../../registry/index.ts";
import { concat, equal, utf8 } from "../../wire/index.ts";
import type { Role } from "../watch.ts";
import { ScenarioError } from "./edit.ts";
import { otherRole, Secrets } from "./keys.ts";
import { Laboratory, labPki, type ProviderMaker, standardEnds } from "./laboratory.ts";
import { OnPath } from "./on-path.ts";
import {
  type AttackRow,
  type AttackScenario,
  type EndReport,
  type EndSetup,
  endsOf,
  type Outcome,
} from "./scenario.ts";
import type { Step, Unit } from "./step.ts";

/** Bytes on their way: from an end to the adversary, or from the adversary to an end. */
export interface Passage {
  /** Of the connections of the scenario, from 0. */
  readonly connection: number;
  readonly from: Role | "adversary";
  readonly to: Role | "adversary";
  readonly bytes: Uint8Array;
}

export interface AttackOptions {
  readonly makeProvider: ProviderMaker;
  /** Default: `kemistry`. */
  readonly seed?: string;
  /** Is told of everything that travels. */
  readonly tape?: (passage: Passage) => void;
  /** Is told the secrets of the ends. */
  readonly keyLog?: (end: Role, line: string) => void;
}

/** What each end says to the other once it may. */
export const messageOf: Readonly<Record<Role, Uint8Array>> = {
  client: utf8("a request of the client"),
  server: utf8("an answer of the server"),
};

/** @throws ScenarioError for what cannot be done */
export function runAttack(scenario: AttackScenario, options: AttackOptions): AttackRow {
  try {
    return attack(scenario, options);
  } catch (error) {
    // An end cannot be what it is to be, or the attacker cannot do what it is to do
    const isTheirs = error instanceof ScenarioError || error instanceof TlsError;
    if (!isTheirs && !(error instanceof RangeError)) throw error;
    throw new ScenarioError(`${scenario.name}: ${error.message}`);
  }
}

function attack(scenario: AttackScenario, options: AttackOptions): AttackRow {
  const laboratory = new Laboratory(scenario, options.makeProvider, options.seed ?? "kemistry");
  const { earlier } = scenario;
  let number = 0;
  const meet = (steps: readonly Step[], before: Meeting | undefined, from?: true | EndSetup) =>
    new Meeting(laboratory, steps, before, options, number++, from).run();

  const before = earlier === undefined ? undefined : meet([], undefined, earlier);
  if (before !== undefined && !before.isOpen) {
    throw new ScenarioError(`the earlier connection failed: ${before.failure}`);
  }
  for (let i = 0; i < (scenario.lostBefore ?? 0); i++) {
    meet([{ from: "client", on: "client_hello", cut: "before" }], undefined, standardEnds);
  }
  let last = meet(scenario.steps, before);
  const { unapplied } = last;
  if (unapplied.length > 0) {
    throw new ScenarioError(`nothing came to apply this to: ${unapplied.join("; ")}`);
  }
  for (let i = 0; i < (scenario.replays ?? 0); i++) {
    last = new Meeting(laboratory, [], last, options, number++).replay();
  }
  return rowOf(laboratory, last);
}

/** How a connection ended for an end that has received this, and should have received that. */
export function outcomeOf(
  { error, state }: Connection,
  received: Uint8Array,
  expected: Uint8Array,
): Outcome {
  if (error?.code === "peer_alert") {
    return `told ${/alert (\S+)/.exec(error.detail.received ?? "")?.[1] ?? "something"}`;
  }
  if (error !== undefined) return error.code;
  if (state === "handshaking") return "waiting";
  if (received.length === 0) return "open without data";
  return equal(received, expected) ? "open" : "open with other data";
}

/** One connection: two ends and the adversary between them. */
class Meeting {
  readonly ends: Readonly<Record<Role, Connection>>;
  readonly events: Readonly<Record<Role, ConnectionEvent[]>> = { client: [], server: [] };
  readonly #setups: Readonly<Record<Role, EndSetup>>;
  readonly #onPath: OnPath;
  /** Deliveries since somebody looked. */
  #delivered = 0;
  readonly #sent: Record<Role, Uint8Array[]> = { client: [], server: [] };
  readonly #spoken = new Set<Role>();
  readonly #tape: (from: Passage["from"], to: Passage["to"], bytes: Uint8Array) => void;
  readonly #before: Meeting | undefined;
  #isReplay = false;

  constructor(
    laboratory: Laboratory,
    steps: readonly Step[],
    before: Meeting | undefined,
    options: AttackOptions,
    connection: number,
    earlier?: true | EndSetup,
  ) {
    const { keys = "none" } = laboratory.scenario;
    const secrets = new Secrets();
    const log = (end: Role) => (line: string) => {
      secrets.add(end, line);
      options.keyLog?.(end, line);
    };
    this.#before = before;
    this.#tape = (from, to, bytes) => options.tape?.({ connection, from, to, bytes });
    this.#setups = {
      client: laboratory.setupOf("client", earlier),
      server: laboratory.setupOf("server", earlier),
    };
    this.ends = {
      client: laboratory.client(this.#setups.client, log("client"), before?.sessions ?? []),
      server: laboratory.server(this.#setups.server, log("server")),
    };
    this.#onPath = new OnPath({
      steps,
      earlier: before?.units,
      ...(keys === "none" && earlier === undefined ? {} : { secrets }),
      ...(keys === "server" ? { signer: labPki().server.signer } : {}),
      wire: {
        deliver: (to, bytes) => this.#give(to, bytes),
        end: (to) => this.#end(to),
      },
    });
  }

  get unapplied(): string[] {
    return this.#onPath.unapplied;
  }

  get units(): readonly Unit[] {
    return this.#onPath.units;
  }

  get sentByClient(): readonly Uint8Array[] {
    return this.#sent.client;
  }

  get isOpen(): boolean {
    return endsOf.every(
      (role) => this.ends[role].negotiated !== undefined && !this.ends[role].error,
    );
  }

  get failure(): string {
    return (this.ends.client.error ?? this.ends.server.error)?.message ?? "it did not open";
  }

  get sessions(): OfferedPsk[] {
    const all = this.events.client.flatMap((event) =>
      event.type === "session" ? [event.session] : [],
    );
    return all.slice(0, 1);
  }

  run(): this {
    this.ends.server.start();
    this.ends.client.start();
    if (this.#setups.client.earlyData !== undefined && this.ends.client.canWrite) {
      this.#speak("client");
    }
    this.#carryAll();
    return this;
  }

  /** Sends a new server what the client sent in the connection before. */
  replay(): this {
    this.#isReplay = true;
    this.ends.server.start();
    for (const bytes of this.#before?.sentByClient ?? []) this.#give("server", bytes);
    this.#collect("server");
    return this;
  }

  reportOf(role: Role): EndReport {
    const connection = this.ends[role];
    const { error, negotiated } = connection;
    const findings = this.events[role].flatMap((event) =>
      event.type === "finding" ? [event.finding] : [],
    );
    const ours = this.ends.client.negotiated;
    const theirs = this.ends.server.negotiated;
    const disagreement = ours && theirs && compareEnds(ours, theirs);
    return {
      outcome: this.#isReplay && role === "client" ? "absent" : this.#outcomeOf(role),
      group: negotiated?.group ?? null,
      alert: error?.alert ?? null,
      error: error?.message ?? null,
      findings: disagreement === undefined ? findings : [...findings, disagreement],
    };
  }

  #outcomeOf(role: Role): Outcome {
    const received = this.events[role].flatMap((event) =>
      event.type === "data" ? [event.data] : [],
    );
    return outcomeOf(this.ends[role], concat(...received), messageOf[otherRole(role)]);
  }

  #carryAll(): void {
    for (let round = 0; ; round++) {
      if (round > 10_000) throw new ScenarioError("the two ends never fall silent");
      this.#delivered = 0;
      const moved = endsOf.map((role) => this.#carry(role)).some(Boolean);
      if (moved || this.#delivered > 0) continue;
      if (this.#onPath.release()) continue;
      if (!endsOf.map((role) => this.#speak(role)).some(Boolean)) return;
    }
  }

  #carry(role: Role): boolean {
    const bytes = concat(...this.ends[role].takeOutput());
    this.#collect(role);
    if (bytes.length === 0) return false;
    this.#sent[role].push(bytes);
    this.#tape(role, "adversary", bytes);
    this.#onPath.take(role, bytes);
    return true;
  }

  /** At once: an adversary with keys must know what its receiver made of a hello before it goes on. */
  #give(to: Role, bytes: Uint8Array): void {
    this.#delivered++;
    this.#tape("adversary", to, bytes);
    this.ends[to].receive(bytes);
    this.#collect(to);
  }

  #end(to: Role): void {
    this.#delivered++;
    this.ends[to].receiveEnd();
    this.#collect(to);
  }

  #collect(role: Role): void {
    this.events[role].push(...this.ends[role].takeEvents());
  }

  /** Says what the end has to say, once. */
  #speak(role: Role): boolean {
    const connection = this.ends[role];
    if (this.#spoken.has(role) || !connection.canWrite) return false;
    this.#spoken.add(role);
    if (this.#setups[role].updateKeys && connection.state === "open") connection.updateKeys();
    connection.write(messageOf[role]);
    if (this.#setups[role].close && connection.state === "open") connection.close();
    return true;
  }
}

function rowOf({ scenario, providerName }: Laboratory, meeting: Meeting): AttackRow {
  const client = meeting.reportOf("client");
  const server = meeting.reportOf("server");
  const problems = judge(scenario, { client, server });
  const { name, family, does, section, expect: expected } = scenario;
  return {
    name,
    family,
    does,
    section,
    provider: providerName,
    client,
    server,
    expected,
    asPredicted: problems.length === 0,
    problems,
  };
}

function judge(scenario: AttackScenario, reports: Readonly<Record<Role, EndReport>>): string[] {
  const { expect: expected } = scenario;
  const problems = endsOf
    .filter((role) => reports[role].outcome !== expected[role])
    .map((role) => `${role}: ${expected[role]} was predicted, ${reports[role].outcome} it is`);
  const kinds = endsOf.flatMap((role) => reports[role].findings.map(({ kind }) => kind));
  const missing = (expected.findings ?? []).filter((kind) => !kinds.includes(kind));
  if (missing.length > 0) problems.push(`nobody found ${missing.join(", ")}`);
  if (expected.findings?.length === 0 && kinds.length > 0) {
    problems.push(`found without a reason: ${kinds.join(", ")}`);
  }
  const bothOpen = endsOf.every((role) => reports[role].outcome.startsWith("open"));
  if (kinds.length === 0 && isSilentDowngrade(scenario, bothOpen, reports.client.group)) {
    problems.push("a weaker exchange came about, and nobody said so");
  }
  return problems;
}

/** The client once offered a post-quantum group, both ends opened, and there is no such exchange. */
export function isSilentDowngrade(
  { both, client, lostBefore = 0 }: AttackScenario,
  bothOpen: boolean,
  group: string | null,
): boolean {
  const names = client?.groups ?? both?.groups ?? standardEnds.groups ?? [];
  const isHybrid = (name: string | null): boolean =>
    groups.some((entry) => entry.name === name && isPostQuantum(entry));
  return bothOpen && (lostBefore > 0 || names.some(isHybrid)) && !isHybrid(group);
}
