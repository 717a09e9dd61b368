/** Cuts the flights of a vector into records, and opens those that are protected. */
import { type MessageType, messageType } from "../../messages/index.ts";
import { ContentType } from "../../registry/index.ts";
import { concat, fromHex } from "../../wire/index.ts";
import type { Role } from "../watch.ts";
import type { HandshakeVector, TrafficName } from "./format.ts";

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
  readonly messages: readonly { readonly from: Role; readonly bytes: Uint8Array }[];
  readonly data: Readonly<Record<Role, Uint8Array>>;
  readonly alerts: readonly { readonly from: Role; readonly bytes: Uint8Array }[];
}

interface Keys {
  readonly name: TrafficName;
  sequence: number;
}

/** @throws Error that names the record that does not open, or the flight that does not end with a record */
export function openFlights(vector: HandshakeVector, openRecord: OpenRecord): Opened {
  const messages: { from: Role; bytes: Uint8Array }[] = [];
  const alerts: { from: Role; bytes: Uint8Array }[] = [];
  const data: Record<Role, Uint8Array> = { client: nothing, server: nothing };
  const keys: Partial<Record<Role, Keys>> = {};
  const pending: Record<Role, Uint8Array> = { client: nothing, server: nothing };
  for (const { from, bytes } of vector.flights) {
    for (const record of cutRecords(fromHex(bytes))) {
      const { type, content } = open(vector, keys[from], from, record, openRecord);
      if (type === ContentType.alert) alerts.push({ from, bytes: content });
      if (type === ContentType.application_data) data[from] = concat(data[from], content);
      if (type !== ContentType.handshake) continue;
      pending[from] = concat(pending[from], content);
      for (let raw = takeMessage(pending, from); raw; raw = takeMessage(pending, from)) {
        messages.push({ from, bytes: raw });
        changeKeys(keys, from, messageType(raw));
      }
    }
  }
  return { messages, data, alerts };
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
  const type = record[0] ?? 0;
  if (type !== ContentType.application_data) return { type, content: record.subarray(5) };
  if (keys === undefined)
    throw new Error(`the ${from} sends a protected record before it has keys`);
  const { name } = keys;
  const sequence = keys.sequence++;
  const key = fromHex(trafficKeys[name].key);
  const iv = fromHex(trafficKeys[name].iv);
  const inner = openRecord({ suite, key, iv, sequence, record });
  if (inner === undefined) throw new Error(`record ${sequence} under ${name} does not open`);
  const end = inner.findLastIndex((byte) => byte !== 0);
  return { type: inner[end] ?? 0, content: inner.subarray(0, Math.max(0, end)) };
}

function takeMessage(pending: Record<Role, Uint8Array>, from: Role): Uint8Array | undefined {
  const [, high = 0, middle = 0, low = 0] = pending[from];
  const length = 4 + (high << 16) + (middle << 8) + low;
  if (pending[from].length < Math.max(4, length)) return undefined;
  const raw = pending[from].subarray(0, length);
  pending[from] = pending[from].subarray(length);
  return raw;
}

/** Both ends have handshake keys after ServerHello, and each its application keys after its Finished. */
function changeKeys(
  keys: Partial<Record<Role, Keys>>,
  from: Role,
  type: MessageType | undefined,
): void {
  if (type === "server_hello") {
    keys.client = { name: "clientHandshakeTraffic", sequence: 0 };
    keys.server = { name: "serverHandshakeTraffic", sequence: 0 };
  } else if (type === "finished") {
    keys[from] = { name: `${from}ApplicationTraffic`, sequence: 0 };
  }
}
