/** The adversary: it stands between two ends, sees what they send, and delivers what it likes. */
import { noble, type Provider, suites } from "../../crypto/index.ts";
import type { Signer } from "../../identity/index.ts";
import { decodeMessage, headerLength, messageType } from "../../messages/index.ts";
import { recordHeaderLength } from "../../record/index.ts";
import { recordHeader } from "../../record/protection.ts";
import { ContentType, HandshakeType, nameOf } from "../../registry/index.ts";
import { concat } from "../../wire/index.ts";
import type { Role } from "../watch.ts";
import { editMessage, flipped } from "./edit.ts";
import { forge } from "./forge.ts";
import { otherRole, type SecretEpoch, type Secrets, WayKeys } from "./keys.ts";
import {
  asMessage,
  findUnit,
  hex,
  isMessage,
  type Sendable,
  sendableOf,
  sendablesOf,
  shortened,
} from "./parcels.ts";
import {
  describeStep,
  type Parcel,
  type Place,
  type Step,
  type Unit,
  type UnitName,
} from "./step.ts";

/** What comes out: towards an end, or the end of its stream. */
export interface Wire {
  deliver(to: Role, bytes: Uint8Array): void;
  end(to: Role): void;
}

export interface OnPathOptions {
  readonly steps: readonly Step[];
  readonly wire: Wire;
  /** With these it reads and writes what is encrypted; without it passes that on as it is. */
  readonly secrets?: Secrets | undefined;
  /** For what is encrypted. Default: `noble`. */
  readonly provider?: Provider;
  /** With this it can sign as the server. */
  readonly signer?: Signer | undefined;
  /** Steps that are made up on the way; `nth` is the unit's place among those of its kind. */
  readonly improvise?: ((unit: Unit, nth: number) => readonly Step[]) | undefined;
  /** Units of a connection before this one. */
  readonly earlier?: readonly Unit[] | undefined;
}

/** What comes from one end, and how it goes on. */
interface Way {
  readonly from: Role;
  readonly opens: WayKeys;
  readonly seals: WayKeys;
  epoch: "plaintext" | SecretEpoch;
  /** Where it would be already, if the secret were known. */
  pending: SecretEpoch | undefined;
  /** Bytes that are no whole record yet. */
  input: Uint8Array;
  /** Records of a message that is not whole yet. */
  records: Uint8Array[];
  partial: Uint8Array;
  held: { readonly parcels: readonly Sendable[]; left: number }[];
  joined: Uint8Array[];
}

const none = new Uint8Array(0);

export class OnPath {
  /** All that the ends sent, in order. */
  readonly units: Unit[] = [];
  readonly #options: OnPathOptions;
  readonly #ways: Readonly<Record<Role, Way>>;
  readonly #counts = new Map<string, number>();
  readonly #applied = new Set<Step>();
  /** What each end has sent and been given: its transcript. */
  readonly #transcripts: Readonly<Record<Role, Uint8Array[]>> = { client: [], server: [] };
  readonly #delivered: Readonly<Record<Role, Uint8Array[]>> = { client: [], server: [] };
  #suite = 0;
  #isCut = false;

  constructor(options: OnPathOptions) {
    this.#options = options;
    const { provider = noble } = options;
    const way = (from: Role): Way => ({
      from,
      opens: new WayKeys(provider),
      seals: new WayKeys(provider),
      epoch: "plaintext",
      pending: undefined,
      input: none,
      records: [],
      partial: none,
      held: [],
      joined: [],
    });
    this.#ways = { client: way("client"), server: way("server") };
  }

  /** The bytes of handshake messages that an end was given, as far as the adversary could read them. */
  deliveredTo(end: Role): Uint8Array {
    return concat(...this.#delivered[end]);
  }

  /** Steps that found nothing to be applied to. */
  get unapplied(): string[] {
    return this.#options.steps.filter((step) => !this.#applied.has(step)).map(describeStep);
  }

  /** True if an encrypted record of that end could not be read yet, for want of its secret. */
  isBlind(from: Role): boolean {
    const { epoch, pending } = this.#ways[from];
    const wanted = pending ?? (epoch === "plaintext" ? "handshake" : undefined);
    const { secrets } = this.#options;
    if (wanted === undefined || secrets === undefined) return false;
    const isEarly = wanted === "handshake" && secrets.find(from, "early", from) !== undefined;
    return !isEarly && secrets.find(from, wanted, from) === undefined;
  }

  /** Takes what an end sent, in pieces of any size. @throws ScenarioError if a step cannot apply */
  take(from: Role, bytes: Uint8Array): void {
    const way = this.#ways[from];
    way.input = concat(way.input, bytes);
    while (way.input.length >= recordHeaderLength && !this.#isCut) {
      const end = recordHeaderLength + (way.input[3]! << 8) + way.input[4]!;
      if (way.input.length < end) return;
      const record = way.input.slice(0, end);
      way.input = way.input.slice(end);
      this.#takeRecord(way, record);
    }
  }

  /** Lets go what is held back. True if there was something. */
  release(): boolean {
    let released = false;
    for (const way of Object.values(this.#ways)) {
      if (way.joined.length > 0) way.held.push({ parcels: this.#flushJoined(way), left: 0 });
      for (const { parcels } of way.held.splice(0)) {
        released = true;
        this.#send(way, parcels);
      }
    }
    return released;
  }

  /** An end's stream has ended. */
  ended(from: Role): void {
    if (!this.#isCut) this.#options.wire.end(otherRole(from));
  }

  #takeRecord(way: Way, record: Uint8Array): void {
    const opened = this.#open(way, record);
    if (opened === undefined) {
      this.#pass(way, { from: way.from, name: "sealed", raw: record }, [
        { kind: "bytes", bytes: record },
      ]);
    } else if (opened.type === ContentType.handshake) {
      this.#takeHandshake(way, record, opened.content);
    } else {
      const name = nameOf(ContentType, opened.type, 2) as UnitName;
      const isPlain = !way.seals.installed || record[0] === ContentType.change_cipher_spec;
      this.#pass(way, { from: way.from, name, raw: opened.content }, [
        isPlain
          ? { kind: "bytes", bytes: record }
          : { kind: "record", type: opened.type, content: opened.content },
      ]);
    }
  }

  /** Content and type; `undefined` for what the adversary cannot read. */
  #open(way: Way, record: Uint8Array): { type: number; content: Uint8Array } | undefined {
    const type = record[0]!;
    if (type !== ContentType.application_data) {
      if (type === ContentType.handshake && way.epoch === "early") this.#leaveEarly(way);
      return { type, content: record.slice(recordHeaderLength) };
    }
    if (this.#options.secrets === undefined) return undefined;
    if (way.pending !== undefined) this.#enter(way, way.pending);
    if (way.epoch === "plaintext" && !this.#enterEarly(way, record)) this.#enter(way, "handshake");
    let inner = way.opens.open(record);
    if (inner === undefined && way.epoch === "early") {
      // The server refused the early data, so that no EndOfEarlyData came
      this.#enter(way, "handshake");
      inner = way.opens.open(record);
    }
    if (inner === undefined) return undefined;
    const end = inner.findLastIndex((byte) => byte !== 0);
    return { type: inner[end] ?? 0, content: inner.slice(0, Math.max(0, end)) };
  }

  /** Waits for whole messages; records that nobody touches go on as they came. */
  #takeHandshake(way: Way, record: Uint8Array, content: Uint8Array): void {
    way.records.push(record);
    way.partial = concat(way.partial, content);
    const whole: Uint8Array[] = [];
    let at = 0;
    while (way.partial.length - at >= headerLength) {
      const bytes = way.partial.subarray(at);
      const length = headerLength + (bytes[1]! << 16) + (bytes[2]! << 8) + bytes[3]!;
      if (bytes.length < length) return;
      whole.push(bytes.slice(0, length));
      at += length;
    }
    if (at < way.partial.length) return;
    const records = way.records;
    [way.records, way.partial] = [[], none];
    const untouched: Sendable[] = records.map((bytes) => ({ kind: "bytes", bytes }));
    const isOne = whole.length === 1 && !way.seals.installed;
    for (const raw of whole) {
      const name = messageType(raw) ?? "sealed";
      const sendable: Sendable[] = isOne ? untouched : [{ kind: "message", raw }];
      this.#pass(way, { from: way.from, name, raw }, sendable);
    }
  }

  #pass(way: Way, unit: Unit, untouched: readonly Sendable[]): void {
    if (this.#isCut) return;
    this.units.push(unit);
    const isHandshake = isMessage(unit.name);
    if (isHandshake) this.#transcripts[unit.from].push(unit.raw);
    if (unit.name === "server_hello" || unit.name === "hello_retry_request")
      this.#readSuite(unit.raw);
    const steps = this.#matching(unit);
    let parcels: readonly Sendable[] = untouched;
    let current = unit;
    for (const step of steps) {
      if (step.cut === "before") return this.#cut();
      this.#applied.add(step);
      if (step.back !== undefined) this.#sendBack(way, step.back);
      const result = this.#apply(way, step, current, parcels);
      parcels = result.parcels;
      current = result.unit;
    }
    if (way.joined.length > 0 && !steps.some((step) => step.join) && isHandshake) {
      way.joined.push(current.raw);
      parcels = this.#flushJoined(way);
    }
    const hold = steps.find((step) => step.hold !== undefined)?.hold;
    if (hold === undefined) this.#send(way, parcels);
    // Keys change behind these, at the end that sent them and on the way to the other
    this.#follow(way, unit);
    for (const entry of way.held) entry.left--;
    for (const entry of way.held.filter(({ left }) => left <= 0)) {
      way.held.splice(way.held.indexOf(entry), 1);
      this.#send(way, entry.parcels);
    }
    if (hold !== undefined) way.held.push({ parcels, left: hold });
    if (steps.some((step) => step.cut === "after")) this.#cut();
  }

  #matching(unit: Unit): Step[] {
    const { from, name } = unit;
    const key = `${from} ${name}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    const planned = this.#options.steps.filter(
      (step) =>
        step.from === from &&
        step.on === name &&
        unit.raw.length > (step.longerThan ?? -1) &&
        (step.nth === "every" || (step.nth ?? 1) === count),
    );
    const { improvise } = this.#options;
    return improvise === undefined ? planned : [...planned, ...improvise(unit, count)];
  }

  #apply(
    way: Way,
    step: Step,
    unit: Unit,
    parcels: readonly Sendable[],
  ): { unit: Unit; parcels: readonly Sendable[] } {
    const changed = (raw: Uint8Array) => {
      const next = { ...unit, raw };
      return { unit: next, parcels: [sendableOf(next)] };
    };
    const same = (next: readonly Sendable[]) => ({ unit, parcels: next });
    const toSendables = (list: readonly Parcel[]) => list.flatMap((each) => this.#make(each));
    if (step.drop) return same([]);
    if (step.duplicate !== undefined) {
      return same(Array.from({ length: 1 + step.duplicate }, () => parcels).flat());
    }
    if (step.edit !== undefined) {
      const type = asMessage(unit.name, step);
      return changed(editMessage(type, unit.raw, step.edit, (place) => this.#earlier(place)));
    }
    if (step.flip !== undefined) {
      return changed(flipped(unit.raw, step.flip.byte, step.flip.mask ?? 1, unit.name));
    }
    if (step.truncate !== undefined) return changed(shortened(unit, step.truncate));
    if (step.split !== undefined) {
      return same([{ kind: "message", raw: unit.raw, sizes: step.split }]);
    }
    if (step.append !== undefined) {
      const content = concat(unit.raw, hex(step.append));
      return same([{ kind: "record", type: ContentType.handshake, content }]);
    }
    if (step.join) {
      way.joined.push(unit.raw);
      return same([]);
    }
    if (step.before !== undefined) return same([...toSendables(step.before), ...parcels]);
    if (step.after !== undefined) return same([...parcels, ...toSendables(step.after)]);
    if (step.instead !== undefined) return same(toSendables(step.instead));
    if (step.forge !== undefined) return changed(this.#forge(unit, step.forge));
    return same(parcels);
  }

  #make(parcel: Parcel): Sendable[] {
    return sendablesOf(parcel, { seen: this.units, earlier: this.#options.earlier ?? [] });
  }

  #earlier(place: Place): Uint8Array {
    return findUnit(place, this.#options.earlier ?? []).raw;
  }

  #send(way: Way, parcels: readonly Sendable[]): void {
    for (const parcel of parcels) this.#sendOne(way, parcel);
  }

  #sendOne(way: Way, parcel: Sendable): void {
    const to = otherRole(way.from);
    if (parcel.kind === "message") {
      this.#transcripts[to].push(parcel.raw);
      let at = 0;
      for (const size of [...(parcel.sizes ?? []), parcel.raw.length]) {
        const end = Math.min(at + size, parcel.raw.length);
        while (at < end) {
          const stop = Math.min(end, at + 2 ** 14);
          this.#sendRecord(way, ContentType.handshake, parcel.raw.subarray(at, stop));
          at = stop;
        }
      }
      // The receiver changes keys behind it, whoever made it
      if (parcel.raw[0] === HandshakeType.key_update) way.seals.update();
      return;
    }
    if (parcel.kind === "record") {
      this.#sendRecord(way, parcel.type, parcel.content, parcel.trailer);
      return;
    }
    const { bytes } = parcel;
    if (bytes[0] === ContentType.handshake) {
      this.#delivered[to].push(bytes.subarray(recordHeaderLength));
    }
    if (bytes[0] === ContentType.handshake)
      this.#transcripts[to].push(...messagesIn(bytes, this.#transcripts[way.from]));
    this.#options.wire.deliver(to, bytes);
  }

  #sendRecord(way: Way, type: number, content: Uint8Array, trailer?: Uint8Array): void {
    if (type === ContentType.handshake) this.#delivered[otherRole(way.from)].push(content);
    const isClear = type === ContentType.change_cipher_spec && trailer === undefined;
    const sealed = isClear ? undefined : way.seals.seal(content, trailer ?? Uint8Array.of(type));
    const bytes = sealed ?? concat(recordHeader(type, content.length), content);
    this.#options.wire.deliver(otherRole(way.from), bytes);
  }

  /** What the adversary says to the end that a unit came from, under the keys towards that end. */
  #sendBack(way: Way, back: readonly Parcel[]): void {
    this.#send(
      this.#ways[otherRole(way.from)],
      back.flatMap((parcel) => this.#make(parcel)),
    );
  }

  #flushJoined(way: Way): Sendable[] {
    const content = concat(...way.joined);
    for (const raw of way.joined) this.#transcripts[otherRole(way.from)].push(raw);
    way.joined = [];
    return [{ kind: "record", type: ContentType.handshake, content }];
  }

  #cut(): void {
    this.#isCut = true;
    for (const step of this.#options.steps) if (step.cut !== undefined) this.#applied.add(step);
    this.#options.wire.end("client");
    this.#options.wire.end("server");
  }

  #readSuite(raw: Uint8Array): void {
    try {
      this.#suite = decodeMessage(messageType(raw) as "server_hello", raw).body.cipherSuite;
    } catch {
      // A hello that cannot be read says no suite; what follows stays closed
    }
  }

  #follow(way: Way, { name }: Unit): void {
    if (this.#options.secrets === undefined) return;
    if (name === "server_hello") this.#enter(this.#ways.server, "handshake");
    else if (name === "end_of_early_data") this.#enter(way, "handshake");
    else if (name === "finished") this.#enter(way, "application");
    else if (name === "key_update") {
      way.opens.update();
    }
  }

  /** To the next keys: of the end that sends, and as the end that receives has them. */
  #enter(way: Way, epoch: SecretEpoch): void {
    const { secrets } = this.#options;
    const ours = secrets?.find(way.from, epoch, way.from);
    const theirs = secrets?.find(otherRole(way.from), epoch, way.from);
    if (ours === undefined || theirs === undefined || this.#suite === 0) {
      way.pending = epoch;
      return;
    }
    way.epoch = epoch;
    way.pending = undefined;
    way.opens.install(this.#suite, ours);
    way.seals.install(this.#suite, theirs);
  }

  /** The suite of early data is that of the ticket, which nobody says: the one that opens the first record. */
  #enterEarly(way: Way, record: Uint8Array): boolean {
    const secret = this.#options.secrets?.find(way.from, "early", way.from);
    if (secret === undefined) return false;
    const { provider = noble } = this.#options;
    const suite = suites.find(({ code, hash }) => {
      if (provider.hashes[hash].length !== secret.length) return false;
      const trial = new WayKeys(provider);
      trial.install(code, secret);
      return trial.open(record) !== undefined;
    });
    if (suite === undefined) return false;
    way.epoch = "early";
    way.opens.install(suite.code, secret);
    way.seals.install(suite.code, secret);
    return true;
  }

  #leaveEarly(way: Way): void {
    way.epoch = "plaintext";
    way.opens.remove();
    way.seals.remove();
  }

  #forge(unit: Unit, what: "finished" | "certificate_verify"): Uint8Array {
    const to = otherRole(unit.from);
    return forge(unit, what, {
      suite: this.#suite,
      secret: this.#options.secrets?.find(to, "handshake", unit.from),
      transcript: this.#transcripts[to],
      signer: this.#options.signer,
    });
  }
}

/** Messages that pass untouched are those that their sender's transcript ends with. */
function messagesIn(record: Uint8Array, sent: readonly Uint8Array[]): Uint8Array[] {
  const content = record.subarray(recordHeaderLength);
  const last = sent.at(-1);
  return last !== undefined &&
    content[0] === last[0] &&
    content.length >= Math.min(last.length, headerLength)
    ? [last]
    : [];
}
