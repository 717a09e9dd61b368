/** Cuts the flights of a vector into records, and opens those that are protected. */
import { type MessageType, messageType } from "../../messages/index.ts";
import { ContentType } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";
import type { EpochName } from "../../record/index.ts";
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

interface Keys {
  readonly name: TrafficName | FurtherTrafficName;
  sequence: number;
}

/** @throws Error that names the flight and what is wrong with it: a record that does not open, or is none */
export function openFlights(vector: HandshakeVector, openRecord: OpenRecord): Opened {
  const messages: OpenedMessage[] = [];
  const alerts: { from: Role; bytes: Uint8Array }[] = [];
  const data: Record<Role, Uint8Array> = { client: nothing, server: nothing };
  const early: Uint8Array[] = [];
  const keys: Partial<Record<Role, Keys>> = {};
  const pending: Record<Role, Uint8Array> = { client: nothing, server: nothing };
  const take = (from: Role, record: Uint8Array, flight: number): void => {
    const { type, content } = open(vector, keys[from], from, record, openRecord);
    if (type === ContentType.alert) alerts.push({ from, bytes: content });
    if (type === ContentType.application_data) {
      if (epochOf(keys[from]) === "early") early.push(content);
      else data[from] = concat(data[from], content);
    }
    if (type !== ContentType.handshake) return;
    const epoch = epochOf(keys[from]);
    pending[from] = concat(pending[from], content);
    for (let raw = takeMessage(pending, from); raw; raw = takeMessage(pending, from)) {
      messages.push({ from, bytes: raw, epoch, flight });
      changeKeys(keys, from, messageType(raw), vector);
    }
  };
  for (const [index, { from, bytes }] of vector.flights.entries()) {
    try {
      if (vector.flights[index - 1]?.from === from) throw new Error(`a second one of the ${from}`);
      cutRecords(fromHex(bytes)).forEach((record) => take(from, record, index));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`flights[${index}]: ${reason}`, { cause: error });
    }
  }
  return { messages, data, early: concat(...early), alerts };
}

const nothing = new Uint8Array();

export function cutRecords(flight: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = 0; at < flight.length;) {
    const end = at + 5 + ((flight[at + 3] ?? 0) << 8) + (flight[at + 4] ?? 0);
    if (end > flight.length) throw new Error("a flight ends in the middle of a record");
    records.push(flight.subarray(at, end));
    at = end;
  }
  return records;
}

function open(
  { suite, trafficKeys }: HandshakeVector,
  keys: Keys | undefined,
  from: Role,
  record: Uint8Array,
  openRecord: OpenRecord,
): { readonly type: number; readonly content: Uint8Array } {
  const type = checkHeader(record);
  if (type !== ContentType.application_data) return { type, content: record.subarray(5) };
  if (keys === undefined)
    throw new Error(`the ${from} sends a protected record before it has keys`);
  const { name } = keys;
  const sequence = keys.sequence++;
  const pair = trafficKeys[name];
  if (pair === undefined) throw new Error(`there are no trafficKeys.${name}`);
  const [key, iv] = [fromHex(pair.key), fromHex(pair.iv)];
  const inner = openRecord({ suite, key, iv, sequence, record });
  if (inner === undefined) throw new Error(`record ${sequence} under ${name} does not open`);
  const end = inner.findLastIndex((byte) => byte !== 0);
  return { type: inner[end] ?? 0, content: inner.subarray(0, Math.max(0, end)) };
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

function epochOf(keys: Keys | undefined): EpochName {
  if (keys === undefined) return "plaintext";
  if (keys.name === "clientEarlyTraffic") return "early";
  return keys.name.endsWith("HandshakeTraffic") ? "handshake" : "application";
}

function takeMessage(pending: Record<Role, Uint8Array>, from: Role): Uint8Array | undefined {
  const [, high = 0, middle = 0, low = 0] = pending[from];
  const length = 4 + (high << 16) + (middle << 8) + low;
  if (pending[from].length < Math.max(4, length)) return undefined;
  const raw = pending[from].subarray(0, length);
  pending[from] = pending[from].subarray(length);
  return raw;
}

/**
 * Both ends have handshake keys after ServerHello, the client with early keys after its EndOfEarlyData; each has its
 * application keys after its Finished, and others after a KeyUpdate.
 */
function changeKeys(
  keys: Partial<Record<Role, Keys>>,
  from: Role,
  type: MessageType | undefined,
  { trafficKeys }: HandshakeVector,
): void {
  const use = (role: Role, name: Keys["name"]): void => {
    keys[role] = { name, sequence: 0 };
  };
  const isEarly = keys.client?.name === "clientEarlyTraffic";
  if (type === "client_hello" && trafficKeys.clientEarlyTraffic)
    use("client", "clientEarlyTraffic");
  if (type === "server_hello") use("server", "serverHandshakeTraffic");
  if (type === (isEarly ? "end_of_early_data" : "server_hello"))
    use("client", "clientHandshakeTraffic");
  // That of a later authentication changes none
  const isOver = keys[from]?.name.endsWith("HandshakeTraffic") === false;
  if (type === "finished" && !isOver) use(from, `${from}ApplicationTraffic`);
  if (type === "key_update") use(from, `${from}UpdatedTraffic`);
}
