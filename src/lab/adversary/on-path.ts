/** The adversary: it stands between two ends, sees what they send, and delivers what it likes. */
import type { Medium, Outlet } from "../../connection/pump.ts";
import { noble, type Provider, type Suite, suites as registered } from "../../crypto/index.ts";
import { type Group, groups as registeredGroups } from "../../groups/index.ts";
import type { Signer } from "../../identity/index.ts";
import { headerLength, messageType } from "../../messages/index.ts";
import { recordHeaderLength } from "../../record/index.ts";
import { recordHeader } from "../../record/protection.ts";
import * as check from "../../registry/check.ts";
import { ContentType, nameOf } from "../../registry/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import { editMessage, flipped } from "./edit.ts";
import { FollowedKeys } from "../trace/followed-keys.ts";
import { type TracedMessage, type TracedRecord, TraceReader } from "../trace/reader.ts";
import { type Forgery, forgeFinished, forgeSignature } from "./forge.ts";
import type { Secrets } from "../trace/keys.ts";
import {
  asMessage,
  findUnit,
  hex,
  isMessage,
  type Sendable,
  sendableOf,
  sendablesOf,
  shortened,
} from "./injections.ts";
import {
  describeStep,
  type Injection,
  type Place,
  type Signing,
  type Step,
  type Unit,
  type UnitName,
} from "./step.ts";

/** What an adversary on the path does, and the keys that it has. */
export interface OnPathOptions {
  /** What it does, in order. */
  readonly steps: readonly Step[];
  /** With these it reads and writes what is encrypted; without it passes that on as it is. */
  readonly secrets?: Secrets | undefined;
  /** For what is encrypted. Default: `noble`. */
  readonly provider?: Provider;
  /** Cipher suites beside those that are registered. */
  readonly suites?: readonly Suite[] | undefined;
  /** Groups beside those that are registered, whose shares steps name by their parts. */
  readonly groups?: readonly Group[] | undefined;
  /** Finds the keys with which it can sign: of an end, or one by its name. */
  readonly signerOf?: ((from: Role, key: Signing["key"]) => Signer | undefined) | undefined;
  /** Steps that are made up on the way; `nth` is the unit's place among those of its kind. */
  readonly improvise?: ((unit: Unit, nth: number) => readonly Step[]) | undefined;
  /** Units of a connection before this one. */
  readonly earlier?: readonly Unit[] | undefined;
}

const checkOnPath = check.complete(
  {
    steps: check.listOf(check.like("a step: { from, on, … }", "from", "on")),
    secrets: check.like("secrets: new KeyLogSecrets()", "add"),
    provider: check.like("a provider, such as noble", "aeads", "hashes"),
    suites: check.listOf(check.like("a cipher suite", "code", "aead", "hash")),
    groups: check.listOf(check.like("a group", "code", "kems")),
    signerOf: check.callable,
    improvise: check.callable,
    earlier: check.listOf(check.like("a unit of another OnPath", "from", "name", "raw")),
  } satisfies check.OptionTable<OnPathOptions>,
  "write { steps }",
  ["steps"],
);

/** What is to be done once the keys have changed behind what passed. */
type Afterwards = (() => void) | undefined;

/** What comes from one end, and how it goes on. */
interface Way {
  readonly from: Role;
  held: { readonly injections: readonly Sendable[]; left: number }[];
  joined: Uint8Array[];
}

/** An adversary between two ends: it reads, changes, drops, repeats and adds what travels, step by step. */
export class OnPath implements Medium {
  /** All that the ends sent, in order. */
  readonly units: Unit[] = [];
  readonly #options: OnPathOptions;
  readonly #ways: Readonly<Record<Role, Way>>;
  readonly #counts = new Map<string, number>();
  readonly #applied = new Set<Step>();
  /** What each end has sent and been given: its transcript. */
  readonly #transcripts: Readonly<Record<Role, Uint8Array[]>> = { client: [], server: [] };
  readonly #delivered: Readonly<Record<Role, Uint8Array[]>> = { client: [], server: [] };
  readonly #provider: Provider;
  readonly #groups: readonly Group[];
  readonly #keys: FollowedKeys;
  readonly #reader: TraceReader;
  #isCut = false;
  #outlet: Outlet | undefined;

  /** @throws TypeError for options that cannot be */
  constructor(options: OnPathOptions) {
    checkOnPath(options, "OnPath");
    this.#options = options;
    const { secrets, provider = noble, suites = [], groups = [] } = options;
    this.#provider = provider;
    this.#groups = [...groups, ...registeredGroups];
    this.#keys = new FollowedKeys(secrets, provider, [...suites, ...registered]);
    this.#reader = new TraceReader(this.#keys);
    const way = (from: Role): Way => ({
      from,
      held: [],
      joined: [],
    });
    this.#ways = { client: way("client"), server: way("server") };
  }

  /** Says where what it lets through is delivered. A run does it. */
  attach(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  /** The bytes of handshake messages that an end was given, as far as the adversary could read them. */
  deliveredTo(end: Role): Uint8Array {
    return concat(...this.#delivered[end]);
  }

  /** Steps that found nothing to be applied to. */
  get unapplied(): string[] {
    return this.#options.steps.filter((step) => !this.#applied.has(step)).map(describeStep);
  }

  /** True if an encrypted record of that end could not be read yet, for lack of its secret. */
  isBlind(from: Role): boolean {
    return this.#keys.isBlind(from);
  }

  /** Takes what an end sent, in pieces of any size. @throws ScenarioError if a step cannot apply */
  take(from: Role, bytes: Uint8Array): void {
    const way = this.#ways[from];
    let afterwards: Afterwards;
    for (const item of this.#reader.read(from, bytes)) {
      afterwards?.();
      if (this.#isCut) return;
      afterwards = item.kind === "gap" ? undefined : this.#takeItem(way, item);
    }
    afterwards?.();
  }

  /** Lets go what is held back. True if there was something. */
  advance(): boolean {
    let released = false;
    for (const way of Object.values(this.#ways)) {
      if (way.joined.length > 0) way.held.push({ injections: this.#flushJoined(way), left: 0 });
      for (const { injections } of way.held.splice(0)) {
        released = true;
        this.#send(way, injections);
      }
    }
    return released;
  }

  /** An end's stream has ended. */
  end(from: Role): void {
    if (!this.#isCut) this.#outlet?.end(otherRole(from));
  }

  #takeItem(way: Way, item: TracedRecord | TracedMessage): Afterwards {
    const { from } = way;
    const { raw } = item;
    const isInTheClear = !this.#keys.areInstalled(from);
    if (item.kind === "message") {
      const unit = { from, name: messageType(raw) ?? ("sealed" as const), raw };
      // Records that nobody touches go on as they came
      return this.#pass(
        way,
        unit,
        item.alone && isInTheClear
          ? item.records.map((bytes) => ({ kind: "bytes", bytes }))
          : [{ kind: "message", raw }],
      );
    }
    const { content, record } = item;
    const { type } = record;
    const asItCame: Sendable = { kind: "bytes", bytes: raw };
    if (content === undefined) return this.#pass(way, { from, name: "sealed", raw }, [asItCame]);
    if (type === ContentType.handshake) return undefined;
    const unit = { from, name: nameOf(ContentType, type, 2) as UnitName, raw: content };
    const isPlain = isInTheClear || raw[0] === ContentType.change_cipher_spec;
    return this.#pass(way, unit, [isPlain ? asItCame : { kind: "record", type, content }]);
  }

  #pass(way: Way, unit: Unit, untouched: readonly Sendable[]): Afterwards {
    this.units.push(unit);
    const isHandshake = isMessage(unit.name);
    if (isHandshake) this.#transcripts[unit.from].push(unit.raw);
    const steps = this.#matching(unit);
    let injections: readonly Sendable[] = untouched;
    let current = unit;
    for (const step of steps) {
      if (step.cut === "before") {
        this.#cut();
        return undefined;
      }
      this.#applied.add(step);
      if (step.back !== undefined) this.#sendBack(way, step.back);
      const result = this.#apply(way, step, current, injections);
      injections = result.injections;
      current = result.unit;
    }
    if (way.joined.length > 0 && !steps.some((step) => step.join) && isHandshake) {
      way.joined.push(current.raw);
      injections = this.#flushJoined(way);
    }
    const hold = steps.find((step) => step.hold !== undefined)?.hold;
    if (hold === undefined) this.#send(way, injections);
    return () => {
      for (const entry of way.held) entry.left--;
      for (const entry of way.held.filter(({ left }) => left <= 0)) {
        way.held.splice(way.held.indexOf(entry), 1);
        this.#send(way, entry.injections);
      }
      if (hold !== undefined) way.held.push({ injections, left: hold });
      if (steps.some((step) => step.cut === "after")) this.#cut();
    };
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
    injections: readonly Sendable[],
  ): { unit: Unit; injections: readonly Sendable[] } {
    const changed = (raw: Uint8Array) => {
      const next = { ...unit, raw };
      return { unit: next, injections: [sendableOf(next)] };
    };
    const same = (next: readonly Sendable[]) => ({ unit, injections: next });
    const toSendables = (list: readonly Injection[]) => list.flatMap((each) => this.#make(each));
    if (step.drop) return same([]);
    if (step.duplicate !== undefined) {
      return same(Array.from({ length: 1 + step.duplicate }, () => injections).flat());
    }
    if (step.edit !== undefined) {
      const type = asMessage(unit.name, step);
      const context = { earlier: (place: Place) => this.#earlier(place), groups: this.#groups };
      return changed(editMessage(type, unit.raw, step.edit, context));
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
    if (step.before !== undefined) return same([...toSendables(step.before), ...injections]);
    if (step.after !== undefined) return same([...injections, ...toSendables(step.after)]);
    if (step.instead !== undefined) return same(toSendables(step.instead));
    if (step.forge !== undefined) return changed(forgeFinished(this.#forgery(unit)));
    if (step.sign !== undefined) {
      const signer = this.#options.signerOf?.(unit.from, step.sign.key);
      return changed(forgeSignature(unit, step.sign, signer, this.#forgery(unit)));
    }
    return same(injections);
  }

  #make(injection: Injection): Sendable[] {
    return sendablesOf(injection, { seen: this.units, earlier: this.#options.earlier ?? [] });
  }

  #earlier(place: Place): Uint8Array {
    return findUnit(place, this.#options.earlier ?? []).raw;
  }

  #send(way: Way, injections: readonly Sendable[]): void {
    for (const injection of injections) this.#sendOne(way, injection);
  }

  #sendOne(way: Way, injection: Sendable): void {
    const to = otherRole(way.from);
    if (injection.kind === "message") {
      this.#transcripts[to].push(injection.raw);
      let at = 0;
      for (const size of [...(injection.sizes ?? []), injection.raw.length]) {
        const end = Math.min(at + size, injection.raw.length);
        while (at < end) {
          const stop = Math.min(end, at + 2 ** 14);
          this.#sendRecord(way, ContentType.handshake, injection.raw.subarray(at, stop));
          at = stop;
        }
      }
      this.#keys.given(way.from, injection.raw);
      return;
    }
    if (injection.kind === "record") {
      this.#sendRecord(way, injection.type, injection.content, injection.trailer);
      return;
    }
    const { bytes } = injection;
    if (bytes[0] === ContentType.handshake) {
      this.#delivered[to].push(bytes.subarray(recordHeaderLength));
    }
    if (bytes[0] === ContentType.handshake)
      this.#transcripts[to].push(...messagesIn(bytes, this.#transcripts[way.from]));
    this.#outlet?.deliver(to, bytes);
  }

  #sendRecord(way: Way, type: number, content: Uint8Array, trailer?: Uint8Array): void {
    if (type === ContentType.handshake) this.#delivered[otherRole(way.from)].push(content);
    const isClear = type === ContentType.change_cipher_spec && trailer === undefined;
    const sealed = isClear
      ? undefined
      : this.#keys.seal(way.from, content, trailer ?? Uint8Array.of(type));
    const bytes = sealed ?? concat(recordHeader(type, content.length), content);
    this.#outlet?.deliver(otherRole(way.from), bytes);
  }

  /** What the adversary says to the end that a unit came from, under the keys towards that end. */
  #sendBack(way: Way, back: readonly Injection[]): void {
    this.#send(
      this.#ways[otherRole(way.from)],
      back.flatMap((injection) => this.#make(injection)),
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
    this.#outlet?.end("client");
    this.#outlet?.end("server");
  }

  #forgery({ from }: Unit): Forgery {
    const to = otherRole(from);
    return {
      suite: this.#keys.suite,
      provider: this.#provider,
      secret: this.#keys.handshakeSecret(to, from),
      transcript: this.#transcripts[to],
    };
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
