import type { WriteStream } from "node:tty";
import { inspect, styleText } from "node:util";

/** All that {@link style} can add: what stands here is let through to a terminal, and nothing else is. */
const formats = ["bold", "dim", "underline", "red", "green", "yellow", "cyan"] as const;
export type Format = (typeof formats)[number];

/** A peer's own escapes are not among these. */
const ours = new Set(
  formats.flatMap((format) => inspect.colors[format] ?? []).map((code) => `\u001b[${code}m`),
);
export const isOurs = (escape: string): boolean => ours.has(escape);

/** Colours where a person looks on: on a terminal, and not against NO_COLOR. */
export const style = (
  format: Format,
  text: string,
  stream: WriteStream | NodeJS.WriteStream = process.stdout,
): string => styleText(format, text, { stream });
