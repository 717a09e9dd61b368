/**
 * What somebody in between saw of a connection, with the keys that the ends wrote down.
 *
 * Without keys hellos, retries, alerts in the clear and the sizes of records are seen, and nothing else: what is
 * sealed is `null`, which is neither yes nor no.
 */
import { readTrace, type Trace } from "../lab/trace/trace.ts";
import type { TracedRecord, TraceItem } from "../lab/trace/reader.ts";
import { labelOf } from "../lab/trace/names.ts";
import { bodyOf, wireFacts } from "../lab/trace/wire-facts.ts";
import { type MessageType, messageType } from "../messages/index.ts";
import { AlertDescription, ContentType, NamedGroup } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";

export interface SeenFacts {
  /** Both Finished came, and no fatal alert. */
  readonly opened: boolean | null;
  readonly group: string | null;
  readonly cipherSuite: string | null;
  readonly retried: boolean;
  readonly resumed: boolean;
  readonly earlyData: "not offered" | "refused" | "accepted" | null;
  /** Of each end's CertificateVerify; `none` if it sent none. */
  readonly serverSignature: string | null;
  readonly clientSignature: string | null;
  readonly alpn: string | null;
  readonly serverName: string | null;
  /** Groups of the shares in the first ClientHello. */
  readonly shares: readonly string[];
  /** The server's certificate came compressed. */
  readonly compressed: boolean | null;
  /** The server's Certificate took more than one record. */
  readonly largeCertificate: boolean | null;
  /** The server's certificate was a raw public key. */
  readonly rawKey: boolean | null;
  readonly cookie: boolean;
  /** Which ends sent KeyUpdate. */
  readonly keyUpdates: readonly Role[] | null;
  /** Which ends sent application data, early or behind their Finished. */
  readonly data: readonly Role[];
  /** Which ends said how much they take in a record, and were sent no more (RFC 8449 §4). */
  readonly limits: readonly Role[] | null;
  /** Which ends said close_notify. */
  readonly closed: readonly Role[] | null;
}

export interface Seen {
  readonly facts: SeenFacts;
  /** Fatal ones, in the order in which they came. */
  readonly alerts: readonly { readonly from: Role; readonly alert: string }[];
  readonly items: readonly TraceItem[];
}

/** Alerts that end a connection in order (RFC 9846 §6.1). */
const closing = new Set(["close_notify", "user_canceled"]);

/** Header and tag of a protected record (RFC 9846 §5.2). */
const overhead = 5 + 16;

/** Content of a record (RFC 9846 §5.1). */
const wholeRecord = 2 ** 14;

const roles: readonly Role[] = ["client", "server"];

export function seenIn(trace: Trace): Seen {
  const items = readTrace(trace);
  const messages = items.filter((item) => item.kind === "message");
  const records = items.filter((item) => item.kind === "record");
  const has = (from: Role, type: MessageType): boolean =>
    messages.some((message) => message.from === from && messageType(message.raw) === type);
  const find = <T extends MessageType>(from: Role, type: T) => bodyOf(messages, from, type);
  const sealed = records.filter(({ record }) => record.epoch === "sealed");
  const finished = has("client", "finished") && has("server", "finished");
  // Early data alone may stay closed: not all write its secret down
  const isSealed = sealed.length > 0 && !finished;
  const orUnknown = <T>(fact: T): T | null => (isSealed ? null : fact);
  const wire = wireFacts(items);
  const alerts = records.flatMap(({ from, record, content }) => {
    if (record.type !== ContentType.alert || content === undefined) return [];
    return [{ from, alert: labelOf(AlertDescription, content[1] ?? 0, 1) }];
  });
  const fatal = alerts.filter(({ alert }) => !closing.has(alert));
  const hello = find("client", "client_hello");
  const encrypted = find("server", "encrypted_extensions");
  const facts: SeenFacts = {
    opened: fatal.length > 0 ? false : orUnknown(finished),
    group: wire.group,
    cipherSuite: wire.cipherSuite,
    retried: wire.retried,
    resumed: wire.resumed,
    earlyData: wire.earlyData === "not offered" ? wire.earlyData : orUnknown(wire.earlyData),
    serverSignature: wire.serverSignature ?? orUnknown("none"),
    clientSignature: wire.clientSignature ?? orUnknown("none"),
    alpn: encrypted?.extensions.application_layer_protocol_negotiation?.[0] ?? orUnknown("none"),
    serverName: hello?.extensions.server_name?.[0]?.name ?? null,
    shares: (hello?.extensions.key_share ?? []).map(({ group }) => labelOf(NamedGroup, group)),
    compressed: orUnknown(has("server", "compressed_certificate")),
    largeCertificate: orUnknown(
      messages.some(
        ({ from, raw }) =>
          from === "server" && messageType(raw) === "certificate" && raw.length > wholeRecord,
      ),
    ),
    rawKey: orUnknown(encrypted?.extensions.server_certificate_type !== undefined),
    cookie: find("server", "hello_retry_request")?.extensions.cookie !== undefined,
    keyUpdates: orUnknown(roles.filter((role) => has(role, "key_update"))),
    data: roles.filter((role) =>
      records.some(({ from, record }) => from === role && isData(record, finished)),
    ),
    limits: orUnknown(
      roles.filter((role) => {
        const limit = (role === "client" ? hello : encrypted)?.extensions.record_size_limit;
        return limit !== undefined && largestTo(role, records) <= limit;
      }),
    ),
    closed: orUnknown(
      roles.filter((role) =>
        alerts.some(({ from, alert }) => from === role && alert === "close_notify"),
      ),
    ),
  };
  return { facts, alerts: fatal, items };
}

/** Of a protected record's inner plaintext, content type and padding with it, in bytes. */
const largestTo = (role: Role, records: readonly TracedRecord[]): number =>
  records
    .filter(({ from, raw }) => from !== role && raw[0] === ContentType.application_data)
    .reduce((most, { raw }) => Math.max(most, raw.length - overhead), 0);

/** What is read is known; of what is sealed anything behind the first few records may be data. */
const isData = ({ epoch, type, contentLength }: TracedRecord["record"], isRead: boolean): boolean =>
  type === ContentType.application_data &&
  contentLength > 0 &&
  (isRead ? epoch === "application" || epoch === "early" : epoch === "sealed");
