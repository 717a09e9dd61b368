/** Cut a stream into what travels in it. Every byte is copied once, whatever the pieces in which it comes. */
import { headerLength } from "../../messages/index.ts";
import { recordHeaderLength } from "../../record/index.ts";
import { concatAll } from "../../wire/index.ts";

/** Bytes to records, whatever is in them. */
export class RecordCutter {
  /** A header, or the whole record that it promises. */
  #partial = new Uint8Array(recordHeaderLength);
  #filled = 0;

  /** True before the first byte of a record. */
  get isAtBoundary(): boolean {
    return this.#filled === 0;
  }

  /** The records that these bytes make whole, header included. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      const count = Math.min(this.#partial.length - this.#filled, bytes.length - at);
      this.#partial.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < this.#partial.length) return;
      const record = this.#partial;
      const length = recordHeaderLength + (record[3]! << 8) + record[4]!;
      this.#partial = new Uint8Array(record.length < length ? length : recordHeaderLength);
      if (record.length < length) {
        this.#partial.set(record);
        continue;
      }
      this.#filled = 0;
      yield record;
    }
  }
}

/** Contents of records to handshake messages. */
export class MessageCutter {
  #whole: Uint8Array[] = [];
  /** Of a message that is not whole yet. */
  #pieces: Uint8Array[] = [];
  #size = 0;
  #wanted = headerLength;

  /** Bytes of the message that is not whole yet, as its header promises them. */
  get wanted(): number {
    return this.#wanted;
  }

  /** All messages since the last time, header included, once one of them ends where a record ends. */
  push(content: Uint8Array): Uint8Array[] | undefined {
    this.#pieces.push(content);
    this.#size += content.length;
    while (this.#size >= this.#wanted) this.#cut();
    if (this.#size > 0) return undefined;
    const whole = this.#whole;
    this.#whole = [];
    return whole;
  }

  #cut(): void {
    // Of many messages in one record the rest is not copied for each of them
    const joined = this.#pieces.length === 1 ? this.#pieces[0]! : concatAll(this.#pieces);
    const length = headerLength + (joined[1]! << 16) + (joined[2]! << 8) + joined[3]!;
    this.#wanted = length;
    this.#pieces = [joined];
    if (joined.length < length) return;
    this.#whole.push(joined.slice(0, length));
    this.#pieces = [joined.subarray(length)];
    this.#size -= length;
    this.#wanted = headerLength;
  }
}
