import type { Finding } from "../detection/index.ts";
import type { Established, Handshake, Negotiated, Wait } from "../handshake/index.ts";
import {
  alertName,
  type Incoming,
  type IncomingMessage,
  type Limits,
  type Link,
  maxFragment,
} from "../record/index.ts";
import * as check from "../registry/check.ts";
import { AlertDescription, type AlertName, TlsError, toTlsError } from "../registry/index.ts";
import type { ExporterSecret, Role } from "../schedule/index.ts";
import { Gathered } from "../wire/index.ts";
import type { ConnectionEvent } from "./events.ts";
import type { Review } from "./review.ts";

/** What makes a connection a client's or a server's. */
export interface Script {
  readonly role: Role;
  readonly link: Link;
  readonly limits: Limits;
  readonly review: Review;
  /** Early data waits until the handshake is over, and the client is known and allowed. */
  readonly holdsEarlyData: boolean;
  /** Data waits until the peer has proved itself, although there are keys for it: a client's of AuthKEM. */
  readonly waitsForProof: boolean;
  handshake(onEarlyExporter: (exporter: ExporterSecret) => void): Handshake<Established>;
  afterHandshake(
    established: Established,
    emit: (event: ConnectionEvent) => void,
  ): Handshake<never>;
  /** Gives what sends a server's request for a certificate after the handshake. @throws TlsError `misuse` */
  requestCertificate?(established: Established): () => void;
  /** Told when an asynchronous operation has ended, and there may be output and events. */
  readonly onProgress: (() => void) | undefined;
}

/** Where a connection stands. `closed` and `failed` are final. */
export type ConnectionState = "idle" | "handshaking" | "open" | "closed" | "failed";

const checkFragment = check.whole(1, maxFragment, " bytes");

const checkUpdate = check.options({
  requestPeer: check.flag,
} satisfies check.OptionTable<{ readonly requestPeer?: boolean }>);

/**
 * A TLS connection without I/O: bytes in, bytes and events out. It opens no socket, starts no timer, and
 * reads no clock or randomness but those it was given.
 *
 * Feed it with {@link receive}, send what {@link takeOutput} gives, handle what {@link takeEvents} says.
 *
 * Every callback of its options (a key log, a verifier, an observer) may call every method. What ends the
 * connection does so at once: the step that called back runs on, and nothing of it is seen any more. Input
 * that is given from inside a step is taken after it.
 */
export class Connection {
  /** Which end this is. */
  readonly role: Role;
  readonly #script: Script;
  readonly #link: Link;
  #state: ConnectionState = "idle";
  #coroutine: Handshake<Established> | Handshake<never> | undefined;
  /** The last wait: the name of the position, also after a failure. */
  #wait: Wait | undefined;
  #established: Established | undefined;
  #earlyExporter: ExporterSecret | undefined;
  #events: ConnectionEvent[] = [];
  /** Early data that waits for the end of the handshake. */
  readonly #held = new Gathered();
  #peerEnded = false;
  #weEnded = false;
  /** The stream ended while an operation ran: what came before is taken first. */
  #endWaits = false;
  /** The coroutine or the link is at work, and nobody else may resume or wipe it. */
  #isWorking = false;
  /** What callbacks asked for that must wait until it rests. */
  #postponed: (() => void)[] = [];
  /** What leaves last; there once the connection is over. */
  #lastOutput: Uint8Array[] = [];
  /** The last alert is being sent: what its callbacks ask for comes too late. */
  #isEnding = false;
  #warnings = 0;
  #error: TlsError | undefined;

  /** @internal made by `createClient` and `createServer` */
  constructor(script: Script) {
    this.role = script.role;
    this.#script = script;
    this.#link = script.link;
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /**
   * The verify_data of the Finished of one end (RFC 9846 §4.5.3), once the handshake is over. It binds nothing by
   * itself: channels are bound by {@link exportKeyingMaterial} (RFC 9266).
   */
  verifyData(end: Role): Uint8Array | undefined {
    return this.#established?.verifyData[end];
  }

  /**
   * Limits the records that are written from now on.
   * @param length bytes of content, 1 to 2^14
   * @throws RangeError for any other
   */
  setMaxFragment(length: number): void {
    checkFragment(length, "setMaxFragment: length");
    this.#link.fragment = length;
  }

  /** What was negotiated, once the handshake is over. */
  get negotiated(): Negotiated | undefined {
    return this.#established?.negotiated;
  }

  /** Why the connection failed. */
  get error(): TlsError | undefined {
    return this.#error;
  }

  /** True while an asynchronous operation runs: stop feeding, input would only wait. */
  get busy(): boolean {
    return this.#wait instanceof Promise && !this.#over;
  }

  /** True if {@link write} may be called: after the handshake, or before for early data. */
  get canWrite(): boolean {
    if (this.#weEnded || this.#over || this.#state === "idle") return false;
    const waits = this.#script.waitsForProof && this.#state !== "open";
    return this.#link.canSendData && !(waits && this.#link.writingEpoch === "application");
  }

  /**
   * Bytes that {@link write} takes now: none while it may not be called, all that the session allows as
   * early data, any number after the handshake.
   */
  get writableBytes(): number {
    return this.canWrite ? this.#link.writableBytes : 0;
  }

  /** Bytes of the peer's that wait in here: parts of records and messages, input of a busy time, early data. */
  get heldBytes(): number {
    return this.#link.heldBytes + this.#held.held;
  }

  /** Begins. A client's first flight is then in the output. */
  start(): void {
    if (this.#state !== "idle") throw new TlsError("misuse", "the connection has already started");
    this.#state = "handshaking";
    this.#coroutine = this.#script.handshake((exporter) => (this.#earlyExporter = exporter));
    this.#guard(() => {
      this.#script.review.start(this.#tell);
      if (!this.#over) this.#advance(undefined);
    });
  }

  /**
   * Takes bytes from the peer, in pieces of any size. They are not kept: the caller may reuse its buffer.
   * @throws TypeError if they are not Uint8Array
   */
  receive(bytes: Uint8Array): void {
    check.bytes(bytes, "receive: bytes");
    if (this.#state === "idle") throw new TlsError("misuse", "call start() before receive()");
    if (this.#over || this.#peerEnded) return;
    if (this.#isWorking) {
      const copy = bytes.slice();
      this.#postponed.push(() => this.receive(copy));
      return;
    }
    this.#guard(() => {
      this.#link.push(bytes);
      this.#pump();
    });
  }

  /**
   * Says that the peer's stream has ended. Without a close_notify before, data may be missing: that is the
   * error `truncated`, after our own {@link close} too. Who has sent all and awaits nothing need not call
   * this, since nobody has to wait for the peer's close_notify (RFC 9846 §6.1).
   */
  receiveEnd(): void {
    if (this.#over || this.#peerEnded) return;
    if (this.#isWorking) {
      this.#postponed.push(() => this.receiveEnd());
      return;
    }
    if (this.busy && this.#mayHaveAll) {
      this.#endWaits = true;
      return;
    }
    const { expected } = this.#position();
    this.#fail(
      new TlsError("truncated", "the peer ended the stream without close_notify", {
        expected: this.#state === "open" ? "close_notify" : expected,
        received: this.#link.inMessage
          ? "the end in the middle of a message"
          : "the end of the stream",
        section: "RFC 9846 §6.1",
      }),
    );
  }

  /** Sends data. @throws TlsError `misuse` if it is more than {@link writableBytes}, TypeError if it is not a Uint8Array */
  write(data: Uint8Array): void {
    check.bytes(data, "write: data");
    if (!this.canWrite || data.length > this.writableBytes) {
      throw new TlsError("misuse", `no data now: the connection is ${this.#describe()}`, {
        expected: `at most ${this.writableBytes} bytes`,
        received: `${data.length} bytes`,
      });
    }
    this.#guard(() => this.#link.sendData(data));
  }

  /** Says that we have sent all: close_notify. The peer may go on sending (RFC 9846 §6.1). */
  close(): void {
    if (!this.#weEnded && !this.#over) this.#guard(() => this.#sendClose());
  }

  /** Ends at once, with a fatal alert if the error has one. */
  abort(error: TlsError = new TlsError("canceled", "the connection was aborted")): void {
    if (!this.#over) this.#fail(error);
  }

  /** Ends without a word: the peer can tell this from a clean end. Nothing more is to be sent. */
  discard(): void {
    if (this.#state === "open") this.#guard(() => this.#finish("closed"));
    else this.abort();
    this.#lastOutput = [];
  }

  /** Changes our sending keys, and asks the peer to change its own before it sends more data (§4.7.3). */
  updateKeys(options: { readonly requestPeer?: boolean } = {}): void {
    checkUpdate(options, "updateKeys");
    if (this.#state !== "open" || this.#weEnded) {
      throw new TlsError("misuse", `keys cannot be updated: the connection is ${this.#describe()}`);
    }
    const request = options.requestPeer === false ? "update_not_requested" : "update_requested";
    this.#guard(() => this.#link.updateKeys(request));
  }

  /**
   * Asks the client for a certificate now (§4.7.2); a `peer` event brings the answer.
   *
   * @throws TlsError `misuse` on a client, or if the client did not offer to answer
   */
  requestCertificate(): void {
    const canAsk = this.#script.requestCertificate !== undefined && !this.#weEnded && !this.#over;
    if (this.#established === undefined || !canAsk) {
      throw new TlsError(
        "misuse",
        `no certificate can be asked for: the ${this.role} is ${this.#describe()}`,
      );
    }
    const send = this.#script.requestCertificate?.(this.#established);
    if (send !== undefined) this.#guard(send);
  }

  /**
   * Keying material for other protocols (RFC 9846 §7.5).
   *
   * @param label registered, or beginning with `EXPERIMENTAL`
   * @param length bytes wanted
   */
  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array {
    if (this.#established === undefined || this.#over) {
      throw new TlsError("misuse", `nothing to export: the connection is ${this.#describe()}`);
    }
    return this.#established.exporter.export(label, context, length);
  }

  /**
   * As {@link exportKeyingMaterial}, for what goes with 0-RTT data: an attacker who sends the data again
   * has the same. A client has it from `start()` on, a server when it has accepted early data.
   *
   * @throws TlsError `misuse` where there is no early data, or none any more: it was refused
   */
  exportEarlyKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array {
    const { earlyData = "accepted" } = this.negotiated ?? {};
    if (this.#earlyExporter === undefined || earlyData !== "accepted" || this.#over) {
      throw new TlsError("misuse", "nothing to export: there is no early data");
    }
    return this.#earlyExporter.export(label, context, length);
  }

  /** Chunks for the wire, in order. Each is given once, and belongs to the caller from then on. */
  takeOutput(): Uint8Array[] {
    // What is sealed only now may fail, or call back
    if (!this.#over) this.#guard(() => this.#link.flush());
    if (!this.#over) return this.#link.takeOutput();
    const output = this.#lastOutput;
    this.#lastOutput = [];
    return output;
  }

  /** What happened since the last call. */
  takeEvents(): ConnectionEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  readonly #tell = (finding: Finding): void => {
    this.#emit({ type: "finding", finding });
  };

  /** Nothing comes after the end. */
  #emit(event: ConnectionEvent): void {
    if (!this.#over) this.#events.push(event);
  }

  get #over(): boolean {
    return this.#isEnding || this.#state === "closed" || this.#state === "failed";
  }

  /** What came so far may hold all that the peer has to say: a client says nothing after a flight without its answer. */
  get #mayHaveAll(): boolean {
    return this.role === "client" || this.#link.writingEpoch === "application";
  }

  #pump(): void {
    // §6.1: what follows a closure alert is ignored
    while (!this.#over && !this.#peerEnded && !this.busy) {
      const incoming = this.#link.next();
      if (incoming === undefined) return;
      this.#take(incoming);
    }
  }

  #take(incoming: Incoming): void {
    if (incoming.kind === "message") {
      this.#advance(incoming);
    } else if (incoming.kind === "data") {
      this.#warnings = 0;
      const waits = this.#established === undefined && this.#script.holdsEarlyData;
      const event = { type: "data", data: incoming.bytes, early: incoming.early } as const;
      if (waits) this.#held.add(incoming.bytes);
      else this.#emit(event);
    } else {
      this.#takeAlert(incoming.description);
    }
  }

  #takeAlert(description: number): void {
    if (description === AlertDescription.close_notify && this.#state === "open") {
      this.#peerEnded = true;
      this.#emit({ type: "end" });
      if (this.#weEnded) this.#finish("closed");
      return;
    }
    if (description === AlertDescription.user_canceled) {
      if (++this.#warnings <= this.#script.limits.warnings) return;
      throw new TlsError("too_many_records", "too many user_canceled alerts", {
        expected: `at most ${this.#script.limits.warnings}`,
        where: "alert",
        section: "RFC 9846 §6.1",
      });
    }
    const name = alertName(description);
    throw new TlsError("peer_alert", `the peer ended the connection with ${name}`, {
      ...this.#position(),
      received: `alert ${name} (${description})`,
      section: "RFC 9846 §6",
    });
  }

  /** Resumes the coroutine, and follows it to its next wait or to its end. */
  #advance(message: IncomingMessage | undefined): void {
    const step = this.#coroutine!.next(message);
    // A callback has ended the connection
    if (this.#over) return;
    if (step.done) {
      this.#open(step.value);
      return;
    }
    this.#wait = step.value;
    if (step.value instanceof Promise) void step.value.then(() => this.#resume());
  }

  /** The promise never rejects: the coroutine takes its outcome. */
  #resume(): void {
    if (this.#over) return;
    this.#guard(() => {
      this.#wait = undefined;
      this.#advance(undefined);
      this.#pump();
    });
    if (this.#endWaits) this.receiveEnd();
    this.#script.onProgress?.();
  }

  #open(established: Established): void {
    this.#script.review.open(established.negotiated, this.#tell);
    if (this.#over) return;
    this.#established = established;
    this.#state = "open";
    this.#emit({ type: "open", negotiated: established.negotiated });
    if (this.#held.length > 0) this.#emit({ type: "data", data: this.#held.take(), early: true });
    this.#coroutine = this.#script.afterHandshake(established, (event) => this.#later(event));
    this.#advance(undefined);
  }

  /** Whom a client later proves to be is whom we speak to from then on. */
  #later(event: ConnectionEvent): void {
    if (event.type === "peer" && event.peer !== undefined && this.#established !== undefined) {
      const { peer, peerRole } = event;
      const negotiated = { ...this.#established.negotiated, peer, peerRole };
      this.#established = { ...this.#established, negotiated };
    }
    this.#emit(event);
  }

  #sendClose(): void {
    if (this.#state !== "open") {
      // §6.1: a handshake that is given up
      if (this.#state === "handshaking") {
        this.#isEnding = true;
        this.#link.sendAlert("user_canceled");
        this.#link.sendAlert("close_notify");
      }
      this.#finish("closed");
      return;
    }
    this.#weEnded = true;
    this.#link.sendAlert("close_notify");
    if (this.#peerEnded) this.#finish("closed");
  }

  /** The only way to the coroutine and the link. Callbacks may come here while it is walked. */
  #guard(action: () => void): void {
    const isOuter = !this.#isWorking;
    this.#isWorking = true;
    try {
      action();
    } catch (error) {
      if (this.#state !== "closed" && this.#state !== "failed") this.#fail(toTlsError(error));
    } finally {
      if (isOuter) this.#rest();
    }
  }

  #rest(): void {
    this.#isWorking = false;
    this.#link.detach();
    if (this.#over) this.#tearDown();
    if (this.#postponed.length === 0) return;
    for (const action of this.#postponed.splice(0)) action();
  }

  #fail(cause: TlsError): void {
    this.#isEnding = true;
    const error = this.#explain(cause);
    error.role = this.role;
    this.#error = error;
    try {
      if (error.alert !== undefined) this.#sendLastAlert(error.alert);
      this.#link.flush();
    } catch {
      // Cryptography that failed seals no alert either: what failed first is what there is to tell
    }
    this.#events.push({ type: "error", error });
    this.#finish("failed");
  }

  /** The error as the policy sees it, after what detectors make of it. */
  #explain(cause: TlsError): TlsError {
    try {
      return this.#script.review.fail(cause, this.negotiated, (finding) => {
        this.#events.push({ type: "finding", finding });
      });
    } catch {
      // A history that fails hides no failure
      return cause;
    }
  }

  #sendLastAlert(alert: AlertName): void {
    if (this.#weEnded) return;
    this.#link.sendAlert(alert);
    // §6.1: user_canceled is followed by close_notify
    if (alert === "user_canceled") this.#link.sendAlert("close_notify");
  }

  #finish(state: "closed" | "failed"): void {
    this.#lastOutput = this.#link.end();
    this.#state = state;
    if (!this.#isWorking) this.#tearDown();
  }

  /** Ends the coroutine, whose `finally` wipes its secrets; it is never resumed again. */
  #tearDown(): void {
    const coroutine = this.#coroutine;
    this.#coroutine = undefined;
    coroutine?.return(undefined as never);
    this.#link.wipe();
  }

  /** What was awaited, for error texts. */
  #position(): { readonly expected: string } {
    const wait = this.#wait;
    const expected = wait instanceof Promise ? "the end of an operation" : wait?.join(" or ");
    return { expected: expected ?? "nothing" };
  }

  #describe(): string {
    if (this.#state === "handshaking")
      return `handshaking, and awaits ${this.#position().expected}`;
    return this.#weEnded && this.#state === "open" ? "closed for writing" : this.#state;
  }
}
