/**
 * Reads one connection as its bytes come, and says what it was: which protocol, what each message holds, what was
 * negotiated and proved, what the detectors find, and what a standard forbids.
 *
 * It keeps what a handshake needs and no more: application data is opened, so that what stands among it is found, and
 * is counted and forgotten. What is kept is paid for out of one budget of all connections; who cannot pay goes on to
 * count bytes only.
 */
import type { Provider, Suite } from "../../crypto/index.ts";
import type { Finding } from "../../detection/index.ts";
import { isHostName } from "../../extensions/index.ts";
import type { CertificateCompressor } from "../../handshake/index.ts";
import { groups as registeredGroups, isHybrid, isPostQuantum } from "../../groups/index.ts";
import { messageType } from "../../messages/index.ts";
import {
  AlertDescription,
  ContentType,
  HandshakeType,
  ProtocolVersion,
} from "../../registry/index.ts";
import { labelOf } from "../trace/names.ts";
import type { Role } from "../../schedule/index.ts";
import type { Budget } from "../trace/budget.ts";
import { FollowedKeys } from "../trace/followed-keys.ts";
import type { Secrets } from "../trace/keys.ts";
import { type Ledger, ledgerOf } from "../trace/ledger.ts";
import { type TracedMessage, type TraceItem, TraceReader } from "../trace/reader.ts";
import { senderOf, type Trace, type TraceEvent, type TraceGap } from "../trace/trace.ts";
import { type WireFacts, wireFacts } from "../trace/wire-facts.ts";
import { findingsOf, type SentAlert } from "./findings.ts";
import { type Proof, proofsOf } from "./proofs.ts";
import { enough, otherProtocol, selectedVersion, versionName } from "./protocol.ts";
import { brokenRules, recordViolation, type Violation } from "./rules.ts";
import { Script } from "./script.ts";

/** What the messages say that was agreed on; what they do not show is `null`. */
export interface InspectedFacts extends WireFacts {
  /** The key exchange is believed to withstand a quantum computer; of a group that is not known `null`. */
  readonly postQuantum: boolean | null;
  /** The key exchange combines several components; of a group that is not known `null`. */
  readonly hybrid: boolean | null;
  /** The host name that the client asked for. */
  readonly serverName: string | null;
  /** The application protocol. */
  readonly alpn: string | null;
}

/** What was sent and is not listed one by one. */
export interface Unlisted {
  /** How many records. */
  readonly records: number;
  /** Their bytes on the wire. */
  readonly bytes: number;
}

/** What a connection was. */
export interface Inspection {
  /**
   * `TLS 1.3`; another version of TLS, or another protocol, which is named and left alone; `TLS, …` where too little was
   * seen to tell.
   */
  readonly protocol: string;
  /** What was agreed on. */
  readonly facts: InspectedFacts;
  /** Flights, sizes and round trips. */
  readonly ledger: Ledger;
  /** Finished, signatures and binders, and whether they are right. */
  readonly proofs: readonly Proof[];
  /** What the detectors make of it, and what the wire alone shows. */
  readonly findings: readonly Finding[];
  /** Rules of the standard that an end broke. */
  readonly violations: readonly Violation[];
  /** Alerts of both ends, in order. */
  readonly alerts: readonly SentAlert[];
  /** Places at which bytes are missing; `null`: nobody knows how many. */
  readonly gaps: readonly { readonly from: Role; readonly bytes: number | null }[];
  /** Records that could not be opened. */
  readonly sealed: Readonly<Record<Role, number>>;
  /** What each end sent and is not among the `items`. */
  readonly unlisted: Readonly<Record<Role, Unlisted>>;
  /** All bytes, read or not. */
  readonly bytes: Readonly<Record<Role, number>>;
  /** Records and handshake messages, as far as they are listed. */
  readonly items: readonly TraceItem[];
  /** The connection by itself; where more than the handshake was sent, that is a gap. */
  readonly trace: Trace;
}

/** With what a connection is read. */
export interface InspectorTerms {
  readonly provider: Provider;
  readonly suites: readonly Suite[];
  readonly secrets: Secrets;
  readonly psks: readonly Uint8Array[];
  readonly compressors: readonly CertificateCompressor[];
  /** What all connections keep together. */
  readonly budget: Budget;
  /** What all may try to find records behind gaps. */
  readonly search: Budget;
  /** Its first bytes are there. */
  readonly fromTheStart: boolean;
}

/** Records and messages that are listed, and events of the trace. */
const maxListed = 4096;
/** Bytes of messages, and of the trace, that are kept. */
const maxKept = 4 * 2 ** 20;
/** Bytes of a handshake message, and its records. */
const limits = { message: 2 ** 21, records: 4096 };
/** What an open connection holds beside what it keeps: records that are not whole, in either direction. */
const openCost = 40 * 1024;
/** What an item costs beside the bytes of its message. */
const itemCost = 400;

export class Inspector {
  readonly #terms: InspectorTerms;
  readonly #keys: FollowedKeys;
  readonly #items: TraceItem[] = [];
  readonly #events: TraceEvent[] = [];
  readonly #violations: Violation[] = [];
  readonly #alerts: SentAlert[] = [];
  readonly #gaps: { from: Role; bytes: number | null }[] = [];
  readonly #sealed = { client: 0, server: 0 };
  readonly #bytes = { client: 0, server: 0 };
  readonly #unlisted = { client: { records: 0, bytes: 0 }, server: { records: 0, bytes: 0 } };
  /** Of each end, until there are enough to tell what it speaks. */
  readonly #first: Record<Role, Uint8Array | undefined> = { client: empty, server: empty };
  readonly #finished = new Set<Role>();
  /** Whose last item is a gap. */
  readonly #inGap = new Set<Role>();
  /** Where the gap of each end stands among the events that are kept, if something was left out. */
  readonly #leftOut = new Map<Role, number>();
  #reader: TraceReader | undefined;
  #other: string | undefined;
  #kept = 0;
  #isCut = false;

  constructor(terms: InspectorTerms) {
    const { provider, suites, secrets, budget, search } = terms;
    this.#terms = terms;
    this.#keys = new FollowedKeys(secrets, provider, suites, search);
    if (budget.take(openCost)) this.#reader = new TraceReader(this.#keys, limits);
    else this.#other = "not read: too many connections at once";
  }

  event(event: TraceEvent): void {
    const from = senderOf(event);
    if (event.kind === "bytes") this.#bytes[from] += event.bytes.length;
    if (this.#reader === undefined || this.#other !== undefined) return;
    if (event.kind === "end") return this.#keepEvent(event);
    if (event.kind === "gap") return this.#gap(event, this.#reader);
    if (this.#isInTheMiddle(from, event.bytes)) {
      const { at, end, direction } = event;
      this.#gap({ kind: "gap", at, end, direction }, this.#reader);
    } else if (!this.#speaksTls(from, event.bytes)) return;
    const before = this.#unlisted[from].records;
    for (const item of this.#reader.read(from, event.bytes, event.at)) {
      this.#item(item);
      if (this.#other !== undefined) return;
    }
    // What is data alone is left out of the trace as well
    if (this.#unlisted[from].records > before) this.#leaveOut(event);
    else this.#keepEvent({ ...event, bytes: event.bytes.slice() });
  }

  /** What was read until now. */
  get inspection(): Inspection {
    const messages = this.#items.filter((item) => item.kind === "message");
    const script = new Script(messages);
    const isTls13 = this.#other === undefined;
    const hasGap = this.#gaps.length > 0 || this.#isCut;
    const isIncomplete = hasGap || !this.#terms.fromTheStart || !isWhole(script);
    return {
      protocol: this.#other ?? protocolOf(script),
      facts: inspectedFacts(script, this.#items),
      ledger: ledgerOf({ sent: this.#items.filter((item) => item.kind !== "gap") }),
      proofs: isTls13
        ? proofsOf({
            ...this.#terms,
            script,
            secretOf: (sender) => this.#keys.handshakeSecret(sender, sender),
            isIncomplete,
          })
        : [],
      findings: findingsOf(script, this.#alerts),
      violations: isTls13 ? [...brokenRules(script), ...this.#violations] : [],
      alerts: this.#alerts,
      gaps: this.#gaps,
      sealed: this.#sealed,
      unlisted: this.#unlisted,
      bytes: this.#bytes,
      items: this.#items,
      trace: { events: this.#events, keyLog: this.#keys.keyLog },
    };
  }

  /** Nothing comes any more: what only reading needs is let go. */
  finish(): void {
    if (this.#reader !== undefined) this.#terms.budget.giveBack(openCost);
    this.#reader = undefined;
  }

  /** What comes behind it tells no protocol. */
  #gap(event: TraceGap, reader: TraceReader): void {
    const from = senderOf(event);
    this.#first[from] = undefined;
    this.#keepEvent(event);
    this.#item(reader.gap(from, event.bytes, event.at));
  }

  #item(item: TraceItem): void {
    const { from } = item;
    if (item.kind === "gap") {
      // What came behind the missing bytes until a record was found is of the same gap
      if (!this.#inGap.has(from) && this.#gaps.length < 1000) {
        this.#gaps.push({ from, bytes: item.bytes ?? null });
      }
      this.#inGap.add(from);
      return;
    }
    this.#inGap.delete(from);
    if (item.kind === "message") {
      if (messageType(item.raw) === "finished") this.#finished.add(from);
      this.#keep(item, item.raw.length);
      this.#checkVersion(item);
      return;
    }
    const { record, content, raw } = item;
    if (record.epoch === "sealed") this.#sealed[from]++;
    if (record.type === ContentType.alert && content?.length === 2) this.#alert(from, content);
    const broken = recordViolation(item);
    if (broken !== undefined && this.#violations.length < 100) this.#violations.push(broken);
    const isData = record.type === ContentType.application_data && this.#isOpen;
    if (isData && this.#items.length >= listedData) this.#count(from, raw.length);
    // Its bytes stand in the trace
    else this.#keep({ ...item, raw: empty, content: undefined }, 0);
  }

  get #isOpen(): boolean {
    return this.#finished.size === 2 || this.#sealed.client + this.#sealed.server > 64;
  }

  /** Lists an item, or counts it. */
  #keep(item: TraceItem, bytes: number): void {
    const cost = itemCost + bytes;
    const isRoom = this.#items.length < maxListed && this.#kept + cost <= maxKept;
    if (isRoom && this.#terms.budget.take(cost)) {
      this.#kept += cost;
      this.#items.push(item);
      return;
    }
    if (item.kind === "message") this.#isCut = true;
    else if (item.kind === "record") this.#count(item.from, item.record.wireLength);
  }

  #count(from: Role, bytes: number): void {
    this.#unlisted[from].records++;
    this.#unlisted[from].bytes += bytes;
  }

  #keepEvent(event: TraceEvent): void {
    const cost = itemCost + (event.kind === "bytes" ? event.bytes.length : 0);
    const isRoom = this.#events.length < maxListed && this.#kept + cost <= maxKept;
    if (!this.#leftOut.has(event.end) && isRoom && this.#terms.budget.take(cost)) {
      this.#kept += cost;
      this.#events.push(event);
    } else this.#leaveOut(event);
  }

  /** One gap for it and for all that comes later in its direction. */
  #leaveOut(event: TraceEvent): void {
    const bytes = event.kind === "bytes" ? event.bytes.length : 0;
    const place = this.#leftOut.get(event.end);
    const gap = place === undefined ? undefined : this.#events[place];
    if (gap?.kind === "gap") {
      this.#events[place!] = { ...gap, bytes: (gap.bytes ?? 0) + bytes };
      return;
    }
    const { at, end, direction } = event;
    this.#leftOut.set(end, this.#events.length);
    this.#events.push({ kind: "gap", at, end, direction, bytes });
  }

  #alert(from: Role, [, code = 0]: Uint8Array): void {
    if (this.#alerts.length >= 100) return;
    const during = this.#finished.size === 2 ? "connection" : "handshake";
    this.#alerts.push({ from, code, description: labelOf(AlertDescription, code, 1), during });
  }

  /** What came before this end's first bytes was not captured: with secrets the place and the number of a record are found. */
  #isInTheMiddle(from: Role, bytes: Uint8Array): boolean {
    if (this.#terms.fromTheStart || this.#first[from]?.length !== 0) return false;
    return !isFirstHello(bytes) && this.#keys.canFind(from);
  }

  #speaksTls(from: Role, bytes: Uint8Array): boolean {
    const first = this.#first[from];
    if (first === undefined) return true;
    const joined = new Uint8Array(Math.min(enough, first.length + bytes.length));
    joined.set(first);
    joined.set(bytes.subarray(0, joined.length - first.length), first.length);
    this.#other = otherProtocol(from, joined);
    this.#first[from] = joined.length < enough ? joined : undefined;
    return this.#other === undefined;
  }

  /** An older version is named, and left alone. */
  #checkVersion({ from, raw }: TracedMessage): void {
    if (from !== "server" || messageType(raw) !== "server_hello") return;
    const version = selectedVersion(raw);
    if (version !== ProtocolVersion["TLS 1.3"]) this.#other = versionName(version);
  }
}

/** Records of data that are listed, as a handshake's first are. */
const listedData = 64;
const empty = new Uint8Array(0);

/** TLS is TLS 1.3 once its ServerHello is there, or anything that opened under its keys. */
function protocolOf({ messages, later }: Script): string {
  const all = [...messages, ...later];
  if (all.length === 0) return "TLS, its handshake not seen";
  const isKnown = all.some(({ from, epoch }) => from === "server" || epoch !== "plaintext");
  return isKnown ? "TLS 1.3" : "TLS, its ServerHello not seen";
}

/** A connection begins with it, in either direction. */
const isFirstHello = (bytes: Uint8Array): boolean =>
  bytes[0] === ContentType.handshake &&
  (bytes[5] === HandshakeType.client_hello || bytes[5] === HandshakeType.server_hello);

/** Both hellos are there. */
const isWhole = (script: Script): boolean =>
  script.find("client", "client_hello") !== undefined &&
  script.find("server", "server_hello") !== undefined;

function inspectedFacts(script: Script, items: readonly TraceItem[]): InspectedFacts {
  const code = script.body("server", "server_hello")?.extensions.key_share?.group;
  const group = registeredGroups.find((each) => each.code === code);
  const offer = script.body("client", "client_hello")?.extensions;
  const answers = script.body("server", "encrypted_extensions")?.extensions;
  const name = offer?.server_name?.find(isHostName)?.name;
  return {
    ...wireFacts(items),
    postQuantum: group === undefined ? null : isPostQuantum(group),
    hybrid: group === undefined ? null : isHybrid(group),
    serverName: name ?? null,
    alpn: answers?.application_layer_protocol_negotiation?.[0] ?? null,
  };
}
