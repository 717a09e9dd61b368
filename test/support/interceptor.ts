/**
 * Somebody in the middle who has both ends' keys, from their key logs, and rewrites what he likes. The
 * ends are ordinary connections, so what one of them makes of bad input shows on the wire.
 */
import {
  type ClientOptions,
  type Connection,
  type ConnectionEvent,
  createClientConnection,
  createServerConnection,
  type ServerOptions,
} from "../../src/connection/index.ts";
import { pump } from "../../src/connection/pump.ts";
import { noble, suites } from "../../src/crypto/index.ts";
import { FollowedKeys } from "../../src/lab/trace/followed-keys.ts";
import { Secrets } from "../../src/lab/trace/keys.ts";
import { type TracedRecord, TraceReader } from "../../src/lab/trace/reader.ts";
import {
  decodeMessage,
  encodeMessage,
  type MessageBody,
  type MessageType,
  messageType,
} from "../../src/messages/index.ts";
import { maxFragment } from "../../src/record/limits.ts";
import { recordHeader } from "../../src/record/protection.ts";
import { AlertDescription, ContentType, HandshakeType, nameOf } from "../../src/registry/index.ts";
import { otherRole } from "../../src/schedule/index.ts";
import { concat } from "../../src/wire/index.ts";
import { clientOptions, serverOptions } from "./ends.ts";

export type Side = "client" | "server";

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
  readonly epoch: TracedRecord["record"]["epoch"];
}

/** The way towards one end. */
export class Outlet {
  readonly #from: Side;
  readonly #to: Connection;
  readonly #keys: FollowedKeys;

  constructor(from: Side, to: Connection, keys: FollowedKeys) {
    this.#from = from;
    this.#to = to;
    this.#keys = keys;
  }

  /** A whole handshake message in a record of its own, or as many as it needs. A KeyUpdate changes the keys, as it should. */
  message(raw: Uint8Array): void {
    for (let at = 0; at < raw.length; at += maxFragment) {
      this.record(ContentType.handshake, raw.subarray(at, at + maxFragment));
    }
    this.#keys.given(this.#from, raw);
  }

  send<T extends MessageType>(type: T, body: MessageBody<T>): void {
    this.message(encodeMessage(type, body));
  }

  /** A record under the keys of now; `trailer` replaces the content type and padding of a protected one. */
  record(type: number, content: Uint8Array, trailer: Uint8Array = Uint8Array.of(type)): void {
    this.bytes(this.#keys.seal(this.#from, content, trailer) ?? plainRecord(type, content));
  }

  alert(name: keyof typeof AlertDescription, level = 2): void {
    this.record(ContentType.alert, Uint8Array.of(level, AlertDescription[name]));
  }

  bytes(bytes: Uint8Array): void {
    this.#to.receive(bytes);
  }

  /** Goes on under new keys, as after a KeyUpdate. */
  update(): void {
    this.#keys.given(this.#from, Uint8Array.of(HandshakeType.key_update));
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
  readonly #reader: TraceReader;
  readonly #counts = new Map<string, number>();

  constructor(
    rules: Rules = {},
    client: Partial<ClientOptions> = {},
    server: Partial<ServerOptions> = {},
  ) {
    this.#rules = rules;
    const secrets = new Secrets();
    const keys = new FollowedKeys(secrets, noble, suites);
    // Those under which an end writes: where the two disagree, the other cannot read it, as without us
    const keyLog = (side: Side) => (line: string) => {
      if (line.startsWith(side.toUpperCase())) secrets.add(side, line);
    };
    this.client = createClientConnection(clientOptions({ ...client, keyLog: keyLog("client") }));
    this.server = createServerConnection(serverOptions({ ...server, keyLog: keyLog("server") }));
    this.#reader = new TraceReader(keys);
    this.to = {
      client: new Outlet("server", this.client, keys),
      server: new Outlet("client", this.server, keys),
    };
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
    for (const item of this.#reader.read(side, bytes)) {
      if (item.kind === "message") this.#forwardMessage(side, item.raw);
      else if (item.kind === "record") this.#forwardRecord(side, item);
    }
  }

  #forwardRecord(side: Side, { raw, record: { type, epoch }, content }: TracedRecord): void {
    if (content === undefined) throw new Error(`cannot open a record of the ${side}`);
    const outlet = this.to[otherRole(side)];
    if (type === ContentType.handshake) return;
    if (type === ContentType.change_cipher_spec) return outlet.bytes(raw);
    if (type === ContentType.alert) {
      const description = nameOf(AlertDescription, content[1]!, 2);
      this.alerts.push({ by: side, level: content[0]!, description, epoch });
    }
    outlet.record(type, content);
  }

  #forwardMessage(side: Side, raw: Uint8Array): void {
    const type = messageType(raw)!;
    const key = `${side} ${type}`;
    const nth = this.#counts.get(key) ?? 0;
    this.#counts.set(key, nth + 1);
    this.messages.push({ by: side, type, raw });
    const outlet = this.to[otherRole(side)];
    for (const each of this.#rules[side]?.[type]?.(raw, outlet, nth) ?? [raw]) outlet.message(each);
  }
}

/** A handshake under these rules, to its end. */
export const intercept = (
  rules: Rules = {},
  client: Partial<ClientOptions> = {},
  server: Partial<ServerOptions> = {},
): Interceptor => new Interceptor(rules, client, server).run();
