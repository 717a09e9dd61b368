/**
 * The two ways in which the probe asks. `hello` sends a ClientHello of any shape, cut as one likes, and reads what the
 * server answers in the clear; no key is derived. `handshake` lets the engine go through with it.
 *
 * What every answer shows besides is remembered: the parts of all server shares, by which a repetition is found, and
 * whether the server has stopped to answer.
 */
import { acceptAnyCertificate, type ClientOptions, type Connection } from "../connection/index.ts";
import { createClientOver, type LinkMaker } from "../connection/create.ts";
import type { Provider } from "../crypto/index.ts";
import { kemsOf } from "../groups/group.ts";
import { type Group, groups } from "../groups/index.ts";
import type { Negotiated, OfferedPsk } from "../handshake/index.ts";
import type { TrustStore } from "../identity/index.ts";
import { messageType, type MessageType } from "../messages/index.ts";
import type { EpochName, RecordFact } from "../record/index.ts";
import { TlsError } from "../registry/index.ts";
import { type Answer, readAnswer, type RetryAnswer, shareIn } from "./answer.ts";
import { type Dialer, pause, type Target, Unreachable } from "./dialer.ts";
import type { Resolver } from "./dns/ask.ts";
import { encodeHello, fingerprint, freshShare, type HelloParts, inRecords } from "./hello.ts";
import type { Line } from "./line.ts";
import { StartTlsRefused } from "./starttls.ts";

/** How bytes go out: in which pieces, and what is waited between two of them. */
export interface Delivery {
  /** Cuts what was sent; default: one piece. */
  readonly cut?: (bytes: Uint8Array) => readonly Uint8Array[];
  /** Milliseconds between two pieces; 0: only that each leaves before the next. Default: 0. */
  readonly pause?: number;
  /** Milliseconds for each answer. Default: the asker's. */
  readonly patience?: number;
  /** What is said to a HelloRetryRequest, whose answer is then read; default: nothing. */
  readonly again?: (retry: RetryAnswer) => Uint8Array;
}

/** A message that the engine sent or received. */
export interface SeenMessage {
  readonly direction: "sent" | "received";
  readonly type: MessageType | undefined;
  readonly raw: Uint8Array;
  readonly epoch: EpochName;
}

/** A handshake of the engine's. */
export interface HandshakeOutcome {
  /** Absent if it failed. */
  readonly negotiated: Negotiated | undefined;
  /** Why it failed, in a few words. */
  readonly failure: string | undefined;
  /** Why it ended after the handshake, where it did not end in peace. */
  readonly later: string | undefined;
  /** The server failed to answer, closed or broke the connection, where an alert would say why. */
  readonly failed: "no" | "by alert" | "by us" | "without a word";
  readonly messages: readonly SeenMessage[];
  /** Bytes of records that the server sent before it had the client's Finished. */
  readonly serverFlight: number;
  readonly sessions: readonly OfferedPsk[];
}

/** What {@link Asker.handshake} does beside the handshake. */
export interface Further {
  /** Milliseconds that are waited for what the server says after the handshake, at most. */
  readonly linger?: number;
  /** Enough was heard. */
  readonly until?: (seen: readonly SeenMessage[], sessions: readonly OfferedPsk[]) => boolean;
  /** A link that changes what the engine says. */
  readonly makeLink?: LinkMaker;
  /** Called when the connection is open. */
  readonly opened?: (connection: Connection) => void;
}

/** Who asks, and for whom. */
export interface AskerOptions {
  readonly provider: Provider;
  /** For SNI, and whom the certificate must name. */
  readonly serverName: string | undefined;
  /** By which a chain is judged; without it none is. */
  readonly trust: TrustStore | undefined;
  /** Who may be asked for its HTTPS record. */
  readonly resolvers?: readonly Resolver[];
}

export class Asker {
  readonly #dialer: Dialer;
  readonly provider: Provider;
  readonly serverName: string | undefined;
  readonly trust: TrustStore | undefined;
  readonly target: Target;
  readonly resolvers: readonly Resolver[];
  /** Application protocols to offer: those of HTTP, where nothing comes before TLS. */
  readonly alpn: readonly string[];
  /** Of the parts of server shares, by component: how often each was seen. */
  readonly parts = new Map<string, Map<string, number>>();
  /** Failures to connect, one behind the other. */
  #unreachable = 0;
  /** The longest that an answer took, in milliseconds. */
  #slowest = 0;

  constructor(dialer: Dialer, { provider, serverName, trust, resolvers = [] }: AskerOptions) {
    this.#dialer = dialer;
    this.provider = provider;
    this.serverName = serverName;
    this.trust = trust;
    this.target = dialer.target;
    this.resolvers = resolvers;
    this.alpn = dialer.target.startTls === undefined ? ["h2", "http/1.1"] : [];
  }

  /** Milliseconds for an answer: many times of what answers took so far, within what was agreed. */
  get patience(): number {
    const { timeout } = this.#dialer.pace;
    return this.#slowest === 0 ? timeout : Math.min(timeout, Math.max(1000, 10 * this.#slowest));
  }

  /** @throws BudgetSpent; Unreachable if the server cannot be reached any more */
  async hello(parts: HelloParts, delivery: Delivery = {}): Promise<Answer> {
    return this.send(inRecords(encodeHello(parts, this.serverName)), delivery);
  }

  /** The same for bytes that one has made oneself. */
  async send(bytes: Uint8Array, delivery: Delivery = {}): Promise<Answer> {
    const { cut, pause: between = 0, again, patience = this.patience } = delivery;
    return this.#onLine(async (line) => {
      const pieces = cut?.(bytes) ?? [bytes];
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) await (between > 0 ? pause(between) : new Promise(setImmediate));
        if (!line.isOpen) break;
        line.send(piece);
      }
      const answer = await this.#answer(line, patience);
      if (answer.kind !== "retry" || again === undefined) return answer;
      line.send(again(answer));
      return this.#answer(line, patience);
    });
  }

  async #answer(line: Line, patience: number): Promise<Answer> {
    const began = performance.now();
    const answer = await readAnswer(line, patience);
    if (answer.kind !== "silent") this.#took(performance.now() - began);
    if (answer.kind === "server_hello") this.#remember(answer.share);
    return answer;
  }

  /** @throws BudgetSpent; Unreachable if the server cannot be reached any more; RangeError for wrong options */
  async handshake(
    options: Partial<ClientOptions>,
    further: Further = {},
  ): Promise<HandshakeOutcome> {
    const seen: SeenMessage[] = [];
    const sessions: OfferedPsk[] = [];
    let serverFlight = 0;
    const client: ClientOptions = {
      verifyServer: acceptAnyCertificate,
      provider: this.provider,
      ...(this.serverName === undefined ? {} : { serverName: this.serverName }),
      ...options,
      observer: {
        message: (direction, raw, epoch) => {
          if (seen.length < mostMessages) {
            seen.push({ direction, type: messageType(raw), raw: raw.slice(), epoch });
          }
        },
        record: (direction, { epoch, wireLength }: RecordFact) => {
          if (direction === "received" && epoch !== "application") serverFlight += wireLength;
        },
      },
    };
    const connection = createClientOver(client, further.makeLink);
    const answer = await this.#onLine(async (line) => {
      await this.#drive(connection, line, { ...further, seen, sessions });
      return { kind: "silent" } as const;
    });
    const { negotiated } = connection;
    for (const { type, raw } of seen) {
      if (type === "server_hello") this.#remember(shareIn(raw));
    }
    const lost = answer.kind === "unreachable" ? answer.said : undefined;
    return {
      negotiated,
      failure: negotiated === undefined ? (lost ?? connection.error?.message) : undefined,
      later: negotiated === undefined ? undefined : connection.error?.message,
      failed: negotiated === undefined ? whoFailed(connection.error) : "no",
      messages: seen,
      serverFlight,
      sessions,
    };
  }

  async #drive(
    connection: Connection,
    line: Line,
    { linger = 0, until, opened, seen, sessions }: Further & Seen,
  ): Promise<void> {
    const began = performance.now();
    let end = began + this.#dialer.pace.timeout;
    let isOpen = false;
    connection.start();
    for (;;) {
      for (const event of connection.takeEvents()) {
        if (event.type === "session") sessions.push(event.session);
      }
      if (!isOpen && connection.state === "open") {
        isOpen = true;
        this.#took(performance.now() - began);
        opened?.(connection);
        end = performance.now() + linger;
      }
      line.send(...connection.takeOutput());
      const isOver = connection.state === "closed" || connection.state === "failed";
      const isEnough = isOpen && (linger === 0 || until?.(seen, sessions) === true);
      if (isOver || isEnough) break;
      const arrival = await line.next(Math.max(0, end - performance.now()));
      if (arrival.kind === "bytes") connection.receive(arrival.bytes);
      else if (arrival.kind === "silent" && isOpen) break;
      else if (arrival.kind === "silent") connection.abort(new TlsError("timeout", "no answer"));
      else if (isOpen) break;
      else connection.receiveEnd();
    }
    if (connection.state === "open") connection.close();
    line.send(...connection.takeOutput());
  }

  /** A fresh share of each of these groups. */
  shares(...codes: readonly number[]) {
    return codes.map((code) => freshShare(groupOf(code), this.provider));
  }

  async #onLine(use: (line: Line) => Promise<Answer>): Promise<Answer> {
    let line: Line;
    try {
      line = await this.#dialer.open();
    } catch (error) {
      if (!(error instanceof Unreachable) && !(error instanceof StartTlsRefused)) throw error;
      if (++this.#unreachable >= 3) throw error;
      const code = error instanceof Unreachable ? error.code : undefined;
      return { kind: "unreachable", said: error.message, code };
    }
    this.#unreachable = 0;
    try {
      return await use(line);
    } finally {
      line.close();
    }
  }

  #took(milliseconds: number): void {
    this.#slowest = Math.max(this.#slowest, milliseconds);
  }

  #remember(share: { readonly group: number; readonly keyExchange: Uint8Array } | undefined): void {
    const group = groups.find(({ code }) => code === share?.group);
    if (group === undefined || share === undefined) return;
    let at = 0;
    for (const kem of kemsOf(group, this.provider)) {
      const part = share.keyExchange.subarray(at, (at += kem.ciphertextLength));
      const seen = this.parts.get(kem.name) ?? new Map<string, number>();
      this.parts.set(kem.name, seen);
      const key = fingerprint(part);
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
}

interface Seen {
  readonly seen: SeenMessage[];
  readonly sessions: OfferedPsk[];
}

/** Messages of one connection that are looked at. */
const mostMessages = 64;

/** @throws RangeError for one that we do not have */
export function groupOf(code: number): Group {
  const group = groups.find((each) => each.code === code);
  if (group === undefined) throw new RangeError(`there is no group 0x${code.toString(16)}`);
  return group;
}

function whoFailed(error: TlsError | undefined): HandshakeOutcome["failed"] {
  if (error === undefined || error.code === "truncated" || error.code === "timeout") {
    return "without a word";
  }
  return error.code === "peer_alert" ? "by alert" : "by us";
}
