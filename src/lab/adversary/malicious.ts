/**
 * A malicious peer: an end of ours whose messages are changed as they are encoded, before they are hashed
 * and sent. Its CertificateVerify, Finished and binders then cover what it really sent, so that the other
 * end sees a consistent handshake in which only the changed field is wrong. A check that is missing at the
 * other end shows: it opens.
 */
import { noble, suiteByCode } from "../../crypto/index.ts";
import { bindersLength } from "../../extensions/index.ts";
import { groups } from "../../groups/index.ts";
import type { LocalSigner } from "../../identity/index.ts";
import {
  decodeMessage,
  encodeMessage,
  type Extensions,
  headerLength,
  type MessageBody,
  messageType,
  type MessageType,
} from "../../messages/index.ts";
import {
  type Incoming,
  type KeyUpdateRequestName,
  Link,
  type LinkOptions,
} from "../../record/index.ts";
import { KeyUpdateRequest } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import { editMessage, flipped, ScenarioError } from "./edit.ts";
import { forgeSignature } from "./forge.ts";
import { asMessage, findUnit, hex, sendablesOf, shortened } from "./injections.ts";
import { describeStep, type Injection, type Signing, type Step, type Unit } from "./step.ts";

/** A message as the engine meant it, and what was sent in its place: any bytes, or none. */
export interface SentMessage {
  readonly type: MessageType;
  readonly meant: Uint8Array;
  readonly sent: Uint8Array;
  readonly steps: readonly Step[];
}

export interface Malice {
  readonly steps: readonly Step[];
  readonly signerOf: (from: Role, key: Signing["key"]) => LocalSigner | undefined;
  /** Steps that are made up on the way; `nth` is the message's place among those of its kind. */
  readonly improvise?: (unit: Unit, nth: number) => readonly Step[];
}

export class MaliciousLink<Self extends Role> extends Link<Self> {
  /** Every message, in order. */
  readonly sent: SentMessage[] = [];
  /** A step that cannot be done; the message went out unchanged. */
  refusal: ScenarioError | undefined;
  readonly #malice: Malice;
  readonly #applied = new Set<Step>();
  readonly #seen: Unit[] = [];

  constructor(options: LinkOptions<Self>, malice: Malice) {
    super(options);
    this.#malice = malice;
  }

  get unapplied(): string[] {
    return this.#malice.steps.filter((step) => !this.#applied.has(step)).map(describeStep);
  }

  /** Whether a step that names this key signs as the end would itself. */
  isOwnKey(key: Signing["key"]): boolean {
    const { signerOf } = this.#malice;
    return signerOf(this.role, key) === signerOf(this.role, undefined);
  }

  /** Extensions of the ClientHello that it answers. */
  get lastHello(): Extensions<"client_hello"> | undefined {
    const hello = this.#seen.findLast(({ name }) => name === "client_hello");
    return hello && decodeMessage("client_hello", hello.raw).body.extensions;
  }

  encode<T extends MessageType>(type: T, body: MessageBody<T>): Uint8Array {
    const meant = encodeMessage(type, body);
    const unit: Unit = { from: this.role, name: type, raw: meant };
    const steps = this.#matching(unit);
    let sent = meant;
    try {
      for (const step of steps) sent = this.#apply(step, { ...unit, raw: sent });
      if (type === "client_hello") checkRoom(body, sent);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      this.refusal ??= error;
      sent = meant;
    }
    // What it offers is what it said: it goes on by that
    if (type === "client_hello" && sent !== meant) reread(body, sent);
    this.sent.push({ type, meant, sent, steps });
    this.#seen.push({ ...unit, raw: sent });
    return sent;
  }

  override sendRaw(raw: Uint8Array): void {
    if (raw.length > 0) super.sendRaw(raw);
  }

  protected override keyUpdate(request: KeyUpdateRequestName): Uint8Array {
    return this.encode("key_update", { requestUpdate: KeyUpdateRequest[request] });
  }

  override next(): Incoming | undefined {
    const incoming = super.next();
    if (incoming?.kind === "message") {
      const name = messageType(incoming.raw) ?? "sealed";
      const from = this.role === "client" ? "server" : "client";
      this.#seen.push({ from, name, raw: incoming.raw.slice() });
    }
    return incoming;
  }

  #matching(unit: Unit): readonly Step[] {
    const nth = 1 + this.sent.filter(({ type }) => type === unit.name).length;
    const planned = this.#malice.steps.filter(
      (step) =>
        step.from === unit.from &&
        step.on === unit.name &&
        unit.raw.length > (step.longerThan ?? -1) &&
        (step.nth === "every" || (step.nth ?? 1) === nth),
    );
    return [...planned, ...(this.#malice.improvise?.(unit, nth) ?? [])];
  }

  #apply(step: Step, unit: Unit): Uint8Array {
    this.#applied.add(step);
    const { raw } = unit;
    const made = (injections: readonly Injection[]) =>
      concat(...injections.map((each) => this.#make(each)));
    if (step.drop) return new Uint8Array(0);
    if (step.duplicate !== undefined) {
      return concat(...Array.from({ length: 1 + step.duplicate }, () => raw));
    }
    if (step.edit !== undefined) {
      return editMessage(asMessage(unit.name, step), raw, step.edit, {
        earlier: (place) => findUnit(place, this.#seen).raw,
        groups,
      });
    }
    if (step.flip !== undefined)
      return flipped(raw, step.flip.byte, step.flip.mask ?? 1, unit.name);
    if (step.truncate !== undefined) return shortened(unit, step.truncate);
    if (step.append !== undefined) return lengthened(raw, hex(step.append));
    if (step.before !== undefined) return concat(made(step.before), raw);
    if (step.after !== undefined) return concat(raw, made(step.after));
    if (step.instead !== undefined) return made(step.instead);
    if (step.sign !== undefined) return this.#sign(step.sign, unit);
    throw new ScenarioError(`${describeStep(step)}: a malicious end does no such thing`);
  }

  #make(injection: Injection): Uint8Array {
    const [sendable] = sendablesOf(injection, { seen: this.#seen, earlier: [] });
    if (sendable?.kind === "message") return sendable.raw;
    throw new ScenarioError("a malicious end puts messages beside its own, and nothing else");
  }

  #sign(signing: Signing, unit: Unit): Uint8Array {
    const transcript = this.#seen.map(({ raw }) => raw);
    const hello = this.#seen.findLast(({ name }) => name === "server_hello");
    if (hello === undefined) throw new ScenarioError("there is nothing to sign yet");
    const { cipherSuite } = decodeMessage("server_hello", hello.raw).body;
    const signer = this.#malice.signerOf(this.role, signing.key);
    return forgeSignature(unit, signing, signer, {
      suite: suiteByCode(cipherSuite),
      provider: noble,
      secret: undefined,
      transcript,
    });
  }
}

/** Binders are written into what was encoded. */
function checkRoom(body: object, sent: Uint8Array): void {
  const { pre_shared_key: psks } = (body as MessageBody<"client_hello">).extensions;
  if (psks === undefined || sent.length >= bindersLength(psks.binders)) return;
  throw new ScenarioError(`a client_hello of ${sent.length} bytes has no room for its binders`);
}

/** Within the message: its length says so. */
function lengthened(raw: Uint8Array, more: Uint8Array): Uint8Array {
  if (raw.length < headerLength) throw new ScenarioError("what has no header has no length");
  const whole = concat(raw, more);
  const length = whole.length - headerLength;
  whole.set([length >> 16, (length >> 8) & 0xff, length & 0xff], 1);
  return whole;
}

function reread(body: object, sent: Uint8Array): void {
  try {
    Object.assign(body, decodeMessage("client_hello", sent).body);
  } catch {
    // What cannot be read is nothing to go by
  }
}
