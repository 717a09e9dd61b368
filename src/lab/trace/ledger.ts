/** What a handshake put on the wire: flights, messages, records, TCP segments. Exact, and plain data. */
import type { MeterRow } from "../../crypto/index.ts";
import type { Negotiated } from "../../handshake/index.ts";
import type { EpochName } from "../../record/index.ts";
import * as check from "../../registry/check.ts";
import { messageName } from "../../messages/index.ts";
import { ContentType, type ErrorCode, nameOf, type TlsError } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { isMalformed } from "./malformed.ts";
import { type MessageFacts, messageFacts } from "./message-facts.ts";
import { type NegotiatedFacts, negotiatedFacts } from "./negotiated-facts.ts";
import type { TracedRecord, TraceItem } from "./reader.ts";
import type { Sent } from "./watch.ts";

type Item = Sent | TraceItem;

/** What a ledger is made from; a `HandshakeRun` is one. */
export interface Observed {
  /** What both ends sent, in order. */
  readonly sent: readonly Item[];
  /** What came about; absent if the handshake failed. */
  readonly negotiated?: Negotiated | undefined;
  /** Why it failed; absent if it did not. */
  readonly error?: TlsError | undefined;
  /** That each end was at work; absent if that was not measured. */
  readonly milliseconds?: Readonly<Record<Role, number>>;
  /** What each end asked of its cryptography; absent if that was not metered. */
  readonly operations?: Readonly<Record<Role, readonly MeterRow[]>>;
}

/** What a handshake cost: its flights with their messages and records in bytes, round trips, time and operations. */
export interface Ledger {
  /** `null` if the handshake failed. */
  readonly negotiated: NegotiatedFacts | null;
  /** Why the handshake failed; `null` if it did not. */
  readonly error: FailureFacts | null;
  /** In the order in which they were sent. */
  readonly flights: readonly Flight[];
  /** Of each end, and of both together. */
  readonly totals: Readonly<Record<Role | "both", Totals>>;
  /** Round trips before the client may send data; of AuthKEM before it knows that the server is there. */
  readonly roundTrips: number;
  /** That each end was at work; `null` if that was not measured. */
  readonly milliseconds: Readonly<Record<Role, number>> | null;
  /** What each end asked of its cryptography; `null` if that was not metered. */
  readonly operations: Readonly<Record<Role, readonly MeterRow[]>> | null;
  /** What segments and rounds are counted by. */
  readonly assumptions: Assumptions;
}

/** What one end sends before it must wait for the other. */
export interface Flight extends Totals {
  /** From 1: the first ClientHello. */
  readonly number: number;
  /** The end that sends it. */
  readonly from: Role;
  /** Handshake messages, in order. */
  readonly messages: readonly MessageEntry[];
  /** Records, in order. */
  readonly records: readonly RecordEntry[];
  /** TCP segments, if the flight is sent at once. */
  readonly segments: number;
  /** The flight arrives in one round, without waiting for an acknowledgement (RFC 6928). */
  readonly fitsInitialWindow: boolean;
}

/** A handshake message of a flight, its sizes in bytes. */
export interface MessageEntry extends MessageFacts {
  /** The keys that protect it. */
  readonly epoch: EpochName;
}

/** A TLS record of a flight, its sizes in bytes. */
export interface RecordEntry {
  /** Content type; for a protected record the inner one. */
  readonly type: string;
  /** `sealed` where the keys are not known. */
  readonly epoch: EpochName | "sealed";
  /** On the wire, with the header and all that protection adds. */
  readonly bytes: number;
  /** Bytes of content, without padding. */
  readonly contentBytes: number;
  /** The messages that it carries, wholly or in part. */
  readonly carries: readonly string[];
}

/** `bytes` are those on the wire, record headers included, TCP and IP headers not. */
export interface Totals {
  /** Bytes on the wire. */
  readonly bytes: number;
  /** Bytes of handshake messages, their headers included. */
  readonly messageBytes: number;
  /** Records. */
  readonly recordCount: number;
}

/** Why a handshake failed, as plain data. */
export interface FailureFacts {
  /** The end that noticed. */
  readonly role: Role;
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** What that end told the other. */
  readonly alert: string | null;
  /** What went wrong, for people. */
  readonly message: string;
}

/** What a ledger supposes of TCP, to count segments and rounds. */
export interface Assumptions {
  /** Bytes of data in a TCP segment. Default: 1448, that of Ethernet with TCP timestamps. */
  readonly maximumSegmentSize: number;
  /** Segments in the first round. Default: 10 (RFC 6928). */
  readonly initialWindow: number;
}

const assumptionTable = {
  maximumSegmentSize: check.whole(1, undefined, " bytes"),
  initialWindow: check.whole(1),
} satisfies check.OptionTable<Assumptions>;

/**
 * Counts what a handshake sent, flight by flight.
 *
 * @throws TypeError or RangeError for assumptions that cannot be
 */
export function ledgerOf(observed: Observed, assumptions: Partial<Assumptions> = {}): Ledger {
  check.checkOptions("ledgerOf", assumptions, assumptionTable);
  const { sent, negotiated, error, milliseconds, operations } = observed;
  const assumed = { maximumSegmentSize: 1448, initialWindow: 10, ...assumptions };
  const flights = splitFlights(sent).map((items, index) => flightOf(items, index + 1, assumed));
  const totalsOf = (...roles: Role[]) =>
    sum(flights.filter((flight) => roles.includes(flight.from)));
  return {
    negotiated: negotiated === undefined ? null : negotiatedFacts(negotiated),
    error: error === undefined ? null : failureFacts(error),
    flights,
    totals: {
      client: totalsOf("client"),
      server: totalsOf("server"),
      both: totalsOf("client", "server"),
    },
    roundTrips: negotiated?.earlyData === "accepted" ? 0 : roundTripsIn(flights, negotiated),
    milliseconds: milliseconds ?? null,
    operations: operations ?? null,
    assumptions: assumed,
  };
}

function roundTripsIn(flights: readonly Flight[], negotiated: Negotiated | undefined): number {
  if (negotiated?.authentication !== "kem") {
    return flights.filter(({ messages }) => messages.some(isServersHello)).length;
  }
  const ofServer = flights.filter(({ from }) => from === "server");
  const isLast = ({ messages }: Flight): boolean =>
    messages.some(({ type }) => type === "finished");
  return 1 + ofServer.findIndex(isLast);
}

const isServersHello = ({ type }: MessageEntry): boolean =>
  type === "server_hello" || type === "hello_retry_request";

/** A flight ends where the other end begins to send. */
function splitFlights(sent: readonly Item[]): Item[][] {
  const flights: Item[][] = [];
  for (const item of sent) {
    const current = flights.at(-1);
    if (current?.[0]?.from === item.from) current.push(item);
    else flights.push([item]);
  }
  return flights;
}

function flightOf(sent: readonly Item[], number: number, assumed: Assumptions): Flight {
  const raws = sent.filter((item) => item.kind === "message");
  const messages = raws.map(({ raw, epoch }) => ({ ...factsOf(raw), epoch }));
  const records = recordEntries(
    messages,
    sent.filter((item) => item.kind === "record").map((item) => item.record),
  );
  const bytes = total(records.map((record) => record.bytes));
  const { maximumSegmentSize, initialWindow } = assumed;
  return {
    number,
    from: sent[0]?.from ?? "client",
    messages,
    records,
    bytes,
    messageBytes: total(messages.map((message) => message.bytes)),
    recordCount: records.length,
    segments: Math.ceil(bytes / maximumSegmentSize),
    fitsInitialWindow: bytes <= initialWindow * maximumSegmentSize,
  };
}

/** Of a malformed message what its header says. */
function factsOf(raw: Uint8Array): MessageFacts {
  try {
    return messageFacts(raw);
  } catch (error) {
    if (!isMalformed(error)) throw error;
    return { type: messageName(raw), bytes: raw.length };
  }
}

/** Messages fill records in order; one may span several, and several may share one. */
function recordEntries(
  messages: readonly MessageFacts[],
  records: readonly TracedRecord["record"][],
): RecordEntry[] {
  let next = 0;
  let left = messages[0]?.bytes ?? 0;
  const fill = (room: number): string[] => {
    const carries: string[] = [];
    while (room > 0 && next < messages.length) {
      const taken = Math.min(room, left);
      carries.push(messages[next]!.type);
      room -= taken;
      left -= taken;
      if (left === 0) left = messages[++next]?.bytes ?? 0;
    }
    return carries;
  };
  return records.map(({ type, epoch, wireLength, contentLength }) => ({
    type: nameOf(ContentType, type, 2),
    epoch,
    bytes: wireLength,
    contentBytes: contentLength,
    carries: type === ContentType.handshake ? fill(contentLength) : [],
  }));
}

function failureFacts({ role, code, alert, message }: TlsError): FailureFacts {
  return { role: role ?? "client", code, alert: alert ?? null, message };
}

const sum = (flights: readonly Flight[]): Totals => ({
  bytes: total(flights.map((flight) => flight.bytes)),
  messageBytes: total(flights.map((flight) => flight.messageBytes)),
  recordCount: total(flights.map((flight) => flight.recordCount)),
});

const total = (numbers: readonly number[]): number =>
  numbers.reduce((result, number) => result + number, 0);
