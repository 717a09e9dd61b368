import { stripVTControlCharacters } from "node:util";

/** Pads to a width as it looks, colours not counted: on the right, or for a negative width on the left. */
export function pad(text: string, width: number): string {
  const missing = " ".repeat(Math.max(0, Math.abs(width) - stripVTControlCharacters(text).length));
  return width < 0 ? missing + text : text + missing;
}
