import { type DumpLine, dumpMessage } from "../../lab.ts";
import { style } from "../style.ts";
import { pad } from "./pad.ts";

/** One message: offset, bytes, and what they are, as a tree. At most 80 columns. */
export function renderDump(raw: Uint8Array, title: string): string {
  return renderDumpLines(dumpMessage(raw), title);
}

export const renderDumpLines = (lines: readonly DumpLine[], title: string): string =>
  [style("bold", title), ...lines.map(renderLine), ""].join("\n");

const shownBytes = 8;
const hexWidth = shownBytes * 3;

function renderLine({ offset, bytes, depth, name, note }: DumpLine): string {
  const at = style("dim", offset.toString(16).padStart(4, "0"));
  const isHead = name === "length" || name === "extension_type";
  const colour = isHead ? "dim" : bytes.length === 0 ? "bold" : "cyan";
  const field = style(colour, "  ".repeat(depth) + name);
  const text = isHead ? style("dim", note) : note;
  return `${at}  ${pad(hex(bytes), hexWidth)}  ${field}  ${text}`.trimEnd();
}

/** All bytes if they are few, else the first and the last. */
function hex(bytes: Uint8Array): string {
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  if (pairs.length <= shownBytes) return pairs.join(" ");
  return [...pairs.slice(0, shownBytes - 3), "…", ...pairs.slice(-2)].join(" ");
}
