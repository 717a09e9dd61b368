import { encodeMessage, type MessageBody, type MessageType } from "../messages/index.ts";
import {
  AlertDescription,
  AlertLevel,
  type AlertName,
  KeyUpdateRequest,
  TlsError,
} from "../registry/index.ts";
import {
  type BoundEarlyData,
  type Role,
  SecretOwner,
  type TrafficSecret,
  type VerifiedFinished,
} from "../schedule/index.ts";
import { Epoch, type EpochName, type RecordCipher } from "./epoch.ts";
import { type Limits, maxFragment } from "./limits.ts";
import { type Incoming, type RecordFact, RecordReceiver } from "./receiver.ts";
import { type KeyUpdateRequestName, type PaddingPolicy, RecordSender } from "./sender.ts";

/** Seen from the end that tells. */
export type Direction = "sent" | "received";

/** Watches a connection from inside, for ledgers, dumps and experiments. It cannot change anything. */
export interface Observer {
  /** A handshake message, header included. */
  message?(direction: Direction, raw: Uint8Array, epoch: EpochName): void;
  record?(direction: Direction, fact: RecordFact): void;
}

export interface LinkOptions<Self extends Role = Role> {
  readonly role: Self;
  readonly limits: Limits;
  /** Content bytes of a record that we send, at most; absent: 2^14. */
  readonly fragment?: number | undefined;
  readonly padding?: PaddingPolicy | undefined;
  readonly observer?: Observer | undefined;
}

/** The other end; nobody's for a link of which nobody knows whose it is. */
export type PeerOf<Self extends Role> = [Self] extends ["client"]
  ? "server"
  : [Self] extends ["server"]
    ? "client"
    : never;

/**
 * The two directions of a connection below the handshake. It owns every traffic key: writing and reading
 * are two doors, and the one to the peer's application data opens only for the {@link VerifiedFinished} of
 * that peer.
 */
export class Link<Self extends Role = Role> {
  /** Whose end of the connection it is. */
  readonly role: Self;
  /** Holds the secrets that end with the connection. */
  readonly secrets = new SecretOwner();
  readonly #sender: RecordSender;
  readonly #receiver: RecordReceiver;
  readonly #limits: Limits;
  readonly #observer: Observer | undefined;
  #keyUpdatesInRow = 0;
  #updateAsked = false;
  #answerOwed = false;
  #changeCipherSpec: "none" | "due" | "sent" = "none";
  /** We have sent close_notify or a fatal alert. */
  #ended = false;

  constructor(options: LinkOptions<Self>) {
    this.role = options.role;
    const { limits, observer, padding } = options;
    this.#limits = limits;
    this.#observer = observer;
    this.#sender = new RecordSender(
      options.fragment ?? maxFragment,
      padding,
      bind(observer, "sent"),
      observer?.message && ((raw, epoch) => observer.message?.("sent", raw, epoch)),
    );
    this.#receiver = new RecordReceiver(limits, bind(observer, "received"));
  }

  // Sending

  /** Every handshake message of ours is encoded here, before it is hashed and sent. */
  encode<T extends MessageType>(type: T, body: MessageBody<T>): Uint8Array {
    return encodeMessage(type, body);
  }

  /** Encodes and queues a handshake message. Returns its bytes, for the transcript. */
  send<T extends MessageType>(type: T, body: MessageBody<T>): Uint8Array {
    return this.sendRaw(this.encode(type, body));
  }

  sendRaw(raw: Uint8Array): Uint8Array {
    // §6.1: nothing follows a closure alert, not even what an operation that took its time comes back with
    if (this.#ended) return raw;
    this.#sendWhatIsDue();
    this.#sender.message(raw);
    return raw;
  }

  /** Queues a ClientHello that nothing came before: its record says 0x0301 (RFC 9846 §5.1). */
  sendFirstClientHello(raw: Uint8Array): void {
    this.#sender.firstClientHello(raw);
  }

  /** The compatibility mode's record, of which there is one in a connection (Appendix E.4). */
  sendChangeCipherSpec(): void {
    this.#changeCipherSpec = this.#changeCipherSpec === "sent" ? "sent" : "due";
    this.#sendWhatIsDue();
  }

  /** As {@link sendChangeCipherSpec}, right before what we send next: our next flight, or the alert instead. */
  leadWithChangeCipherSpec(): void {
    if (this.#changeCipherSpec === "none") this.#changeCipherSpec = "due";
  }

  #sendWhatIsDue(): void {
    if (this.#changeCipherSpec !== "due" || this.#ended) return;
    this.#changeCipherSpec = "sent";
    this.#sender.changeCipherSpec();
  }

  sendAlert(description: AlertName): void {
    const isWarning = description === "close_notify" || description === "user_canceled";
    this.#sendWhatIsDue();
    this.#ended ||= description !== "user_canceled";
    this.#sender.alert(AlertLevel[isWarning ? "warning" : "fatal"], AlertDescription[description]);
  }

  sendData(bytes: Uint8Array): void {
    this.#answerKeyUpdate();
    this.#sender.data(bytes);
  }

  /** Changes our own keys, and may ask the peer for the same (§4.7.3). */
  updateKeys(request: KeyUpdateRequestName): void {
    // §4.7.3: no second request until the peer has answered the first
    const isRepeated = request === "update_requested" && this.#updateAsked;
    this.#updateAsked ||= request === "update_requested";
    this.#updateWriting(isRepeated ? "update_not_requested" : request);
  }

  protectWriting(
    name: "handshake" | "application",
    cipher: RecordCipher,
    secret: TrafficSecret,
  ): void {
    this.#sender.enter(new Epoch(name, cipher, secret));
  }

  /** Writes 0-RTT data, at most `limit` bytes of it (RFC 9846 §4.3.10). */
  writeEarlyData(cipher: RecordCipher, secret: TrafficSecret, limit: number): void {
    this.#sender.enter(new Epoch("early", cipher, secret));
    this.#sender.earlyDataLeft = limit;
  }

  /** Bytes of 0-RTT data that may still be written; infinite once the handshake is over. */
  get writableBytes(): number {
    if (!this.canSendData) return 0;
    return this.#sender.epochName === "early" ? this.#sender.earlyDataLeft : Infinity;
  }

  /** A retry refused early data: the second ClientHello goes out in the clear (RFC 9846 §4.2.4). */
  abandonEarlyData(): void {
    this.#sender.abandonEarlyData();
  }

  get canSendData(): boolean {
    const epoch = this.#sender.epochName;
    return epoch === "early" || epoch === "application";
  }

  get writingEpoch(): EpochName {
    return this.#sender.epochName;
  }

  /** Puts queued handshake messages into records, under the keys of now. */
  flush(): void {
    this.#sender.flush();
  }

  takeOutput(): Uint8Array[] {
    return this.#sender.takeOutput();
  }

  /** Nothing more is sent: gives what is left. */
  end(): Uint8Array[] {
    this.#ended = true;
    return this.takeOutput();
  }

  get hasOutput(): boolean {
    return this.#sender.hasOutput;
  }

  /** Both ends' limits on inner plaintexts are in force (RFC 8449 §4). */
  limitRecords(ours: number, theirs: number): void {
    // §4: below 64 is no limit that one could work with
    if (theirs < 64) {
      throw new TlsError("illegal_parameter", "the record size limit is too small", {
        expected: "at least 64",
        received: `${theirs}`,
        where: "extensions.record_size_limit",
        section: "RFC 8449 §4",
      });
    }
    this.#receiver.innerLimit = Math.min(ours, maxFragment + 1);
    this.#sender.innerLimit = Math.min(theirs, maxFragment + 1);
  }

  // Receiving

  push(bytes: Uint8Array): void {
    this.#receiver.push(bytes);
    if (this.#receiver.waiting > this.#limits.waitingInput + bytes.length) {
      throw new TlsError("too_many_records", "too much input waits for an operation to end", {
        expected: `at most ${this.#limits.waitingInput} bytes`,
        where: "record",
      });
    }
  }

  detach(): void {
    this.#receiver.detach();
  }

  /** Bytes of input that wait here, for more of them or for an operation to end. */
  get heldBytes(): number {
    return this.#receiver.held;
  }

  next(): Incoming | undefined {
    const incoming = this.#receiver.next();
    if (incoming?.kind === "message") {
      this.#observer?.message?.("received", incoming.raw, this.#receiver.epochName);
    } else if (incoming?.kind === "data") {
      this.#keyUpdatesInRow = 0;
    }
    return incoming;
  }

  get readingEpoch(): EpochName {
    return this.#receiver.epochName;
  }

  /** True if the stream would break off in the middle of a record or message. */
  get inMessage(): boolean {
    return this.#receiver.inMessage;
  }

  /** Reads 0-RTT data, at most `limit` bytes of it (RFC 9846 §4.3.10). */
  readEarlyData(
    this: Link<"server">,
    cipher: RecordCipher,
    { secret }: BoundEarlyData,
    limit: number,
  ): void {
    this.#receiver.enter(new Epoch("early", cipher, secret));
    this.#receiver.earlyDataLeft = limit;
  }

  protectReading(name: "handshake", cipher: RecordCipher, secret: TrafficSecret): void {
    this.#receiver.enter(new Epoch(name, cipher, secret));
  }

  /** The door to the peer's application data: its Finished has the key. */
  readApplicationData(cipher: RecordCipher, { secret }: VerifiedFinished<PeerOf<Self>>): void {
    this.#receiver.enter(new Epoch("application", cipher, secret));
    // RFC 9846 §5: after the peer's Finished, change_cipher_spec is an error
    this.#receiver.changeCipherSpec = "refuse";
    this.#receiver.acceptPlaintextAlert = false;
  }

  /** @throws TlsError if the peer went on sending where it must wait for us */
  expectBoundary(): void {
    this.#receiver.expectBoundary();
  }

  /** What keys a Finished after the handshake: the secrets of now (§4.7.2). */
  get readingSecret(): TrafficSecret {
    return this.#receiver.secret;
  }

  get writingSecret(): TrafficSecret {
    return this.#sender.secret;
  }

  /** From the first ClientHello on, the compatibility mode's records are dropped (§5, Appendix E.4). */
  dropChangeCipherSpec(): void {
    this.#receiver.changeCipherSpec = "drop";
  }

  /** A client that could not read our ServerHello has no keys to protect its alert with. */
  acceptPlaintextAlert(): void {
    this.#receiver.acceptPlaintextAlert = true;
  }

  /** Skips early data that was refused: `most` bytes on the wire, or what the limits say if that is more (RFC 9846 §4.3.10). */
  skipEarlyData(most: number): void {
    this.#receiver.skipping = Math.max(most, this.#limits.skippedEarlyData);
  }

  /** Follows a KeyUpdate of the peer, and answers if it asked (§4.7.3). */
  followKeyUpdate(requestUpdate: number): void {
    if (++this.#keyUpdatesInRow > this.#limits.keyUpdates) {
      throw new TlsError("too_many_key_updates", "too many KeyUpdates without data between them", {
        expected: `at most ${this.#limits.keyUpdates}`,
        where: "key_update",
        section: "RFC 9846 §4.7.3",
      });
    }
    this.#receiver.update();
    if (requestUpdate === KeyUpdateRequest.update_not_requested) this.#updateAsked = false;
    else this.#answerOwed = true;
  }

  /**
   * §4.7.3: before our next data, and no sooner. However often a peer asks while we are silent, it gets one
   * answer, which says all that it asked for: nothing goes under the old keys any more.
   */
  #answerKeyUpdate(): void {
    if (!this.#answerOwed) return;
    this.#answerOwed = false;
    if (!this.#ended) this.#updateWriting("update_not_requested");
  }

  #updateWriting(request: KeyUpdateRequestName): void {
    const body = { requestUpdate: KeyUpdateRequest[request] };
    this.#sender.updateKeys(() => this.encode("key_update", body));
  }

  wipe(): void {
    this.#answerOwed = false;
    this.#sender.wipe();
    this.#receiver.wipe();
    this.secrets.wipe();
  }
}

function bind(
  observer: Observer | undefined,
  direction: Direction,
): ((fact: RecordFact) => void) | undefined {
  if (observer?.record === undefined) return undefined;
  return (fact) => observer.record?.(direction, fact);
}
