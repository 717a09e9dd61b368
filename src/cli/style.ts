import type { WriteStream } from "node:tty";
import { styleText } from "node:util";

export type Format = Parameters<typeof styleText>[0];

/** What {@link style} adds; a peer's own escapes are not among these. */
const ours = new Set([1, 2, 4, 22, 24, 31, 32, 33, 39].map((code) => `\u001b[${code}m`));
export const isOurs = (escape: string): boolean => ours.has(escape);

/** Colours where a person looks on: on a terminal, and not against NO_COLOR. */
export const style = (
  format: Format,
  text: string,
  stream: WriteStream | NodeJS.WriteStream = process.stdout,
): string => styleText(format, text, { stream });
