/** What an end sent, field by field: messages and records from a trace, with a sentence for each field. */
import { type Group, groups as registeredGroups } from "../../groups/index.ts";
import { messageName } from "../../messages/index.ts";
import type { EpochName } from "../../record/index.ts";
import {
  AlertDescription,
  AlertLevel,
  ContentType,
  nameOf,
  ProtocolVersion,
} from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { DecodeError } from "../../wire/index.ts";
import { dumpMessage, type DumpLine } from "../trace/dump.ts";
import type { TraceItem } from "../trace/reader.ts";
import { type Sentence, sentenceOf } from "./sentences.ts";
import { labelOf } from "../trace/names.ts";

/** A handshake message, or a record of something else, and all that stands in it. */
export interface ExplainedItem {
  /** What it is; a gap is bytes that the tap missed. */
  readonly kind: "message" | "record" | "gap";
  /** Its type; `sealed` for a record that cannot be opened. */
  readonly name: string;
  /** The end that sent it. */
  readonly from: Role;
  /** The keys that protect it; `sealed` if they are not known. */
  readonly epoch: EpochName | "sealed";
  /** A message with its header; a record's content in the clear; of what is sealed the whole record. */
  readonly raw: Uint8Array;
  /** Records that carried it, whole. */
  readonly records: readonly Uint8Array[];
  /** What it is for. */
  readonly sentence: Sentence;
  /** Its fields, in the order of the wire. */
  readonly fields: readonly ExplainedField[];
  /** Why its fields cannot be told apart; `undefined` if they can. */
  readonly malformed: string | undefined;
}

/** A run of bytes, what it is called and what it says. All fields together cover every byte once, in order. */
export interface ExplainedField extends DumpLine {
  /** `undefined` where it stands in a structure that nobody declared. */
  readonly sentence: Sentence | undefined;
  /** `field`, the length of what follows, or a heading without bytes. */
  readonly kind: "field" | "length" | "heading";
  /** Of a hybrid share: which of its components. */
  readonly part: "classical" | "post-quantum" | undefined;
}

/** Everything that can be told apart, in the order in which it was sent. */
export function itemsOf(
  trace: readonly TraceItem[],
  groups: readonly Group[] = registeredGroups,
): ExplainedItem[] {
  return trace.flatMap((item) => itemOf(item, groups) ?? []);
}

/** Records of handshake messages are in their messages. */
function itemOf(item: TraceItem, groups: readonly Group[]): ExplainedItem | undefined {
  const { from } = item;
  if (item.kind === "message") {
    const { raw, epoch, records } = item;
    const named = { name: messageName(raw), from, epoch, raw, records };
    try {
      return { kind: "message", ...named, ...explained(dumpMessage(raw, groups), named.name) };
    } catch (error) {
      // What an adversary made of it, or what another implementation sends
      const malformed = error instanceof Error ? error.message : String(error);
      const where = error instanceof DecodeError ? error.path : "";
      const lines = [line(named.name, { path: named.name, bytes: raw, note: where })];
      return { kind: "message", ...named, ...explained(lines, named.name), malformed };
    }
  }
  if (item.kind === "gap") {
    const nothing = { from, epoch: "sealed", raw: new Uint8Array(), records: [] } as const;
    return { kind: "gap", name: "gap", ...nothing, ...explained([], "gap") };
  }
  const { record, content, raw } = item;
  if (content !== undefined && record.type === ContentType.handshake) return undefined;
  const name = content === undefined ? "sealed" : nameOf(ContentType, record.type, 2);
  const lines = recordLines(name, content ?? raw);
  return {
    kind: "record",
    name,
    from,
    epoch: record.epoch,
    raw: content ?? raw,
    records: [raw],
    ...explained(lines, name),
  };
}

const explained = (
  lines: readonly DumpLine[],
  name: string,
): Pick<ExplainedItem, "sentence" | "fields" | "malformed"> => ({
  sentence: sentenceOf(name) ?? sentenceOf("message")!,
  fields: lines.map((each) => ({
    ...each,
    // A number to the declaration, since it is not a version of anything
    note: each.name === "legacyVersion" ? versionOf(each.bytes) : each.note,
    sentence: sentenceOf(each.path),
    kind: kindOf(each),
    part: partOf(each.path),
  })),
  malformed: undefined,
});

const versionOf = ([high = 0, low = 0]: Uint8Array): string =>
  nameOf(ProtocolVersion, high * 256 + low);

const kindOf = ({ bytes, path, name, note }: DumpLine): ExplainedField["kind"] =>
  bytes.length === 0 && note !== "empty"
    ? "heading"
    : name === "length" && /\.(extension_)?length$/.test(path)
      ? "length"
      : "field";

/** A component stands under its share, with the name of its KEM. */
function partOf(path: string): ExplainedField["part"] {
  const [, name] = /\.keyExchange\.(.+)$/.exec(path) ?? [];
  if (name === undefined || name === "length") return undefined;
  return name.startsWith("ML-KEM") ? "post-quantum" : "classical";
}

const line = (
  name: string,
  {
    path,
    bytes,
    note,
    offset = 0,
  }: Pick<DumpLine, "path" | "bytes" | "note"> & { offset?: number },
): DumpLine => ({ offset, bytes, depth: 0, name, path, note });

/** What is not a handshake message has no declaration (RFC 9846 §5, §6). */
function recordLines(name: string, content: Uint8Array): DumpLine[] {
  const one = (field: string, note: string): DumpLine[] => [
    line(field, { path: `${name}.${field}`, bytes: content, note }),
  ];
  const [first = 0, second = 0] = content;
  switch (name) {
    case "alert":
      if (content.length !== 2) return one("description", "malformed");
      return [
        ["level", nameOf(AlertLevel, first, 2)],
        ["description", labelOf(AlertDescription, second, 2)],
      ].map(([field = "", note = ""], at) =>
        line(field, {
          path: `alert.${field}`,
          bytes: content.subarray(at, at + 1),
          note,
          offset: at,
        }),
      );
    case "change_cipher_spec":
      return one("type", String(first));
    case "application_data":
      return one("content", textOf(content) ?? `${content.length} bytes`);
    default:
      return [
        line("content", {
          path: "sealed.content",
          bytes: content,
          note: `${content.length} bytes`,
        }),
      ];
  }
}

/** Data that a person can read, shortened. */
function textOf(content: Uint8Array): string | undefined {
  const text = new TextDecoder("latin1").decode(content.subarray(0, 80));
  return /^[\x20-\x7e\r\n\t]+$/.test(text)
    ? JSON.stringify(content.length > 80 ? `${text}…` : text)
    : undefined;
}
