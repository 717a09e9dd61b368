/**
 * Text that a peer chose, made fit for a terminal, a log and an error message. This is the one place: errors,
 * `describe…` functions and the command line all go through it.
 */

/**
 * What a terminal would obey or reorder, and what breaks a line: control characters (C0, DEL, C1), line and
 * paragraph separators, marks that change the direction of text, and halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\p{Cs}]/gu;

/**
 * Escapes as JavaScript would, `\x1b` and `\u2028`, and shortens.
 * @param limit characters kept; what was left out is counted: `… (259744 more)`
 */
export function printable(text: string, limit = 256): string {
  if (text.length <= limit) return escapeUnprintable(text);
  return `${escapeUnprintable(text.slice(0, limit))}… (${text.length - limit} more)`;
}

/** @param escape writes a UTF-16 code unit */
export const escapeUnprintable = (text: string, escape = asInJavaScript): string =>
  text.replaceAll(unprintable, (character) => escape(character.charCodeAt(0)));

const asInJavaScript = (code: number): string =>
  code < 256
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
