import type { Finding } from "../detection/index.ts";
import type { Established, Handshake, Negotiated, Wait } from "../handshake/index.ts";
import { alertName, type Incoming, type Limits, type Link } from "../record/index.ts";
import { AlertDescription, type AlertName, TlsError, toTlsError } from "../registry/index.ts";
import type { ExporterSecret, Role } from "../schedule/index.ts";
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
  handshake(onEarlyExporter: (exporter: ExporterSecret) => void): Handshake<Established>;
  afterHandshake(
    established: Established,
    emit: (event: ConnectionEvent) => void,
  ): Handshake<never>;
  /** A server's request for a certificate after the handshake. */
  requestCertificate?(established: Established): void;
  /** Told when an asynchronous operation has ended, and there may be output and events. */
  readonly onProgress: (() => void) | undefined;
}

/** Where a connection stands. `closed` and `failed` are final. */
export type ConnectionState = "idle" | "handshaking" | "open" | "closed" | "failed";

/**
 * A TLS connection without I/O: bytes in, bytes and events out. It opens no socket, starts no timer, and
 * reads no clock or randomness but those it was given.
 *
 * Feed it with {@link receive}, send what {@link takeOutput} gives, heed what {@link takeEvents} says.
 */
export class Connection {
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
  #held: ConnectionEvent[] = [];
  #peerEnded = false;
  #weEnded = false;
  /** The stream ended while an operation ran: what came before is taken first. */
  #endWaits = false;
  #warnings = 0;
  #error: TlsError | undefined;

  /** @internal made by `createClient` and `createServer` */
  constructor(script: Script) {
    this.role = script.role;
    this.#script = script;
    this.#link = script.link;
  }

  get state(): ConnectionState {
    return this.#state;
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
    return !this.#weEnded && !this.#over && this.#state !== "idle" && this.#link.canSendData;
  }

  /**
   * Bytes that {@link write} takes now: none while it may not be called, all that the session allows as
   * early data, any number after the handshake.
   */
  get writableBytes(): number {
    return this.canWrite ? this.#link.writableBytes : 0;
  }

  /** Begins. A client's first flight is then in the output. */
  start(): void {
    if (this.#state !== "idle") throw new TlsError("misuse", "the connection has already started");
    this.#state = "handshaking";
    this.#coroutine = this.#script.handshake((exporter) => (this.#earlyExporter = exporter));
    this.#guard(() => {
      this.#script.review.start(this.#tell);
      this.#advance(undefined);
    });
  }

  /** Takes bytes from the peer, in pieces of any size. They are not kept: the caller may reuse its buffer. */
  receive(bytes: Uint8Array): void {
    if (this.#state === "idle") throw new TlsError("misuse", "call start() before receive()");
    if (this.#over || this.#peerEnded) return;
    this.#guard(() => {
      this.#link.push(bytes);
      this.#pump();
    });
  }

  /** Says that the peer's stream has ended. Without a close_notify before, data may be missing. */
  receiveEnd(): void {
    if (this.#over || this.#peerEnded) return;
    if (this.busy) {
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

  /** Sends data. @throws TlsError `misuse` if it is more than {@link writableBytes} */
  write(data: Uint8Array): void {
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
    if (this.#state === "open") this.#finish("closed");
    else this.abort();
    this.#link.takeOutput();
  }

  /** Changes our sending keys, and asks the peer to change its own (§4.7.3). */
  updateKeys(options: { readonly requestPeer?: boolean } = {}): void {
    if (this.#state !== "open" || this.#weEnded) {
      throw new TlsError("misuse", `keys cannot be updated: the connection is ${this.#describe()}`);
    }
    this.#link.updateKeys(
      options.requestPeer === false ? "update_not_requested" : "update_requested",
    );
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
    this.#script.requestCertificate?.(this.#established);
  }

  /**
   * Keying material for other protocols (RFC 9846 §7.5).
   *
   * @param label registered, or beginning with `EXPERIMENTAL`
   * @param length bytes wanted
   */
  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array {
    if (this.#established === undefined) {
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
    if (this.#earlyExporter === undefined || earlyData !== "accepted") {
      throw new TlsError("misuse", "nothing to export: there is no early data");
    }
    return this.#earlyExporter.export(label, context, length);
  }

  /** Chunks for the wire, in order. Each is given once. */
  takeOutput(): Uint8Array[] {
    return this.#link.takeOutput();
  }

  /** What happened since the last call. */
  takeEvents(): ConnectionEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  readonly #tell = (finding: Finding): void => {
    this.#events.push({ type: "finding", finding });
  };

  get #over(): boolean {
    return this.#state === "closed" || this.#state === "failed";
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
      this.#advance(incoming.raw);
    } else if (incoming.kind === "data") {
      this.#warnings = 0;
      const waits = this.#established === undefined && this.#script.holdsEarlyData;
      const events = waits ? this.#held : this.#events;
      events.push({ type: "data", data: incoming.bytes, early: incoming.early });
    } else {
      this.#heedAlert(incoming.description);
    }
  }

  #heedAlert(description: number): void {
    if (description === AlertDescription.close_notify && this.#state === "open") {
      this.#peerEnded = true;
      this.#events.push({ type: "end" });
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
  #advance(raw: Uint8Array | undefined): void {
    const step = this.#coroutine!.next(raw);
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
    this.#established = established;
    this.#state = "open";
    this.#events.push({ type: "open", negotiated: established.negotiated }, ...this.#held);
    this.#held = [];
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
    this.#events.push(event);
  }

  #sendClose(): void {
    if (this.#state !== "open") {
      // §6.1: a handshake that is given up
      if (this.#state === "handshaking") {
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

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(toTlsError(error));
    } finally {
      this.#link.detach();
    }
  }

  #fail(cause: TlsError): void {
    const error = this.#script.review.fail(cause, this.negotiated, this.#tell);
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

  #sendLastAlert(alert: AlertName): void {
    if (this.#weEnded) return;
    this.#link.sendAlert(alert);
    // §6.1: user_canceled is followed by close_notify
    if (alert === "user_canceled") this.#link.sendAlert("close_notify");
  }

  /** Ends the coroutine, whose `finally` wipes its secrets; it is never resumed again. */
  #finish(state: "closed" | "failed"): void {
    this.#state = state;
    this.#link.flush();
    this.#coroutine?.return(undefined as never);
    this.#coroutine = undefined;
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
