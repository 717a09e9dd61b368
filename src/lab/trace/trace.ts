/**
 * What happened between two ends: who sent which bytes, and when.
 *
 * Each end has a tap. What passes it is an event, with the direction and the time by the clock of the run; a medium
 * that changes or delays things makes the two taps differ. Beside the events are the lines that the ends wrote to
 * their key logs (RFC 9850): with them the bytes are records and messages in the clear. Everything else that is said
 * of a run is read from its trace: ledger, dump, facts, vectors, tapes.
 *
 * A trace may hold less: the taps of one end only, one direction only, no key log, gaps where a capture missed bytes.
 */
import { noble, type Provider, type Suite, suites as registered } from "../../crypto/index.ts";
import type { TapEvent } from "../../connection/pump.ts";
import * as check from "../../registry/check.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import { FollowedKeys } from "./followed-keys.ts";
import { Secrets } from "./keys.ts";
import { type TraceItem, TraceReader } from "./reader.ts";

/** What a tap has seen, or that it has missed something. */
export type TraceEvent = TapEvent | TraceGap;

/** Bytes that a tap has missed. */
export interface TraceGap extends Pick<TapEvent, "at" | "end" | "direction"> {
  /** Tells it from bytes. */
  readonly kind: "gap";
  /** `undefined` if nobody knows how many. */
  readonly bytes?: number | undefined;
}

/** A line of a key log in the format of NSS (RFC 9850). */
export interface KeyLogLine {
  /** Whose log it stands in; of a log of both ends either. */
  readonly end: Role;
  /** Without the line's end. Comments say nothing. */
  readonly line: string;
}

/** What happened on a connection: the bytes at each end's tap, and the key logs that open them. */
export interface Trace {
  /** In order: bytes at a tap, ends of streams, gaps. */
  readonly events: readonly TraceEvent[];
  /** Lines of both ends' key logs, each with its end. */
  readonly keyLog: readonly KeyLogLine[];
}

/** With what a trace is read. */
export interface ReadOptions {
  /** Opens what is encrypted. Default: `noble`. */
  readonly provider?: Provider;
  /** Cipher suites beside those that are registered. */
  readonly suites?: readonly Suite[];
}

const checkReading = check.options({
  provider: check.like("a provider, such as noble", "aeads", "hashes"),
  suites: check.listOf(check.like("a cipher suite", "code", "aead", "hash")),
} satisfies check.OptionTable<ReadOptions>);

/**
 * What the ends sent, in order: of each end as it passed its own tap, or, where that was not there, as it passed the
 * other's. What is malformed or encrypted stays closed; nothing throws.
 */
export function readTrace(trace: Trace, options: ReadOptions = {}): TraceItem[] {
  checkReading(options, "readTrace");
  const { provider = noble, suites = [] } = options;
  const secrets = new Secrets();
  for (const { end, line } of trace.keyLog) secrets.add(end, line);
  const reader = new TraceReader(new FollowedKeys(secrets, provider, [...suites, ...registered]));
  return sentIn(trace.events).flatMap((event) => {
    const from = senderOf(event);
    if (event.kind === "end") return [];
    return event.kind === "gap"
      ? [reader.gap(from, event.bytes, event.at)]
      : [...reader.read(from, event.bytes, event.at)];
  });
}

/** Each transfer once: as it passed the sender's tap, or the receiver's where the sender has none. */
export function sentIn(events: readonly TraceEvent[]): TraceEvent[] {
  const tapped = new Set(events.flatMap((event) => (event.direction === "sent" ? event.end : [])));
  return events.filter((event) => event.direction === "sent" || !tapped.has(senderOf(event)));
}

/** Whose bytes these are. */
export const senderOf = ({ end, direction }: TraceEvent): Role =>
  direction === "sent" ? end : otherRole(end);
