/** Cuts the flights of a vector into records, and opens those that are protected. */
import type { MessageType } from "../../messages/index.ts";
import { ContentType } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";
import { type EpochName, recordHeaderLength } from "../../record/index.ts";
import { RecordCutter } from "../trace/cutters.ts";
import {
  type Opened as OpenedRecord,
  type ReadingKeys,
  withoutPadding,
} from "../trace/reading-keys.ts";
import { TraceReader } from "../trace/reader.ts";
import type { FurtherTrafficName, HandshakeVector, TrafficName } from "./format.ts";

/** Opens one record: TLSInnerPlaintext (RFC 9846 §5.2), or `undefined` if it is not authentic. */
export type OpenRecord = (input: {
  readonly suite: string;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  /** Counts the records under this key from 0. */
  readonly sequence: number;
  /** Header included. */
  readonly record: Uint8Array;
}) => Uint8Array | undefined;

/** What a connection carried, by content. */
export interface Opened {
  readonly messages: readonly OpenedMessage[];
  readonly data: Readonly<Record<Role, Uint8Array>>;
  /** What the client sent under its early keys. */
  readonly early: Uint8Array;
  readonly alerts: readonly { readonly from: Role; readonly bytes: Uint8Array }[];
}

export interface OpenedMessage {
  readonly from: Role;
  readonly bytes: Uint8Array;
  /** The keys under which it began. */
  readonly epoch: EpochName;
  /** Index of the flight that it ends in. */
  readonly flight: number;
}

/** @throws Error that names the flight and what is wrong with it: a record that does not open, or is none */
export function openFlights(vector: HandshakeVector, openRecord: OpenRecord): Opened {
  const reader = new TraceReader(new VectorKeys(vector, openRecord));
  const messages: OpenedMessage[] = [];
  const alerts: { from: Role; bytes: Uint8Array }[] = [];
  const data: Record<Role, Uint8Array[]> = { client: [], server: [] };
  const early: Uint8Array[] = [];
  for (const [flight, { from, bytes }] of vector.flights.entries()) {
    try {
      if (vector.flights[flight - 1]?.from === from) throw new Error(`a second one of the ${from}`);
      const whole = concat(...cutRecords(fromHex(bytes)));
      for (const item of reader.read(from, whole)) {
        if (item.kind === "message") {
          messages.push({ from, bytes: item.raw, epoch: item.epoch, flight });
        } else if (item.kind === "record" && item.content !== undefined) {
          const { type } = item.record;
          if (type === ContentType.alert) alerts.push({ from, bytes: item.content });
          if (type === ContentType.application_data) {
            (item.record.epoch === "early" ? early : data[from]).push(item.content);
          }
        }
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`flights[${flight}]: ${reason}`, { cause: error });
    }
  }
  return {
    messages,
    data: { client: concat(...data.client), server: concat(...data.server) },
    early: concat(...early),
    alerts,
  };
}

export function cutRecords(flight: Uint8Array): Uint8Array[] {
  const cutter = new RecordCutter();
  const records = [...cutter.push(flight)];
  if (!cutter.isAtBoundary) throw new Error("a flight ends in the middle of a record");
  return records;
}

interface Keys {
  readonly name: TrafficName | FurtherTrafficName;
  sequence: number;
}

/** Those that the vector says, under which the implementation that is checked opens. */
class VectorKeys implements ReadingKeys {
  readonly #vector: HandshakeVector;
  readonly #openRecord: OpenRecord;
  readonly #keys: Partial<Record<Role, Keys>> = {};

  constructor(vector: HandshakeVector, openRecord: OpenRecord) {
    this.#vector = vector;
    this.#openRecord = openRecord;
  }

  epochOf(from: Role): EpochName {
    const name = this.#keys[from]?.name;
    if (name === undefined) return "plaintext";
    if (name === "clientEarlyTraffic") return "early";
    return name.endsWith("HandshakeTraffic") ? "handshake" : "application";
  }

  open(from: Role, record: Uint8Array): OpenedRecord {
    const type = checkHeader(record);
    const content = record.subarray(recordHeaderLength);
    if (type !== ContentType.application_data) return { type, content };
    const keys = this.#keys[from];
    if (keys === undefined) {
      throw new Error(`the ${from} sends a protected record before it has keys`);
    }
    const { suite, trafficKeys } = this.#vector;
    const { name } = keys;
    const sequence = keys.sequence++;
    const pair = trafficKeys[name];
    if (pair === undefined) throw new Error(`there are no trafficKeys.${name}`);
    const [key, iv] = [fromHex(pair.key), fromHex(pair.iv)];
    const inner = this.#openRecord({ suite, key, iv, sequence, record });
    if (inner === undefined) throw new Error(`record ${sequence} under ${name} does not open`);
    return withoutPadding(inner);
  }

  reads(): void {}

  /**
   * Both ends have handshake keys after ServerHello, the client with early keys after its EndOfEarlyData; each has its
   * application keys after its Finished, and others after a KeyUpdate.
   */
  read(from: Role, type: MessageType | undefined): void {
    const use = (role: Role, name: Keys["name"]): void => {
      this.#keys[role] = { name, sequence: 0 };
    };
    const isEarly = this.epochOf("client") === "early";
    if (type === "client_hello" && this.#vector.trafficKeys.clientEarlyTraffic) {
      use("client", "clientEarlyTraffic");
    }
    if (type === "server_hello") use("server", "serverHandshakeTraffic");
    if (type === (isEarly ? "end_of_early_data" : "server_hello")) {
      use("client", "clientHandshakeTraffic");
    }
    // That of a later authentication changes none
    const isOver = this.epochOf(from) === "application";
    if (type === "finished" && !isOver) use(from, `${from}ApplicationTraffic`);
    if (type === "key_update") use(from, `${from}UpdatedTraffic`);
  }
}

/**
 * The content type of a record that looks as RFC 9846 §5.1 and §5 want it: what no key protects,
 * nothing else would judge.
 */
function checkHeader(record: Uint8Array): number {
  const [type = 0, major, minor] = record;
  const isHello = type === ContentType.handshake && record[5] === 1;
  if (major !== 3 || !(minor === 3 || (minor === 1 && isHello))) {
    throw new Error(`a record of version ${toHex(record.subarray(1, 3))}`);
  }
  if (!Object.values<number>(ContentType).includes(type)) {
    throw new Error(`a record of type ${type}`);
  }
  if (type === ContentType.change_cipher_spec && toHex(record.subarray(5)) !== "01") {
    throw new Error("a change_cipher_spec of other bytes than 01");
  }
  return type;
}
