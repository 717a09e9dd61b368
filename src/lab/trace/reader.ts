/**
 * Bytes to records, and records to messages in the clear.
 *
 * A reader is given what each end sent, in pieces of any size, and gives what was in it: each record, and behind the
 * record that ends it each handshake message. It is a generator, so that who passes things on does so while the keys are
 * still those under which they came: keys change behind a message (RFC 9846 §7.3), once the caller asks for what is next.
 *
 * What cannot be opened, for lack of a secret, is a record of the epoch `sealed`. Behind bytes that are missing neither where
 * a record begins is known, nor its number: everything that looks like a record is tried, and reading goes on with the first that
 * the keys open. Without keys nothing more of that direction is read.
 */
import { headerLength, messageType } from "../../messages/index.ts";
import { type EpochName, type RecordFact, recordHeaderLength } from "../../record/index.ts";
import { ContentType } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import { MessageCutter, RecordCutter } from "./cutters.ts";
import type { Opened, ReadingKeys } from "./reading-keys.ts";

/** What is read from a trace: a record, a handshake message, or a gap. */
export type TraceItem = TracedRecord | TracedMessage | TracedGap;

/** Who sent it, and when. */
export interface Origin {
  /** The end that sent it. */
  readonly from: Role;
  /** Milliseconds since the run began. */
  readonly at: number;
}

/** A TLS record, in the clear where the keys are known. */
export interface TracedRecord extends Origin {
  /** Tells it from messages and gaps. */
  readonly kind: "record";
  /** Type and lengths; of what is sealed those that can be seen. */
  readonly record: Omit<RecordFact, "epoch"> & { readonly epoch: EpochName | "sealed" };
  /** Whole, as it was sent. */
  readonly raw: Uint8Array;
  /** In the clear, without padding; `undefined` if it is sealed. */
  readonly content: Uint8Array | undefined;
}

/** A handshake message, put together from its records. */
export interface TracedMessage extends Origin {
  /** Tells it from records and gaps. */
  readonly kind: "message";
  /** Header included. */
  readonly raw: Uint8Array;
  /** The keys that protected it. */
  readonly epoch: EpochName;
  /** Those that carried it, whole, and others with it if it is not `alone` in them. */
  readonly records: readonly Uint8Array[];
  /** Nothing else stands in those records. */
  readonly alone: boolean;
}

/** A place where bytes are missing. */
export interface TracedGap extends Origin {
  /** Tells it from records and messages. */
  readonly kind: "gap";
  /** That are missing, or came behind what is; `undefined` if nobody knows. */
  readonly bytes: number | undefined;
}

interface Way {
  readonly records: RecordCutter;
  readonly messages: MessageCutter;
  /** Records of messages that are not whole yet. */
  pending: Uint8Array[];
  /** Where records begin is not known. */
  isLost: boolean;
  /** Of a lost way: what was not tried yet. */
  rest: Uint8Array;
  /** A record of handshake messages begins with one. */
  isAligned: boolean;
}

/** What a reader puts together at most. Longer messages end their direction, as a gap does. */
export interface ReaderLimits {
  /** Bytes of a handshake message. */
  readonly message: number;
  /** Records of a handshake message. */
  readonly records: number;
}

export class TraceReader {
  readonly #keys: ReadingKeys;
  readonly #limits: ReaderLimits;
  readonly #ways: Readonly<Record<Role, Way>>;

  /** @param limits default: none but that of a message's length field, 2^24 */
  constructor(keys: ReadingKeys, limits: ReaderLimits = { message: Infinity, records: Infinity }) {
    this.#keys = keys;
    this.#limits = limits;
    const way = (): Way => ({
      records: new RecordCutter(),
      messages: new MessageCutter(),
      pending: [],
      isLost: false,
      rest: new Uint8Array(0),
      isAligned: true,
    });
    this.#ways = { client: way(), server: way() };
  }

  *read(from: Role, bytes: Uint8Array, at = 0): Generator<TraceItem> {
    const way = this.#ways[from];
    if (way.isLost) {
      if (this.#keys.canFind?.(from) === true) yield* this.#search(way, bytes, { from, at });
      else yield { kind: "gap", from, at, bytes: bytes.length };
      return;
    }
    for (const raw of way.records.push(bytes)) {
      yield* this.#record(way, raw, { from, at });
      if (way.isLost) return;
    }
  }

  /** Bytes of that direction are missing. */
  gap(from: Role, bytes?: number, at = 0): TracedGap {
    const way = this.#ways[from];
    way.isLost = true;
    way.rest = new Uint8Array(0);
    return { kind: "gap", from, at, bytes };
  }

  /** Looks for a record that the keys open, and goes on behind it. */
  *#search(way: Way, bytes: Uint8Array, origin: Origin): Generator<TraceItem> {
    const { from } = origin;
    const all = way.rest.length === 0 ? bytes : concat(way.rest, bytes);
    let at = 0;
    for (; at < all.length; at++) {
      const length = lengthAt(all, at);
      if (length === undefined) continue;
      // Not all of it is there
      if (at + length > all.length) break;
      const raw = all.slice(at, at + length);
      const opened = this.#keys.find?.(from, raw);
      if (opened === undefined) continue;
      if (at > 0) yield { ...origin, kind: "gap", bytes: at };
      Object.assign(way, {
        isLost: false,
        rest: new Uint8Array(0),
        records: new RecordCutter(),
        messages: new MessageCutter(),
        pending: [],
        isAligned: false,
      } satisfies Way);
      yield* this.#opened(way, { raw, opened }, origin);
      yield* this.read(from, all.subarray(at + length), origin.at);
      return;
    }
    way.rest = all.slice(at);
    if (at > 0) yield { ...origin, kind: "gap", bytes: at };
  }

  *#record(way: Way, raw: Uint8Array, origin: Origin): Generator<TraceItem> {
    yield* this.#opened(way, { raw, opened: this.#keys.open(origin.from, raw) }, origin);
  }

  *#opened(
    way: Way,
    { raw, opened }: { readonly raw: Uint8Array; readonly opened: Opened | undefined },
    origin: Origin,
  ): Generator<TraceItem> {
    const { from } = origin;
    const isPlain = raw[0] !== ContentType.application_data;
    const epoch = isPlain ? "plaintext" : this.#keys.epochOf(from);
    const { type, content } = opened ?? { type: raw[0]!, content: undefined };
    const record = {
      epoch: opened === undefined ? ("sealed" as const) : epoch,
      type,
      wireLength: raw.length,
      contentLength: content?.length ?? raw.length,
    };
    yield { ...origin, kind: "record", record, raw, content };
    if (content === undefined || type !== ContentType.handshake) return;
    // Behind a gap: the rest of a message whose beginning is missing would be read as another
    way.isAligned ||= areMessages(content);
    if (!way.isAligned) return;
    way.pending.push(raw);
    const messages = way.messages.push(content);
    if (messages === undefined) {
      const { message, records } = this.#limits;
      if (way.messages.wanted <= message && way.pending.length <= records) return;
      yield this.gap(from, undefined, origin.at);
      way.pending = [];
      return;
    }
    const records = way.pending;
    way.pending = [];
    for (const message of messages) {
      const name = messageType(message);
      this.#keys.reads(from, name, message);
      const alone = messages.length === 1;
      yield { ...origin, kind: "message", raw: message, epoch, records, alone };
      this.#keys.read(from, name);
    }
  }
}

/** A protected record has a byte and a tag at least, and 2^14 + 256 at most (RFC 9846 §5.2). */
const [leastContent, mostContent] = [1 + 16, 2 ** 14 + 256];

/** Of a protected record that can begin there; of a header that is cut off at the end the least. */
function lengthAt(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== ContentType.application_data) return undefined;
  if ((bytes[at + 1] ?? 3) !== 3 || (bytes[at + 2] ?? 3) !== 3) return undefined;
  if (at + recordHeaderLength > bytes.length) return recordHeaderLength;
  const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  if (length < leastContent || length > mostContent) return undefined;
  return recordHeaderLength + length;
}

/** Whether this is one known message after another, and nothing else. */
function areMessages(content: Uint8Array): boolean {
  let at = 0;
  while (at + headerLength <= content.length) {
    if (messageType(content.subarray(at)) === undefined) return false;
    at += headerLength + (content[at + 1]! << 16) + (content[at + 2]! << 8) + content[at + 3]!;
  }
  return at === content.length;
}
