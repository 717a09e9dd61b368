import type { WriteStream } from "node:tty";
import { styleText } from "node:util";

export type Format = Parameters<typeof styleText>[0];

/** Colours where a person looks on: on a terminal, and not against NO_COLOR. */
export const style = (
  format: Format,
  text: string,
  stream: WriteStream | NodeJS.WriteStream = process.stdout,
): string => styleText(format, text, { stream });
