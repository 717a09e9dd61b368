import { ContentType, HandshakeType, KeyUpdateRequest, TlsError } from "../registry/index.ts";
import type { TrafficSecret } from "../schedule/index.ts";
import { concat } from "../wire/index.ts";
import { carriesData, type Epoch, type EpochName } from "./epoch.ts";
import { maxFragment } from "./limits.ts";
import { type PaddingPolicy, trailerOf } from "./padding.ts";
import { recordHeader } from "./protection.ts";
import type { RecordFact } from "./receiver.ts";

export type KeyUpdateRequestName = keyof typeof KeyUpdateRequest;

/** KeyUpdate (RFC 9846 §4.7.3): the only handshake message that is the record layer's own. */
export const keyUpdate = (request: KeyUpdateRequestName): Uint8Array =>
  Uint8Array.of(HandshakeType.key_update, 0, 0, 1, KeyUpdateRequest[request]);

/** The writing half of a link: coalescing, fragmentation, sealing. Output is a list of chunks. */
export class RecordSender {
  /** Content bytes of a record, at most. */
  fragment: number;
  readonly #padding: PaddingPolicy | undefined;
  readonly #observe: ((fact: RecordFact) => void) | undefined;
  readonly #observeMessage: ((raw: Uint8Array, epoch: EpochName) => void) | undefined;
  #epoch: Epoch | undefined;
  #output: Uint8Array[] = [];
  /** Handshake messages of the current epoch that wait to share a record. */
  #flight: Uint8Array[] = [];
  /** legacy_record_version: 0x0301 on a first ClientHello, then 0x0303 (RFC 9846 §5.1). */
  #version = 0x0303;
  /** Bytes of early data that may still be sent. */
  earlyDataLeft = 0;
  /** The largest inner plaintext, content and type and padding, that the peer takes (RFC 8449). */
  innerLimit = maxFragment + 1;

  constructor(
    fragment: number,
    padding?: PaddingPolicy,
    observe?: (fact: RecordFact) => void,
    observeMessage?: (raw: Uint8Array, epoch: EpochName) => void,
  ) {
    this.fragment = fragment;
    this.#padding = padding;
    this.#observe = observe;
    this.#observeMessage = observeMessage;
  }

  get epochName(): EpochName {
    return this.#epoch?.name ?? "plaintext";
  }

  get hasOutput(): boolean {
    return this.#output.length > 0 || this.#flight.length > 0;
  }

  /** The secret behind the current keys. */
  get secret(): TrafficSecret {
    if (this.#epoch === undefined)
      throw new TlsError("misuse", "no keys are installed for writing");
    return this.#epoch.secret;
  }

  /** What is ready for the wire, in order. */
  takeOutput(): Uint8Array[] {
    this.flush();
    const output = this.#output;
    this.#output = [];
    return output;
  }

  /** Queues a whole handshake message; it leaves with the rest of its flight. */
  message(raw: Uint8Array): void {
    this.#observeMessage?.(raw, this.epochName);
    this.#flight.push(raw);
  }

  /** Queues a first ClientHello. */
  firstClientHello(raw: Uint8Array): void {
    this.#version = 0x0301;
    this.message(raw);
    this.flush();
    this.#version = 0x0303;
  }

  data(bytes: Uint8Array): void {
    if (!carriesData(this.epochName)) {
      throw new TlsError("misuse", `data cannot be sent in the ${this.epochName} epoch`);
    }
    if (this.epochName === "early") this.#countEarlyData(bytes.length);
    this.flush();
    this.#fragments(ContentType.application_data, bytes);
  }

  alert(level: number, description: number): void {
    this.flush();
    this.#fragments(ContentType.alert, Uint8Array.of(level, description));
  }

  /** The compatibility mode's record, never protected (RFC 9846 Appendix E.4). */
  changeCipherSpec(): void {
    this.flush();
    this.#plain(ContentType.change_cipher_spec, Uint8Array.of(1));
  }

  /** Changes keys; what was queued before leaves under the old ones. */
  enter(epoch: Epoch): void {
    this.flush();
    this.#epoch?.wipe();
    this.#epoch = epoch;
  }

  /** Goes back to plaintext for the second ClientHello, after a retry refused early data. */
  abandonEarlyData(): void {
    this.flush();
    this.#epoch?.wipe();
    this.#epoch = undefined;
  }

  /** Sends a KeyUpdate and goes to the next keys (RFC 9846 §4.7.3). */
  updateKeys(encode: () => Uint8Array): void {
    if (this.#epoch?.name !== "application") {
      throw new TlsError("misuse", `keys cannot be updated in the ${this.epochName} epoch`);
    }
    this.message(encode());
    this.flush();
    this.#epoch = this.#epoch.next();
  }

  flush(): void {
    if (this.#flight.length === 0) return;
    const flight = this.#flight.length === 1 ? this.#flight[0]! : concat(...this.#flight);
    this.#flight = [];
    this.#fragments(ContentType.handshake, flight);
  }

  wipe(): void {
    this.#epoch?.wipe();
  }

  #fragments(type: number, content: Uint8Array): void {
    const most = Math.min(
      this.fragment,
      this.#epoch === undefined ? maxFragment : this.innerLimit - 1,
    );
    // §5.1: an alert stands whole in its record
    const size = type === ContentType.alert ? content.length : most;
    for (let at = 0; at < content.length; at += size) {
      if (type === ContentType.application_data) this.#keepRecordLimit();
      const fragment = content.length <= size ? content : content.subarray(at, at + size);
      if (this.#epoch === undefined) this.#plain(type, fragment);
      else this.#protected(this.#epoch, type, fragment);
    }
  }

  /** §4.3.10: no more than the ticket allowed. */
  #countEarlyData(length: number): void {
    if (length > this.earlyDataLeft) {
      throw new TlsError("misuse", "more early data than the session allows", {
        expected: `at most ${this.earlyDataLeft} bytes`,
        received: `${length} bytes`,
      });
    }
    this.earlyDataLeft -= length;
  }

  /** §5.5: keys are updated before they have protected too much. */
  #keepRecordLimit(): void {
    const epoch = this.#epoch;
    if (epoch === undefined || epoch.protection.records < epoch.recordLimit) return;
    if (epoch.name === "application") this.updateKeys(() => keyUpdate("update_not_requested"));
    else
      throw new TlsError("misuse", `the ${epoch.name} epoch has protected all that its keys may`);
  }

  #plain(type: number, fragment: Uint8Array): void {
    // A copy: output is the caller's, who may give its memory back, and the transcript keeps the message
    const record = concat(recordHeader(type, fragment.length, this.#version), fragment);
    this.#output.push(record);
    this.#report(type, "plaintext", record.length, fragment.length);
  }

  #protected(epoch: Epoch, type: number, fragment: Uint8Array): void {
    const room = this.innerLimit - 1 - fragment.length;
    const trailer = trailerOf(this.#padding, type, fragment.length, room);
    const chunks = epoch.protection.seal(fragment, trailer);
    let wireLength = 0;
    for (const chunk of chunks) {
      this.#output.push(chunk);
      wireLength += chunk.length;
    }
    this.#report(type, epoch.name, wireLength, fragment.length);
  }

  #report(type: number, epoch: EpochName, wireLength: number, contentLength: number): void {
    this.#observe?.({ epoch, type, wireLength, contentLength });
  }
}
