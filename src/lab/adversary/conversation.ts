/** One connection of a scenario: two ends in memory, and the adversary between them. */
import type { Connection, ConnectionEvent } from "../../connection/index.ts";
import { pump, type PumpedEnd, type TapEvent } from "../../connection/pump.ts";
import { compareEnds, type Finding } from "../../detection/index.ts";
import type { OfferedPsk } from "../../handshake/index.ts";
import { TlsError } from "../../registry/index.ts";
import type { Link, LinkOptions } from "../../record/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { concatAll, equal, utf8 } from "../../wire/index.ts";
import { agreedBy, timesIn } from "./agreement.ts";
import { Secrets } from "../trace/keys.ts";
import type { Trace, TraceEvent } from "../trace/trace.ts";
import type { Laboratory } from "./laboratory.ts";
import { type Malice, MaliciousLink } from "./malicious.ts";
import { OnPath } from "./on-path.ts";
import { type Agreement, type EndReport, endsOf, type Outcome } from "./scenario.ts";
import type { EndPlan } from "../plan/plan.ts";
import type { Step, Unit } from "./step.ts";

/** Bytes on their way: from an end to the adversary, or from the adversary to an end. */
export interface Transfer {
  /** Of the connections of the scenario, from 0. */
  readonly connection: number;
  /** Who gave the bytes. */
  readonly from: Role | "adversary";
  /** Who got them. */
  readonly to: Role | "adversary";
  /** The bytes, in one piece. */
  readonly bytes: Uint8Array;
}

/** Who is told what happens. */
export interface Onlookers {
  /** Is told of everything that travels. */
  readonly tape?: (transfer: Transfer) => void;
  /** Is told the secrets of the ends, and of which connection they are, as in {@link Transfer}. */
  readonly keyLog?: (end: Role, line: string, connection: number) => void;
}

export interface ConversationTerms {
  readonly laboratory: Laboratory;
  readonly onlookers: Onlookers;
  readonly steps: readonly Step[];
  /** Its number among those of the scenario, from 0. */
  readonly connection: number;
  /** Whose sessions are offered, and whose messages can be taken. */
  readonly before?: Conversation | undefined;
  /** Present for a connection before the attacked one. */
  readonly earlier?: true | EndPlan | undefined;
  /** Steps of a malicious end that are made up on the way. */
  readonly improvise?: Malice["improvise"] | undefined;
}

/** What each end says to the other once it may. */
export const messageOf: Readonly<Record<Role, Uint8Array>> = {
  client: utf8("a request of the client"),
  server: utf8("an answer of the server"),
};

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

/** RFC 9266. */
const channelBinding = "EXPORTER-Channel-Binding";

export class Conversation {
  readonly ends: Readonly<Record<Role, Connection>>;
  /** Of the end that is the adversary, if one is. */
  malicious: MaliciousLink<Role> | undefined;
  readonly #events: Readonly<Record<Role, ConnectionEvent[]>> = { client: [], server: [] };
  readonly #setups: Readonly<Record<Role, EndPlan>>;
  readonly #onPath: OnPath;
  readonly #passed: TraceEvent[] = [];
  readonly #secrets = new Secrets();
  readonly #spoken = new Set<Role>();
  /** What each exported while it was open. */
  readonly #bindings: Partial<Record<Role, Uint8Array>> = {};
  readonly #tape: (from: Transfer["from"], to: Transfer["to"], bytes: Uint8Array) => void;
  readonly #before: Conversation | undefined;
  #isReplay = false;

  constructor({ laboratory, onlookers, connection, before, earlier, ...terms }: ConversationTerms) {
    const { keys = "none", malicious } = laboratory.scenario;
    const isHonest = malicious === undefined || earlier !== undefined;
    const signerOf = laboratory.signerOf.bind(laboratory);
    const makeLinkOf = (role: Role) => {
      if (isHonest || role !== malicious) return undefined;
      return <R extends Role>(options: LinkOptions<R>): Link<R> => {
        const { steps, improvise } = terms;
        const link = new MaliciousLink(options, {
          steps,
          signerOf,
          ...(improvise === undefined ? {} : { improvise }),
        });
        this.malicious = link;
        return link;
      };
    };
    const secrets = this.#secrets;
    const log = (end: Role) => (line: string) => {
      secrets.add(end, line);
      onlookers.keyLog?.(end, line, connection);
    };
    this.#before = before;
    this.#tape = (from, to, bytes) => onlookers.tape?.({ connection, from, to, bytes });
    this.#setups = {
      client: laboratory.setupOf("client", earlier),
      server: laboratory.setupOf("server", earlier),
    };
    this.ends = {
      client: laboratory.client(
        this.#setups.client,
        log("client"),
        before?.sessions ?? [],
        makeLinkOf("client"),
      ),
      server: laboratory.server(this.#setups.server, log("server"), makeLinkOf("server")),
    };
    this.#onPath = new OnPath({
      steps: isHonest ? terms.steps : [],
      earlier: before?.units,
      ...(!isHonest || (keys === "none" && earlier === undefined) ? {} : { secrets }),
      signerOf,
    });
  }

  get unapplied(): string[] {
    return (this.malicious ?? this.#onPath).unapplied;
  }

  get units(): readonly Unit[] {
    return this.#onPath.units;
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
    const all = this.#events.client.flatMap((event) =>
      event.type === "session" ? [event.session] : [],
    );
    return all.slice(0, 1);
  }

  /** Both ends to their end, whatever it is. */
  run(): this {
    this.ends.server.start();
    this.ends.client.start();
    if (this.#setups.client.earlyData !== undefined && this.ends.client.canWrite) {
      this.#speak("client");
    }
    pump(
      { client: this.#pumped("client"), server: this.#pumped("server") },
      {
        medium: this.#onPath,
        tap: (event) => this.#tap(event),
        idle: () => endsOf.filter((role) => this.#speak(role)).length > 0,
      },
    );
    return this;
  }

  /** The client's stream ends, whose hello got no answer that it took for one. */
  giveUp(): this {
    this.ends.client.receiveEnd();
    this.#collect("client");
    return this;
  }

  /** Sends a new server what the client sent in the connection before. */
  replay(): this {
    this.#isReplay = true;
    this.ends.server.start();
    for (const bytes of this.#before?.sentByClient ?? []) {
      this.#tap({ at: 0, end: "server", direction: "received", kind: "bytes", bytes });
      this.#pumped("server").receive(bytes);
    }
    this.#collect("server");
    return this;
  }

  get sentByClient(): readonly Uint8Array[] {
    if (this.#isReplay) return this.#before?.sentByClient ?? [];
    return this.#passed.flatMap((event) =>
      event.kind === "bytes" && event.end === "client" && event.direction === "sent"
        ? [event.bytes]
        : [],
    );
  }

  /** What passed both ends, and what they wrote to their key logs. */
  get trace(): Trace {
    return { events: this.#passed, keyLog: this.#secrets.entries };
  }

  /** How often all of the other's data arrived; with that of the connections that this one is a replay of. */
  dataOf(role: Role): number {
    const own = timesIn(this.#received(role), this.#wholeOf(otherRole(role)));
    return own + (this.#isReplay ? (this.#before?.dataOf(role) ?? 0) : 0);
  }

  reportOf(role: Role): EndReport {
    const { error, negotiated } = this.ends[role];
    const isAbsent = this.#isReplay && role === "client";
    const agreed = isAbsent ? null : agreedBy(this.ends[role]);
    return {
      outcome: isAbsent
        ? "absent"
        : outcomeOf(this.ends[role], this.#received(role), this.#wholeOf(otherRole(role))),
      group: negotiated?.group ?? null,
      alert: error?.alert ?? null,
      error: error?.message ?? null,
      code: error?.code ?? null,
      where: error?.detail.where ?? null,
      section: error?.detail.section ?? null,
      rule: error?.detail.rule ?? null,
      agreed: agreed && { ...agreed, ...this.#binding() },
      data: isAbsent ? 0 : this.dataOf(role),
      findings: this.#findingsOf(role),
    };
  }

  #findingsOf(role: Role): Finding[] {
    const own = this.#events[role].flatMap((event) =>
      event.type === "finding" ? [event.finding] : [],
    );
    const ours = this.ends.client.negotiated;
    const theirs = this.ends.server.negotiated;
    const disagreement = ours && theirs && compareEnds(ours, theirs);
    return disagreement === undefined ? own : [...own, disagreement];
  }

  /** Whether both exported the same, where both were open. */
  #binding(): Partial<Agreement> {
    const { client: ours, server: theirs } = this.#bindings;
    return ours && theirs ? { sameBinding: equal(ours, theirs) } : {};
  }

  #received(role: Role): Uint8Array {
    return concatAll(
      this.#events[role].flatMap((event) => (event.type === "data" ? [event.data] : [])),
    );
  }

  #wholeOf(role: Role): Uint8Array {
    const { records = 1 } = this.#setups[role];
    return records === 1
      ? messageOf[role]
      : concatAll(Array.from({ length: records }, () => messageOf[role]));
  }

  #pumped(role: Role): PumpedEnd {
    const end = this.ends[role];
    const collected = <T>(work: () => T): T => {
      const result = work();
      this.#collect(role);
      return result;
    };
    return {
      takeOutput: () => collected(() => end.takeOutput()),
      receive: (bytes) => collected(() => end.receive(bytes)),
      receiveEnd: () => collected(() => end.receiveEnd()),
    };
  }

  #tap(event: TapEvent): void {
    this.#passed.push(event);
    if (event.kind === "end") return;
    const { end, bytes } = event;
    if (event.direction === "received") this.#tape("adversary", end, bytes);
    else this.#tape(end, "adversary", bytes);
  }

  #collect(role: Role): void {
    const end = this.ends[role];
    for (const event of end.takeEvents()) this.#events[role].push(event);
    // A connection that has failed exports nothing any more
    if (end.negotiated === undefined || end.error !== undefined) return;
    this.#bindings[role] ??= end.exportKeyingMaterial(channelBinding, new Uint8Array(0), 32);
  }

  /** Says what the end has to say, once. */
  #speak(role: Role): boolean {
    const connection = this.ends[role];
    const { updateKeys, close, records = 1, laterRequests = 0 } = this.#setups[role];
    if (this.#spoken.has(role) || !connection.canWrite) return false;
    this.#spoken.add(role);
    const isOpen = connection.state === "open";
    if (role === "server" && isOpen) {
      for (let i = 0; i < laterRequests; i++) askLater(connection);
    }
    if (updateKeys && isOpen) connection.updateKeys();
    for (let i = 0; i < records; i++) connection.write(messageOf[role]);
    if (close && connection.state === "open") connection.close();
    return true;
  }
}

/** Asks for a certificate; a client that does not answer is no matter of the scenario. */
export function askLater(server: Connection): void {
  try {
    server.requestCertificate();
  } catch (error) {
    if (error instanceof TlsError && error.code === "misuse") return;
    throw error;
  }
}
