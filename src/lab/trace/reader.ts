/**
 * Bytes to records, and records to messages in the clear.
 *
 * A reader is given what each end sent, in pieces of any size, and gives what was in it: each record, and behind the
 * record that ends it each handshake message. It is a generator, so that who passes things on does so while the keys are
 * still those under which they came: keys change behind a message (RFC 9846 §7.3), once the caller asks for what is next.
 *
 * What cannot be opened, for want of a secret, is a record of the epoch `sealed`. Where bytes are missing, nothing behind
 * them in that direction can be read: neither where a record begins is known, nor its number.
 */
import { messageType } from "../../messages/index.ts";
import type { EpochName, RecordFact } from "../../record/index.ts";
import { ContentType } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { MessageCutter, RecordCutter } from "./cutters.ts";
import type { ReadingKeys } from "./reading-keys.ts";

/** What is read from a trace: a record, a handshake message, or a gap. */
export type TraceItem = TracedRecord | TracedMessage | TracedGap;

/** Who sent it, and when. */
export interface Origin {
  readonly from: Role;
  /** Milliseconds since the run began. */
  readonly at: number;
}

/** A TLS record, in the clear where the keys are known. */
export interface TracedRecord extends Origin {
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
  readonly kind: "message";
  /** Header included. */
  readonly raw: Uint8Array;
  readonly epoch: EpochName;
  /** Those that carried it, whole, and others with it if it is not `alone` in them. */
  readonly records: readonly Uint8Array[];
  readonly alone: boolean;
}

/** A place where bytes are missing. */
export interface TracedGap extends Origin {
  readonly kind: "gap";
  /** That are missing, or came behind what is; `undefined` if nobody knows. */
  readonly bytes: number | undefined;
}

interface Way {
  readonly records: RecordCutter;
  readonly messages: MessageCutter;
  /** Records of messages that are not whole yet. */
  pending: Uint8Array[];
  isLost: boolean;
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
    });
    this.#ways = { client: way(), server: way() };
  }

  *read(from: Role, bytes: Uint8Array, at = 0): Generator<TraceItem> {
    const way = this.#ways[from];
    if (way.isLost) {
      yield { kind: "gap", from, at, bytes: bytes.length };
      return;
    }
    for (const raw of way.records.push(bytes)) {
      yield* this.#record(way, raw, { from, at });
      if (way.isLost) return;
    }
  }

  /** Bytes of that direction are missing. */
  gap(from: Role, bytes?: number, at = 0): TracedGap {
    this.#ways[from].isLost = true;
    return { kind: "gap", from, at, bytes };
  }

  *#record(way: Way, raw: Uint8Array, origin: Origin): Generator<TraceItem> {
    const { from } = origin;
    const opened = this.#keys.open(from, raw);
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
