/**
 * A handshake, explained: from a trace a document of plain data, which a page shows.
 *
 * Every byte that was sent stands in one field of one item, with its name, its value and a sentence. Where the trace has
 * taps at both ends, what was sent is compared with what arrived: an adversary on the path leaves differences. With the
 * shared secret, which a laboratory knows, the key schedule is computed once more and held against the key logs.
 */
import { type Group, groups as registeredGroups } from "../../groups/index.ts";
import * as check from "../../registry/check.ts";
import { ContentType, nameOf } from "../../registry/index.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import { equal } from "../../wire/index.ts";
import type { TracedRecord, TraceItem } from "../trace/reader.ts";
import { type ReadOptions, readTrace, type Trace } from "../trace/trace.ts";
import { type WireFacts, wireFacts } from "../trace/wire-facts.ts";
import { type Exchange, exchangeOf, type SecretOf } from "./exchange.ts";
import { type ExplainedItem, itemsOf } from "./items.ts";
import { type Given, scheduleOf, ticketKeysOf } from "./schedule.ts";
import type { ExplainedSecret } from "./schedule-rows.ts";

/** With what a trace is explained, beside the trace. */
export interface ExplainOptions extends ReadOptions {
  /** Groups whose shares are cut into their components. Default: those that are registered. */
  readonly groups?: readonly Group[];
  /** Secrets of the key exchange, where they are known: `watchExchange` finds them out. */
  readonly secretOf?: SecretOf;
  /** Pre-shared keys, of which the one that was used is shown: {@link ticketKeys} has those of tickets. */
  readonly psks?: readonly Uint8Array[];
  /** How each end came out of it. */
  readonly ends?: Readonly<Partial<Record<Role, EndOutcome>>>;
  /** Bytes of data in a TCP segment. Default: 1448. */
  readonly maximumSegmentSize?: number;
}

/** How the handshake ended for one end. */
export interface EndOutcome {
  /** `open`, or what the end says was wrong. */
  readonly outcome: string;
  /** What it says about it. */
  readonly error?: string | null;
  /** Name of the alert that it sent. */
  readonly alert?: string | null;
  /** The path of the field that was wrong. */
  readonly where?: string | null;
  /** The section that says so. */
  readonly section?: string | null;
}

/** A handshake as a document. */
export interface Explained {
  /** What both agreed on. */
  readonly facts: WireFacts;
  /** Who sent what, in order. */
  readonly flights: readonly ExplainedFlight[];
  /** `null` if no group was agreed on. */
  readonly exchange: Exchange | null;
  /** The secrets, in the order in which they are derived. */
  readonly schedule: readonly ExplainedSecret[];
  /** How it ended, for each end that says so. */
  readonly ends: Readonly<Partial<Record<Role, EndOutcome>>>;
  /** Bytes of payload in a TCP segment, by which segments are counted. */
  readonly maximumSegmentSize: number;
}

/** What one end sends before the other does. */
export interface ExplainedFlight {
  /** From 1. */
  readonly number: number;
  /** The end that sends it. */
  readonly from: Role;
  /** Of its first byte and of its last, in milliseconds since the run began. */
  readonly at: number;
  /** When its last byte was sent, in milliseconds since the run began. */
  readonly until: number;
  /** On the wire, with the headers of records. */
  readonly bytes: number;
  /** Messages, and records of something else, in order. */
  readonly items: readonly FlownItem[];
  /** The same as records, in order. */
  readonly records: readonly SeenRecord[];
}

/** An item, and what became of it on the way. */
export interface FlownItem extends ExplainedItem {
  /** Unique, and the same for the same handshake: `client_hello`, `finished-2`. */
  readonly id: string;
  /** Its place among what this end sent of this name, from 1, as steps of an adversary count it; 0 if nobody sent it. */
  readonly nth: number;
  /** What became of it between the taps of both ends. */
  readonly fate: "as sent" | "changed" | "dropped" | "inserted";
  /** What the other end was given instead, if it was changed. */
  readonly delivered: ExplainedItem | undefined;
}

/** A record as everybody on the path sees it. */
export interface SeenRecord {
  /** The type in its header. */
  readonly type: string;
  /** The whole record, header included. */
  readonly raw: Uint8Array;
  /** What is inside cannot be seen. */
  readonly isProtected: boolean;
  /** Ids of the items in it. */
  readonly carries: readonly string[];
}

const optionTable = {
  provider: check.like("a provider, such as noble", "aeads", "hashes"),
  suites: check.listOf(check.like("a cipher suite", "code", "aead", "hash")),
  groups: check.listOf(check.like("a group: defineGroup(…), or one of groups", "code", "kems")),
  secretOf: check.callable,
  psks: check.listOf(check.bytes),
  ends: check.like("outcomes by role: { client: { outcome }, server: { outcome } }"),
  maximumSegmentSize: check.whole(1, undefined, " bytes"),
} satisfies check.OptionTable<ExplainOptions>;

/**
 * Explains what a trace holds, as far as its key logs open it. What is malformed or closed is shown as bytes.
 * @throws TypeError or RangeError for options that cannot be
 */
export function explain(trace: Trace, options: ExplainOptions = {}): Explained {
  check.checkOptions("explain", options, optionTable);
  const { groups = registeredGroups, ends = {} } = options;
  const read = readAll(trace, options);
  const given = deliveredOf(trace);
  const items = withIds(
    compare(
      itemsOf(read.sent, groups),
      given && itemsOf(readTrace(given, readingOf(options)), groups),
    ),
  );
  return {
    facts: read.facts,
    flights: flightsOf(items, read.sent),
    exchange: read.exchange,
    schedule: scheduleOf(read),
    ends,
    maximumSegmentSize: options.maximumSegmentSize ?? 1448,
  };
}

/**
 * The pre-shared keys of the tickets in a trace (RFC 9846 §4.7.1), for explaining what is resumed with them. They follow from
 * the shared secret, so that `secretOf` has to know it; else there are none.
 * @throws TypeError or RangeError for options that cannot be
 */
export function ticketKeys(trace: Trace, options: ExplainOptions): Uint8Array[] {
  check.checkOptions("ticketKeys", options, optionTable);
  return ticketKeysOf(readAll(trace, options));
}

/** Explains the last of connections that followed one another: it may go on with the session of one before. */
export function explainLast(traces: readonly Trace[], options: ExplainOptions): Explained {
  const last = traces.at(-1) ?? { events: [], keyLog: [] };
  const psks = traces.slice(0, -1).flatMap((trace) => ticketKeys(trace, options));
  return explain(last, { ...options, psks: [...psks, ...(options.psks ?? [])] });
}

const readingOf = ({ provider, suites }: ExplainOptions): ReadOptions => ({
  ...(provider && { provider }),
  ...(suites && { suites }),
});

function readAll(trace: Trace, options: ExplainOptions): Given {
  const { groups = registeredGroups, secretOf } = options;
  const sent = readTrace(trace, readingOf(options));
  const exchange = exchangeOf(sent, { groups, secretOf });
  return { sent, facts: wireFacts(sent), exchange, trace, options };
}

/**
 * What arrived, as a trace: the receivers' taps, with each end's secrets as the other's, since what arrives is
 * protected as its receiver believes. `undefined` where a tap is missing.
 */
function deliveredOf({ events, keyLog }: Trace): Trace | undefined {
  const taps = new Set(events.map(({ end, direction }) => `${end} ${direction}`));
  if (taps.size < 4) return undefined;
  return {
    events: events.filter(({ direction }) => direction === "received"),
    keyLog: keyLog.map(({ end, line }) => ({ end: otherRole(end), line })),
  };
}

type Compared = Omit<FlownItem, "id" | "nth">;

/** What an end sent and what arrived, side by side: what has the same name is the same thing, changed. */
function compare(sent: ExplainedItem[], given: ExplainedItem[] | undefined): Compared[] {
  if (given === undefined) return sent.map(untouched);
  const arrived = {
    client: given.filter(({ from }) => from === "client"),
    server: given.filter(({ from }) => from === "server"),
  };
  const result: Compared[] = [];
  const insert = (items: readonly ExplainedItem[]): void => {
    for (const item of items) result.push({ ...item, fate: "inserted", delivered: undefined });
  };
  for (const [index, item] of sent.entries()) {
    const queue = arrived[item.from];
    const at = placeOf(item, queue);
    if (at < 0) {
      result.push({ ...item, fate: "dropped", delivered: undefined });
    } else {
      insert(queue.splice(0, at));
      const [delivered] = queue.splice(0, 1) as [ExplainedItem];
      const isSame = equal(item.raw, delivered.raw);
      result.push(isSame ? untouched(item) : { ...item, fate: "changed", delivered });
    }
    const isLast = !sent.slice(index + 1).some(({ from }) => from === item.from);
    if (isLast) insert(queue.splice(0));
  }
  for (const queue of Object.values(arrived)) insert(queue);
  return result;
}

/** Where it arrived: the same bytes, or else the first of its name. */
function placeOf(item: ExplainedItem, queue: readonly ExplainedItem[]): number {
  const same = queue.findIndex(({ name, raw }) => name === item.name && equal(raw, item.raw));
  return same < 0 ? queue.findIndex(({ name }) => name === item.name) : same;
}

const untouched = (item: ExplainedItem): Compared => ({
  ...item,
  fate: "as sent",
  delivered: undefined,
});

/** The second of a name is `name-2`. */
function withIds(items: readonly Compared[]): FlownItem[] {
  const counts = new Map<string, number>();
  const next = (key: string): number => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  };
  return items.map((item) => {
    const count = next(item.name);
    return {
      ...item,
      id: count === 1 ? item.name : `${item.name}-${count}`,
      nth: item.fate === "inserted" ? 0 : next(`${item.from} ${item.name}`),
    };
  });
}

/** A flight ends where the other end begins to send. */
function flightsOf(items: readonly FlownItem[], sent: readonly TraceItem[]): ExplainedFlight[] {
  const records = sent.filter((item) => item.kind === "record");
  const flights: { from: Role; items: FlownItem[] }[] = [];
  for (const item of items) {
    const current = flights.at(-1);
    if (current?.from === item.from) current.items.push(item);
    else flights.push({ from: item.from, items: [item] });
  }
  const seen = new Set<TracedRecord>();
  return flights.map(({ from, items: own }, index) => {
    const wire = new Set(own.flatMap((item) => item.records));
    const carried = records.filter((record) => wire.has(record.raw) && !seen.has(record));
    for (const record of carried) seen.add(record);
    return {
      number: index + 1,
      from,
      at: carried[0]?.at ?? 0,
      until: carried.at(-1)?.at ?? 0,
      bytes: carried.reduce((sum, { raw }) => sum + raw.length, 0),
      items: own,
      records: carried.map(({ raw }) => ({
        type: nameOf(ContentType, raw[0]!, 2),
        raw,
        isProtected: raw[0] === ContentType.application_data,
        carries: own.filter((item) => item.records.includes(raw)).map(({ id }) => id),
      })),
    };
  });
}
