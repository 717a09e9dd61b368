/**
 * Somebody in the middle who has both ends' keys, from their key logs, and rewrites what he likes. The
 * ends are ordinary connections, so what one of them makes of bad input shows on the wire.
 */
import {
  type ClientOptions,
  type Connection,
  type ConnectionEvent,
  createClient,
  createServer,
  type ServerOptions,
} from "../../src/connection/index.ts";
import { pump } from "../../src/connection/pump.ts";
import { noble } from "../../src/crypto/index.ts";
import { randomOf } from "../../src/lab/trace/followed-keys.ts";
import { type SecretEpoch, Secrets, WayKeys } from "../../src/lab/trace/keys.ts";
import {
  decodeMessage,
  encodeMessage,
  headerLength,
  type MessageBody,
  type MessageType,
  messageType,
} from "../../src/messages/index.ts";
import { recordHeaderLength } from "../../src/record/index.ts";
import { recordHeader } from "../../src/record/protection.ts";
import { AlertDescription, ContentType, nameOf } from "../../src/registry/index.ts";
import { otherRole } from "../../src/schedule/index.ts";
import { concat } from "../../src/wire/index.ts";
import { clientOptions, serverOptions } from "./ends.ts";

export type Side = "client" | "server";
type EpochName = "plaintext" | SecretEpoch;

/** What is delivered instead of a message; nothing returned leaves it as it is. */
export type Rule = (raw: Uint8Array, outlet: Outlet, nth: number) => readonly Uint8Array[] | void;
export type Rules = Readonly<Partial<Record<Side, Partial<Record<MessageType, Rule>>>>>;

/** Sends a changed message in place of each. */
export const edit =
  <T extends MessageType>(type: T, change: (body: MessageBody<T>) => MessageBody<T> | void): Rule =>
  (raw) => {
    const { body } = decodeMessage(type, raw);
    return [encodeMessage(type, change(body as MessageBody<T>) ?? (body as MessageBody<T>))];
  };

/** Drops a message. */
export const drop: Rule = () => [];

export interface SeenAlert {
  readonly by: Side;
  readonly level: number;
  readonly description: string;
  readonly epoch: EpochName;
}

/** The way towards one end. */
export class Outlet {
  readonly #to: Connection;
  readonly keys = new WayKeys(noble);

  constructor(to: Connection) {
    this.#to = to;
  }

  /** A whole handshake message in a record of its own. A KeyUpdate changes the keys, as it should. */
  message(raw: Uint8Array): void {
    this.record(ContentType.handshake, raw);
    if (raw[0] === 24) this.update();
  }

  send<T extends MessageType>(type: T, body: MessageBody<T>): void {
    this.message(encodeMessage(type, body));
  }

  /** A record under the keys of now; `trailer` replaces the content type and padding of a protected one. */
  record(type: number, content: Uint8Array, trailer: Uint8Array = Uint8Array.of(type)): void {
    this.bytes(this.keys.seal(content, trailer) ?? plainRecord(type, content));
  }

  alert(name: keyof typeof AlertDescription, level = 2): void {
    this.record(ContentType.alert, Uint8Array.of(level, AlertDescription[name]));
  }

  bytes(bytes: Uint8Array): void {
    this.#to.receive(bytes);
  }

  update(): void {
    this.keys.update();
  }
}

export const plainRecord = (type: number, content: Uint8Array, version?: number): Uint8Array =>
  concat(recordHeader(type, content.length, version), content);

export const changeCipherSpec: Uint8Array = plainRecord(
  ContentType.change_cipher_spec,
  Uint8Array.of(1),
);

export class Interceptor {
  readonly client: Connection;
  readonly server: Connection;
  readonly events: Record<Side, ConnectionEvent[]> = { client: [], server: [] };
  readonly alerts: SeenAlert[] = [];
  /** Every message that an end sent, in order. */
  readonly messages: { readonly by: Side; readonly type: MessageType; readonly raw: Uint8Array }[] =
    [];
  /** Ways to each end. */
  readonly to: Record<Side, Outlet>;
  readonly #rules: Rules;
  readonly #from = { client: new WayKeys(noble), server: new WayKeys(noble) };
  readonly #epochs: Record<Side, EpochName> = { client: "plaintext", server: "plaintext" };
  readonly #secrets = new Secrets();
  readonly #randoms: { client?: string; server?: string } = {};
  readonly #partial: Record<Side, Uint8Array> = {
    client: new Uint8Array(0),
    server: new Uint8Array(0),
  };
  readonly #counts = new Map<string, number>();
  #suite = 0;

  constructor(
    rules: Rules = {},
    client: Partial<ClientOptions> = {},
    server: Partial<ServerOptions> = {},
  ) {
    this.#rules = rules;
    const keyLog = (side: Side) => (line: string) => this.#secrets.add(side, line);
    this.client = createClient(clientOptions({ ...client, keyLog: keyLog("client") }));
    this.server = createServer(serverOptions({ ...server, keyLog: keyLog("server") }));
    this.to = { client: new Outlet(this.client), server: new Outlet(this.server) };
  }

  /** Starts both ends, and carries until neither has anything to say. */
  run(): this {
    if (this.server.state === "idle") this.server.start();
    if (this.client.state === "idle") this.client.start();
    pump(this, {
      medium: { attach() {}, end() {}, take: (side, bytes) => this.#take(side, bytes) },
      rounds: 1000,
    });
    for (const side of ["client", "server"] as const) {
      this.events[side].push(...this[side].takeEvents());
    }
    return this;
  }

  /** Alerts that one end sent. */
  alertsBy(side: Side): string[] {
    return this.alerts.filter(({ by }) => by === side).map(({ description }) => description);
  }

  #take(side: Side, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const end = at + recordHeaderLength + (bytes[at + 3]! << 8) + bytes[at + 4]!;
      this.#forward(side, bytes.slice(at, end));
      at = end;
    }
  }

  #forward(side: Side, record: Uint8Array): void {
    const keys = this.#from[side];
    let type = record[0]!;
    let content = record.subarray(recordHeaderLength);
    // RFC 9846 §4.2.4: a retry refused early data
    if (type === ContentType.handshake && this.#epochs[side] === "early") this.#forget(side);
    if (type === ContentType.application_data) {
      if (this.#epochs[side] === "plaintext") this.#enter(side, this.#firstEpoch(side));
      let inner = keys.open(record);
      if (inner === undefined && this.#epochs[side] === "early") {
        this.#enter(side, "handshake");
        inner = keys.open(record);
      }
      if (inner === undefined) throw new Error(`cannot open a record of the ${side}`);
      const end = inner.findLastIndex((byte) => byte !== 0);
      type = inner[end]!;
      content = inner.subarray(0, end);
    }
    const outlet = this.to[otherRole(side)];
    if (type === ContentType.handshake) this.#forwardMessages(side, content);
    else if (type === ContentType.change_cipher_spec) outlet.bytes(record);
    else {
      if (type === ContentType.alert) {
        const description = nameOf(AlertDescription, content[1]!, 2);
        this.alerts.push({ by: side, level: content[0]!, description, epoch: this.#epochs[side] });
      }
      outlet.record(type, content);
    }
  }

  #forwardMessages(side: Side, fragment: Uint8Array): void {
    this.#partial[side] = concat(this.#partial[side], fragment);
    for (;;) {
      const bytes = this.#partial[side];
      const length = headerLength + (bytes[1]! << 16) + (bytes[2]! << 8) + bytes[3]!;
      if (bytes.length < headerLength || bytes.length < length) return;
      this.#partial[side] = bytes.slice(length);
      this.#forwardMessage(side, bytes.slice(0, length));
    }
  }

  #forwardMessage(side: Side, raw: Uint8Array): void {
    const type = messageType(raw)!;
    const key = `${side} ${type}`;
    const nth = this.#counts.get(key) ?? 0;
    this.#counts.set(key, nth + 1);
    this.messages.push({ by: side, type, raw });
    if (type === "server_hello") this.#suite = decodeMessage(type, raw).body.cipherSuite;
    // Early data goes under the client's favourite, until the server says more
    else if (type === "client_hello") this.#suite = decodeMessage(type, raw).body.cipherSuites[0]!;
    const outlet = this.to[otherRole(side)];
    const instead = this.#rules[side]?.[type]?.(raw, outlet, nth) ?? [raw];
    if (type === "client_hello") {
      this.#randoms.client ??= randomOf(raw);
      if (instead[0] !== undefined) this.#randoms.server ??= randomOf(instead[0]);
    }
    for (const each of instead) outlet.message(each);
    // Keys change behind these, at the end that sent them and on the way to the other
    if (type === "server_hello") this.#enter("server", "handshake");
    else if (type === "end_of_early_data") this.#enter("client", "handshake");
    else if (type === "finished" && nth === 0) this.#enter(side, "application");
    else if (type === "key_update") this.#from[side].update();
  }

  #firstEpoch(side: Side): "early" | "handshake" {
    const isRetried = this.messages.some(({ type }) => type === "hello_retry_request");
    const isEarly = this.#secretOf(side, "early") !== undefined;
    return isEarly && !isRetried ? "early" : "handshake";
  }

  #forget(side: Side): void {
    this.#epochs[side] = "plaintext";
    this.#from[side].remove();
    this.to[otherRole(side)].keys.remove();
  }

  #secretOf(side: Side, epoch: SecretEpoch): Uint8Array | undefined {
    return this.#secrets.find({ end: side, epoch, sender: side }, this.#randoms);
  }

  /** Follows a side to its next keys, which its own key log has. */
  #enter(side: Side, epoch: SecretEpoch): void {
    const secret = this.#secretOf(side, epoch);
    if (secret === undefined) throw new Error(`the ${side} logged no ${epoch} secret`);
    this.#epochs[side] = epoch;
    this.#from[side].install(this.#suite, secret);
    this.to[otherRole(side)].keys.install(this.#suite, secret);
  }
}

/** A handshake under these rules, to its end. */
export const intercept = (
  rules: Rules = {},
  client: Partial<ClientOptions> = {},
  server: Partial<ServerOptions> = {},
): Interceptor => new Interceptor(rules, client, server).run();
