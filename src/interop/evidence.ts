/** What was seen in a cell, as text: what passed, what it came to, what the ends said. */
import { native } from "../crypto/native.ts";
import { type EndOutcome, explainLast } from "../lab/explained/explain.ts";
import { explainedPage } from "../lab/explained/page/page.ts";
import { dumpMessage } from "../lab/trace/dump.ts";
import type { TraceItem } from "../lab/trace/reader.ts";
import type { Trace, TraceEvent } from "../lab/trace/trace.ts";
import { messageName, messageType } from "../messages/index.ts";
import { labelOf } from "../lab/trace/names.ts";
import { AlertDescription, ContentType, nameOf } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";
import type { Cell } from "./matrix.ts";

/** Bytes of a connection that a page explains: the handshake, and a little of what is said after it. */
const mostExplained = 128 * 1024;

/** The last connection of a cell as a page on which every byte is explained; `undefined` if there was none. */
export function explainCell({ evidence }: Cell): string | undefined {
  const last = evidence?.verdict.seen.at(-1);
  if (evidence === undefined || last === undefined) return undefined;
  const traces = evidence.talk.conversations.map(({ trace }) => begun(trace));
  const all = bytesOf(evidence.talk.conversations.at(-1)!.trace.events);
  const shown = bytesOf(traces.at(-1)!.events);
  const error = shown < all ? `of ${all} bytes the first ${shown} are shown` : null;
  const endOf = (role: Role): EndOutcome => {
    const alert = last.alerts.find(({ from }) => from === role)?.alert ?? null;
    const isOpen = last.facts.opened === true;
    return { outcome: isOpen ? "open" : alert === null ? "not open" : "refuses", alert, error };
  };
  const ends = { client: endOf("client"), server: endOf("server") };
  return explainedPage(explainLast(traces, { ends, provider: native }));
}

/** As much of a trace as is explained. */
function begun({ events, keyLog }: Trace): Trace {
  let sum = 0;
  const isShown = (event: TraceEvent): boolean => (sum += bytesOf([event])) <= mostExplained;
  const end = events.findIndex((event) => !isShown(event));
  return { events: end < 0 ? events : events.slice(0, end), keyLog };
}

/** What was sent; what arrived of it is not counted again. */
const bytesOf = (events: readonly TraceEvent[]): number =>
  events.reduce(
    (sum, event) =>
      event.kind === "bytes" && event.direction === "sent" ? sum + event.bytes.length : sum,
    0,
  );

export function describeCell(cell: Cell): string {
  const { test, client, server, outcome, reason, evidence } = cell;
  const head = [
    `${test}: ${client} as the client, ${server} as the server`,
    `${outcome}. ${reason}`,
  ];
  if (evidence === undefined) return `${head.join("\n")}\n`;
  const { talk, verdict } = evidence;
  const connections = verdict.seen.flatMap(({ facts, items }, at) => [
    title(`Connection ${at + 1}`),
    ...items.flatMap(lineOf),
    "",
    ...Object.entries(facts).map(([name, fact]) => `${name}: ${fact ?? "not seen"}`),
    ...items.flatMap(hello),
  ]);
  const said = Object.entries(talk.output).flatMap(([role, text]) => [
    title(`What the ${role} said`),
    text.slice(-20_000),
  ]);
  const secrets = talk.conversations.flatMap(({ trace }) => trace.keyLog.map(({ line }) => line));
  const all = [...head, ...connections, ...said, title("Key logs"), ...new Set(secrets)];
  return `${all.join("\n")}\n`;
}

const title = (text: string): string => `\n${text}\n${"-".repeat(text.length)}`;

function lineOf(item: TraceItem): string[] {
  const at = `${item.at.toFixed(1).padStart(9)} ms  ${item.from}  `;
  if (item.kind === "gap") return [`${at}bytes that are missing`];
  if (item.kind === "message") {
    return [`${at}${messageName(item.raw)}, ${item.raw.length} bytes (${item.epoch})`];
  }
  const { record, content } = item;
  if (record.type === ContentType.handshake) return [];
  const name = record.epoch === "sealed" ? "a sealed record" : nameOf(ContentType, record.type, 2);
  const alert =
    record.type === ContentType.alert && content !== undefined
      ? ` ${labelOf(AlertDescription, content[1] ?? 0, 1)}`
      : "";
  return [`${at}${name}${alert}, ${record.wireLength} bytes`];
}

const shown = new Set(["client_hello", "hello_retry_request", "server_hello"]);

/** The hellos, field by field. */
function hello(item: TraceItem): string[] {
  if (item.kind !== "message" || !shown.has(messageType(item.raw) ?? "")) return [];
  try {
    const lines = dumpMessage(item.raw).map(({ offset, bytes, depth, name, note }) => {
      const hex = Buffer.from(bytes.subarray(0, 16)).toString("hex");
      const more = bytes.length > 16 ? "…" : "";
      return `${offset.toString(16).padStart(4, "0")}  ${"  ".repeat(depth)}${name}  ${hex}${more}  ${note}`.trimEnd();
    });
    return [title(`${messageName(item.raw)} of the ${item.from}`), ...lines];
  } catch (error) {
    return [title(messageName(item.raw)), `it cannot be read: ${String(error)}`];
  }
}
