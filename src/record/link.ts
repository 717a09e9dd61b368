/**
 * TLS's record layer: what carries a handshake and the data after it over a byte stream (RFC 9846 §5).
 *
 * Theory of operation. There are two halves. The sender queues the messages of a flight, cuts them into
 * fragments, pads them (`padding.ts`), seals them, and gives chunks. The receiver cuts the stream into
 * records (`framing.ts`), opens them, and puts messages together (`reassembly.ts`). Each half is in one epoch
 * (`epoch.ts`) and changes it when the handshake says so, between two messages: what was queued before
 * leaves under the old keys, and a message of the peer that has begun by then is an error.
 *
 * Whoever drives it pushes input, takes what came with `next()` until there is nothing more, calls `detach()`
 * before the input's buffer is used again, and takes output. Nothing here looks into a handshake message.
 * What belongs to records alone is decided here from what passes: the first hello's version and session id
 * (change_cipher_spec), the first keys of a server (alerts in the clear), refused early data (skipped). The
 * handshake asks for no more than `src/handshake/carrier.ts` says.
 */
import {
  AlertDescription,
  AlertLevel,
  type AlertName,
  KeyUpdateRequest,
  TlsError,
} from "../registry/index.ts";
import {
  type BoundEarlyData,
  type PeerOf,
  type Role,
  SecretOwner,
  type TrafficSecret,
  type VerifiedFinished,
} from "../schedule/index.ts";
import { Epoch, type EpochName, type RecordCipher } from "./epoch.ts";
import { type Limits, maxFragment } from "./limits.ts";
import type { PaddingPolicy } from "./padding.ts";
import { type Incoming, type RecordFact, RecordReceiver } from "./receiver.ts";
import { keyUpdate, type KeyUpdateRequestName, RecordSender } from "./sender.ts";

/** In a ClientHello or ServerHello, header included: legacy_version and random come before (RFC 9846 §4.2.2). */
const sessionIdLengthAt = 4 + 2 + 32;

/** Seen from the end that tells. */
export type Direction = "sent" | "received";

/** Watches a connection from inside, for ledgers, dumps and experiments. It cannot change anything. */
export interface Observer {
  /** A handshake message, header included. */
  message?(direction: Direction, raw: Uint8Array, epoch: EpochName): void;
  /** A record that was sent or opened. */
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
  /** A first message of ours has gone out: a hello. */
  #hasGreeted = false;
  /** The compatibility mode's record is still to come. */
  #owesChangeCipherSpec = false;
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

  /** Queues a whole handshake message; it leaves with the rest of its flight. */
  sendRaw(raw: Uint8Array): void {
    // §6.1: nothing follows a closure alert, not even what an operation that took its time comes back with
    if (this.#ended) return;
    if (this.#hasGreeted) {
      this.#sendChangeCipherSpec();
      this.#sender.message(raw);
    } else this.#greet(raw);
  }

  /**
   * Our first message, ClientHello or the hello that answers one. Its session id, which the server echoes,
   * says whether there is a compatibility mode (Appendix E.4).
   */
  #greet(hello: Uint8Array): void {
    this.#hasGreeted = true;
    this.#owesChangeCipherSpec = (hello[sessionIdLengthAt] ?? 0) > 0;
    if (this.role === "client") {
      this.#sender.firstClientHello(hello);
      this.#dropChangeCipherSpec();
    } else {
      this.#sender.message(hello);
      this.#sendChangeCipherSpec();
    }
  }

  /**
   * Appendix E.4: one record in a connection. A server's follows its first hello. A client's comes right
   * before its second flight, or before its early data.
   */
  #sendChangeCipherSpec(): void {
    if (!this.#owesChangeCipherSpec || this.#ended) return;
    this.#owesChangeCipherSpec = false;
    this.#sender.changeCipherSpec();
  }

  /** From the first ClientHello on, the compatibility mode's records are dropped (§5, Appendix E.4). */
  #dropChangeCipherSpec(): void {
    if (this.readingEpoch === "plaintext") this.#receiver.changeCipherSpec = "drop";
  }

  sendAlert(description: AlertName): void {
    const isWarning = description === "close_notify" || description === "user_canceled";
    if (this.writingEpoch !== "plaintext") this.#sendChangeCipherSpec();
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
    this.#sendChangeCipherSpec();
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

  /** Content bytes of a record that we send from now on, at most. */
  set fragment(length: number) {
    this.#sender.fragment = length;
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
      if (this.role === "server") this.#dropChangeCipherSpec();
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
    this.#acceptPlaintextAlert();
    this.#receiver.enter(new Epoch("early", cipher, secret));
    this.#receiver.earlyDataLeft = limit;
  }

  protectReading(name: "handshake", cipher: RecordCipher, secret: TrafficSecret): void {
    this.#acceptPlaintextAlert();
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

  /** A client that could not read our ServerHello has no keys to protect its alert with. */
  #acceptPlaintextAlert(): void {
    if (this.role === "server" && this.readingEpoch === "plaintext") {
      this.#receiver.acceptPlaintextAlert = true;
    }
  }

  /** Skips early data that was refused, as many bytes on the wire as the limits say (RFC 9846 §4.3.10). */
  refuseEarlyData(): void {
    this.#receiver.skipping = this.#limits.skippedEarlyData;
  }

  /** Records come in one order: who writes early data must say where it ends (RFC 9846 §4.6). */
  readonly hasEndOfEarlyData = true;

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
    this.#sender.updateKeys(() => this.keyUpdate(request));
  }

  /** The message KeyUpdate (§4.7.3), which goes out under the old keys. */
  protected keyUpdate(request: KeyUpdateRequestName): Uint8Array {
    return keyUpdate(request);
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
