/** One connection: our end in memory, OpenSSL at a socket, the adversary between them. */
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { Connection } from "../../connection/index.ts";
import { type Both, pumpAsync, type PumpedEnd, type TapEvent } from "../../connection/pump.ts";
import type { Finding } from "../../detection/index.ts";
import type { OfferedPsk } from "../../handshake/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import { agreedBy } from "./agreement.ts";
import { Secrets } from "../trace/keys.ts";
import type { Trace } from "../trace/trace.ts";
import type { Laboratory } from "./laboratory.ts";
import { messageOf, outcomeOf } from "./conversation.ts";
import { OnPath } from "./on-path.ts";
import { commandOf } from "../../peers/command.ts";
import { openssl } from "../../peers/known/openssl.ts";
import { opensslOutcome } from "../../peers/openssl.ts";
import { pause, type PeerProcess } from "../../peers/process.ts";
import { SocketEnd } from "../../peers/socket-end.ts";
import { followKeyLog } from "./follow-key-log.ts";
import type { Agreement, Outcome } from "./scenario.ts";
import type { EndPlan } from "../plan/plan.ts";
import type { Step, Unit } from "./step.ts";

/** Looks, ten milliseconds apart, at which both are at rest, after which nothing more is awaited. */
const silence = 15;
/** The same where our end is through, and OpenSSL may have a word to say yet. */
const shortSilence = 5;

export interface OpensslConversationOptions {
  readonly laboratory: Laboratory;
  /** OpenSSL's. */
  readonly role: Role;
  readonly steps: readonly Step[];
  readonly process: PeerProcess;
  readonly keyLog: string;
  /** The honest connection before. */
  readonly before?: OpensslConversation | undefined;
  /** Present for the honest connection itself. */
  readonly earlier?: true | EndPlan | undefined;
}

export class OpensslConversation {
  readonly #role: Role;
  readonly #ours: Role;
  readonly #end: Connection;
  readonly #onPath: OnPath;
  readonly #process: PeerProcess;
  readonly #setups: Readonly<Record<Role, EndPlan>>;
  readonly #isEarlier: boolean;
  /** Where what OpenSSL says of this connection begins. */
  readonly #from: number;
  #said = "";
  readonly #received: Uint8Array[] = [];
  readonly #sentByClient: Uint8Array[] = [];
  readonly #passed: TapEvent[] = [];
  readonly #secrets = new Secrets();
  readonly #keyLog: string;
  readonly #spoken = new Set<Role>();
  #failure: Error | undefined;
  readonly sessions: OfferedPsk[] = [];
  readonly findings: Finding[] = [];

  constructor(options: OpensslConversationOptions) {
    const { laboratory, role, steps, before, earlier, process, keyLog } = options;
    const { keys = "none" } = laboratory.scenario;
    const secrets = this.#secrets;
    this.#keyLog = keyLog;
    this.#role = role;
    this.#isEarlier = earlier !== undefined;
    this.#ours = otherRole(role);
    this.#process = process;
    this.#from = process.output.length;
    this.#setups = {
      client: laboratory.setupOf("client", earlier),
      server: laboratory.setupOf("server", earlier),
    };
    const knows = keys !== "none" || earlier !== undefined;
    if (knows) followKeyLog(secrets, role, keyLog);
    const log = (line: string) => secrets.add(this.#ours, line);
    this.#end =
      this.#ours === "client"
        ? laboratory.client(this.#setups.client, log, before?.sessions.slice(0, 1) ?? [])
        : laboratory.server(this.#setups.server, log);
    this.#onPath = new OnPath({
      steps,
      earlier: before?.units,
      ...(knows ? { secrets } : {}),
      signerOf: (from, key) => laboratory.signerOf(from, key),
    });
  }

  get units(): readonly Unit[] {
    return this.#onPath.units;
  }

  /** All bytes of the client, to be sent again. */
  get sentByClient(): Uint8Array {
    return concat(...this.#sentByClient);
  }

  get isOpen(): boolean {
    return this.#end.negotiated !== undefined && this.#end.error === undefined;
  }

  /** Why the attack did not come about. */
  get unapplied(): string | undefined {
    if (this.#failure !== undefined) return this.#failure.message;
    const { unapplied } = this.#onPath;
    return unapplied.length === 0 ? undefined : `nothing to apply it to: ${unapplied.join("; ")}`;
  }

  /** What passed both ends, and what they wrote to their key logs until now. */
  get trace(): Trace {
    const log = existsSync(this.#keyLog) ? readFileSync(this.#keyLog, "utf8") : "";
    const theirs = log.split("\n").map((line) => ({ end: this.#role, line }));
    return { events: this.#passed, keyLog: [...theirs, ...this.#secrets.entries] };
  }

  get agreed(): Partial<Agreement> | null {
    return agreedBy(this.#end);
  }

  get ours(): Outcome {
    return outcomeOf(this.#end, concat(...this.#received), messageOf[this.#role]);
  }

  get openssl(): string {
    const said = this.#process.output.slice(this.#from);
    const message = new TextDecoder().decode(messageOf[this.#ours]);
    return opensslOutcome(this.#said, said, message);
  }

  async run(socket: Socket): Promise<this> {
    const theirs = new OpensslEnd(this.#process, socket, () => this.#end.error !== undefined);
    this.#end.start();
    if (this.#setups.client.earlyData !== undefined && this.#end.canWrite) this.#speak();
    if (this.#role === "client") await once(socket, "data");
    try {
      await pumpAsync(both<PumpedEnd>(this.#role, theirs, this.#pumped()), {
        medium: this.#onPath,
        tap: (event) => this.#tap(event),
        idle: () => [this.#speakTheirs(theirs), this.#speak()].some(Boolean) || this.#leave(),
      });
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#said = this.#process.output.slice(this.#from);
    socket.destroy();
    await (this.#role === "client" ? this.#process.ended(500) : pause(50));
    return this;
  }

  #pumped(): PumpedEnd {
    const end = this.#end;
    return {
      takeOutput: () => end.takeOutput(),
      receive: (bytes) => {
        end.receive(bytes);
        this.#collect();
      },
      receiveEnd: () => end.receiveEnd(),
    };
  }

  #collect(): void {
    for (const event of this.#end.takeEvents()) {
      if (event.type === "data") this.#received.push(event.data);
      else if (event.type === "session") this.sessions.push(event.session);
      else if (event.type === "finding") this.findings.push(event.finding);
    }
  }

  #tap(event: TapEvent): void {
    this.#passed.push(event.kind === "bytes" ? { ...event, bytes: event.bytes.slice() } : event);
    if (event.kind === "bytes" && event.end === "client" && event.direction === "sent") {
      this.#sentByClient.push(event.bytes);
    }
  }

  /** After a connection that just breaks off OpenSSL forgets its session. */
  #leave(): boolean {
    if (!this.#isEarlier || this.#end.state !== "open") return false;
    this.#end.close();
    return true;
  }

  #speak(): boolean {
    if (this.#spoken.has(this.#ours) || !this.#end.canWrite) return false;
    this.#spoken.add(this.#ours);
    const { updateKeys, close } = this.#setups[this.#ours];
    if (updateKeys && this.#end.state === "open") this.#end.updateKeys();
    this.#end.write(messageOf[this.#ours]);
    if (close && this.#end.state === "open") this.#end.close();
    return true;
  }

  #speakTheirs(end: OpensslEnd): boolean {
    const { updateKeys, close, earlyData } = this.#setups[this.#role];
    const isOpen = /cipher is TLS_/i.test(this.#process.output.slice(this.#from));
    if (this.#spoken.has(this.#role) || !isOpen) return false;
    this.#spoken.add(this.#role);
    const { commands = {} } = commandOf(openssl, this.#role);
    void end.type([
      ...(updateKeys ? [commands.keyUpdate!] : []),
      // A client with early data has said it already
      ...(this.#role === "client" && earlyData !== undefined ? [] : [messageOf[this.#role]]),
      ...(close ? [commands.close!] : []),
    ]);
    return true;
  }
}

const both = <T>(role: Role, theirs: T, ours: T): Both<T> =>
  role === "client" ? { client: theirs, server: ours } : { client: ours, server: theirs };

/** OpenSSL behind a socket. It is at rest when it has neither said nor done anything for some looks. */
class OpensslEnd extends SocketEnd {
  readonly #process: PeerProcess;
  readonly #isOursOver: () => boolean;
  /** Looks since something came or went. */
  #restful = 0;

  constructor(process: PeerProcess, socket: Socket, isOursOver: () => boolean) {
    super(socket);
    this.#process = process;
    this.#isOursOver = isOursOver;
  }

  /** Looks are counted, not time: on a busy machine we are as late as OpenSSL is. */
  override async rest(): Promise<boolean> {
    const hadEnded = this.ended;
    const enough = () => (this.#isOursOver() && this.socket.closed ? shortSilence : silence);
    for (this.#restful = 0; this.#restful < enough(); this.#restful++) {
      await pause(10);
      if (this.hasOutput || this.ended !== hadEnded) return true;
      if (this.#process.isBusy) this.#restful = 0;
    }
    return false;
  }

  /** One after the other: a command counts at the beginning of what it reads only. */
  async type(texts: readonly (string | Uint8Array)[]): Promise<void> {
    for (const text of texts) {
      this.#restful = 0;
      this.#process.write(text);
      await pause(40);
    }
  }
}
