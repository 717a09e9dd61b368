import { AlertDescription, ContentType, nameOf, TlsError } from "../registry/index.ts";
import type { TrafficSecret } from "../schedule/index.ts";
import { carriesData, type Epoch, type EpochName } from "./epoch.ts";
import { RecordFraming } from "./framing.ts";
import { type Limits, maxFragment, recordHeaderLength } from "./limits.ts";
import { Reassembly } from "./reassembly.ts";

/** What records carry, once they are open. */
export type Incoming =
  | IncomingMessage
  | { readonly kind: "data"; readonly bytes: Uint8Array; readonly early: boolean }
  | { readonly kind: "alert"; readonly level: number; readonly description: number };

/** A whole handshake message that nobody has looked into. */
export interface IncomingMessage {
  readonly kind: "message";
  /** Header included. */
  readonly raw: Uint8Array;
  /** Among them how many elements it may have, whenever it is read. */
  readonly limits: Limits;
}

/** What a receiver reports of each record, for ledgers and dumps. */
export interface RecordFact {
  /** The keys that protect it. */
  readonly epoch: EpochName;
  /** The content's type; for a protected record the inner one. */
  readonly type: number;
  /** Bytes on the wire, header included. */
  readonly wireLength: number;
  /** Bytes of content. */
  readonly contentLength: number;
}

/** When change_cipher_spec records of the compatibility mode are dropped (RFC 9846 §5, Appendix E.4). */
export type ChangeCipherSpecPolicy = "refuse" | "drop";

/** The reading half of a link: framing, opening, reassembly, and the limits on all three. */
export class RecordReceiver {
  readonly #framing = new RecordFraming();
  readonly #reassembly: Reassembly;
  readonly #limits: Limits;
  readonly #observe: ((fact: RecordFact) => void) | undefined;
  #epoch: Epoch | undefined;
  #emptyInRow = 0;
  #changeCipherSpecs = 0;
  changeCipherSpec: ChangeCipherSpecPolicy = "refuse";
  /** True while a peer that has no keys yet, or none that we know, may send an alert in the clear. */
  acceptPlaintextAlert = false;
  /**
   * The largest inner plaintext, content and type and padding, that we told the peer (RFC 8449). It does not
   * bind early data: a client sends that before it can know the limit of this handshake.
   */
  innerLimit = maxFragment + 1;
  /** Bytes of early data that may still come. */
  earlyDataLeft = 0;
  /** Bytes of early data that we refused and still skip (RFC 9846 §4.3.10). */
  skipping = 0;

  constructor(limits: Limits, observe?: (fact: RecordFact) => void) {
    this.#limits = limits;
    this.#observe = observe;
    this.#reassembly = new Reassembly(limits.handshakeMessage);
  }

  get epochName(): EpochName {
    return this.#epoch?.name ?? "plaintext";
  }

  /** The secret behind the current keys. */
  get secret(): TrafficSecret {
    return this.#protected().secret;
  }

  /** True if the stream would break off in the middle of a record or message. */
  get inMessage(): boolean {
    return this.#framing.inRecord || this.#reassembly.pending;
  }

  get waiting(): number {
    return this.#framing.waiting;
  }

  /** Bytes of memory that wait for the rest of a record or message, or for someone to read them. */
  get held(): number {
    return this.#framing.held + this.#reassembly.held;
  }

  push(bytes: Uint8Array): void {
    this.#framing.push(bytes);
  }

  detach(): void {
    this.#framing.detach();
  }

  /** @throws TlsError if another message has begun where the peer must wait, or change keys (RFC 9846 §5.1) */
  expectBoundary(): void {
    if (!this.#reassembly.pending) return;
    throw new TlsError("unexpected_message", "bytes are left over behind the end of a flight", {
      expected: "a message boundary",
      received: "the beginning of another message in the same record",
      where: "record.fragment",
      section: "RFC 9846 §5.1",
    });
  }

  /** Changes keys, at a message boundary. */
  enter(epoch: Epoch): void {
    this.expectBoundary();
    this.#epoch?.wipe();
    this.#epoch = epoch;
  }

  /** Goes to the next keys of this epoch, after a KeyUpdate. */
  update(): void {
    this.enter(this.#protected().next());
  }

  wipe(): void {
    this.#epoch?.wipe();
  }

  /** The next message, piece of data or alert; `undefined` until more input comes. */
  next(): Incoming | undefined {
    for (;;) {
      const raw = this.#reassembly.next();
      if (raw !== undefined) return { kind: "message", raw, limits: this.#limits };
      const record = this.#framing.next();
      if (record === undefined) return undefined;
      const incoming = this.#read(record);
      if (incoming !== undefined) return incoming;
    }
  }

  #read(record: Uint8Array): Incoming | undefined {
    const type = record[0]!;
    if (type === ContentType.change_cipher_spec) return this.#dropChangeCipherSpec(record);
    const isPlain =
      this.#epoch === undefined || (type === ContentType.alert && this.acceptPlaintextAlert);
    return isPlain ? this.#readPlain(record, type) : this.#readProtected(record, type);
  }

  #readPlain(record: Uint8Array, type: number): Incoming | undefined {
    const length = record.length - recordHeaderLength;
    if (type === ContentType.application_data && this.skipping > 0) return this.#skip(record);
    // §4.3.10: the second ClientHello ends what a retry refused
    if (type === ContentType.handshake) this.skipping = 0;
    // §5.1: a plaintext fragment has at most 2^14 bytes
    if (length > maxFragment) throw overflow(length, maxFragment);
    if (type !== ContentType.handshake && type !== ContentType.alert)
      throw unexpected(type, "plaintext");
    this.#observe?.({ epoch: "plaintext", type, wireLength: record.length, contentLength: length });
    return this.#content(type, record.slice(recordHeaderLength), "plaintext");
  }

  #readProtected(record: Uint8Array, type: number): Incoming | undefined {
    const epoch = this.#protected();
    // §5.2: the outer type is always application_data
    if (type !== ContentType.application_data) throw unexpected(type, epoch.name);
    const inner = epoch.protection.open(record);
    if (inner === undefined) {
      if (this.skipping > 0) return this.#skip(record);
      throw new TlsError("bad_record_mac", "a record is not authentic", {
        where: `record ${epoch.protection.records} of the ${epoch.name} epoch`,
        section: "RFC 9846 §5.2",
      });
    }
    this.skipping = 0;
    this.acceptPlaintextAlert = false;
    // §5.2, RFC 8449 §4: the inner plaintext, type and padding included
    const limit = epoch.name === "early" ? maxFragment + 1 : this.innerLimit;
    if (inner.length > limit) throw overflow(inner.length, limit);
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    // §5.4: all zeros has no type
    if (end === 0) {
      throw new TlsError("bad_record", "a record has padding and no content type", {
        where: "record.fragment",
        section: "RFC 9846 §5.4",
      });
    }
    const innerType = inner[end - 1]!;
    this.#observe?.({
      epoch: epoch.name,
      type: innerType,
      wireLength: record.length,
      contentLength: end - 1,
    });
    return this.#content(innerType, withoutPadding(inner, end - 1), epoch.name);
  }

  #content(type: number, content: Uint8Array, epoch: EpochName): Incoming | undefined {
    // §5.1: messages are not interleaved with other types
    if (this.#reassembly.pending && type !== ContentType.handshake) throw interleaved(type);
    if (content.length === 0) this.#countEmpty(type);
    else this.#emptyInRow = 0;
    if (type === ContentType.handshake) {
      this.#reassembly.push(content);
      return undefined;
    }
    if (type === ContentType.alert) return readAlert(content);
    if (type !== ContentType.application_data || !carriesData(epoch)) throw unexpected(type, epoch);
    if (epoch === "early") this.#countEarlyData(content.length);
    return content.length === 0
      ? undefined
      : { kind: "data", bytes: content, early: epoch === "early" };
  }

  /** §4.3.10: no more than the ticket allowed. */
  #countEarlyData(length: number): void {
    this.earlyDataLeft -= length;
    if (this.earlyDataLeft < 0) throw tooMany("bytes of early data", "what the ticket allows");
  }

  #countEmpty(type: number): void {
    // §5.1, §5.4: only application data may be empty
    if (type !== ContentType.application_data) {
      throw new TlsError("bad_record", `an empty ${nameOf(ContentType, type, 2)} record`, {
        where: "record.length",
        section: "RFC 9846 §5.4",
      });
    }
    if (++this.#emptyInRow > this.#limits.emptyRecords) {
      throw tooMany("empty records", this.#limits.emptyRecords);
    }
  }

  /** §5: one byte 0x01, between the first ClientHello and the peer's Finished, is dropped unseen. */
  #dropChangeCipherSpec(record: Uint8Array): undefined {
    const isValid = record.length === recordHeaderLength + 1 && record[recordHeaderLength] === 1;
    if (this.changeCipherSpec === "refuse" || !isValid) {
      throw unexpected(ContentType.change_cipher_spec, this.epochName);
    }
    if (this.#reassembly.pending) throw interleaved(ContentType.change_cipher_spec);
    if (++this.#changeCipherSpecs > this.#limits.changeCipherSpecs) {
      throw tooMany("change_cipher_spec records", this.#limits.changeCipherSpecs);
    }
    this.#observe?.({
      epoch: "plaintext",
      type: ContentType.change_cipher_spec,
      wireLength: record.length,
      contentLength: 1,
    });
  }

  #skip(record: Uint8Array): undefined {
    this.skipping -= record.length;
    if (this.skipping <= 0)
      throw tooMany("bytes of refused early data", this.#limits.skippedEarlyData);
  }

  #protected(): Epoch {
    if (this.#epoch === undefined)
      throw new TlsError("misuse", "no keys are installed for reading");
    return this.#epoch;
  }
}

/** Who waits for a reader, or for the rest of a message, does not keep the padding: a record of it for a byte. */
const withoutPadding = (inner: Uint8Array, length: number): Uint8Array => {
  const content = inner.subarray(0, length);
  return length < inner.length / 2 ? new Uint8Array(content) : content;
};

function readAlert(content: Uint8Array): Incoming {
  // §5.1: an alert is not fragmented and stands alone in its record
  if (content.length !== 2) {
    throw new TlsError("malformed", "an alert record has the wrong length", {
      expected: "2 bytes",
      received: `${content.length} bytes`,
      where: "alert",
      section: "RFC 9846 §5.1",
    });
  }
  return { kind: "alert", level: content[0]!, description: content[1]! };
}

/** The name of an alert's number, for texts. */
export const alertName = (description: number): string => nameOf(AlertDescription, description, 2);

function overflow(length: number, limit: number): TlsError {
  return new TlsError("record_overflow", "the record's plaintext is too long", {
    expected: `at most ${limit} bytes`,
    received: `${length} bytes`,
    where: "record.fragment",
    section: "RFC 9846 §5.2",
  });
}

function unexpected(type: number, epoch: EpochName): TlsError {
  return new TlsError("unexpected_message", "a record of the wrong type", {
    expected: epoch === "plaintext" ? "handshake or alert" : "application_data",
    received: `${nameOf(ContentType, type, 2)} in the ${epoch} epoch`,
    where: "record.type",
    section: "RFC 9846 §5",
  });
}

function interleaved(type: number): TlsError {
  return new TlsError("unexpected_message", "a record interrupts a handshake message", {
    expected: "the rest of the message",
    received: nameOf(ContentType, type, 2),
    where: "record.type",
    section: "RFC 9846 §5.1",
  });
}

function tooMany(what: string, limit: number | string): TlsError {
  return new TlsError("too_many_records", `too many ${what}`, {
    expected: `at most ${limit}`,
    where: "record",
  });
}
