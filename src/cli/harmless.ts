/**
 * Everything that the command line says to a terminal goes through here. Names of certificates, alerts and
 * errors come from peers: what a terminal would obey leaves as its escape, so that nobody but us moves the
 * cursor, hides a line or sets a title.
 */
import { escapeUnprintable } from "../registry/index.ts";
import { isOurs } from "./style.ts";

const escape = String.fromCharCode(27);
const pieces = new RegExp(`(\n|${escape}\\[\\d+m)`);

/** Lines and colours of ours, and nothing else that is not printed. */
export const harmless = (text: string): string =>
  text
    .split(pieces)
    .map((part) => (part === "\n" || isOurs(part) ? part : escapeUnprintable(part)))
    .join("");
