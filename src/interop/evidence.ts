/** What was seen in a cell, as text: what passed, what it came to, what the ends said. */
import { dumpMessage } from "../lab/trace/dump.ts";
import type { TraceItem } from "../lab/trace/reader.ts";
import { messageName, messageType } from "../messages/index.ts";
import { labelOf } from "../lab/trace/names.ts";
import { AlertDescription, ContentType, nameOf } from "../registry/index.ts";
import type { Cell } from "./matrix.ts";

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
