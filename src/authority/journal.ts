/** `index.jsonl`: one line for each certificate that was issued, in order. */
import { existsSync, readFileSync } from "node:fs";
import { type CrlReason, crlReasons } from "../identity/index.ts";
import { AuthorityError } from "./errors.ts";
import { writeWhole } from "./files.ts";

export interface Entry {
  /** Hexadecimal. */
  readonly serial: string;
  /** How the directory calls the subject; the last entry of a name is the current one. */
  readonly name: string;
  /** The name of the issuer: its own for a root. */
  readonly issuer: string;
  /** `root`, or the profile. */
  readonly profile: string;
  readonly subject: string;
  /** ISO 8601, as are all times here. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly revoked?: { readonly at: string; readonly reason: CrlReason };
}

/** @throws AuthorityError that names the line */
export function readJournal(path: string): Entry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line, index) =>
    line === "" ? [] : [parseLine(line, `${path}:${index + 1}`)],
  );
}

/** Writes all of it anew: after a crash it is the old one or the new one. */
export const writeJournal = (path: string, entries: readonly Entry[]): void =>
  writeWhole(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));

const members = [
  "serial",
  "name",
  "issuer",
  "profile",
  "subject",
  "notBefore",
  "notAfter",
] as const;

function parseLine(line: string, where: string): Entry {
  const fail = (what: string): AuthorityError => new AuthorityError("damaged", `${where}: ${what}`);
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw fail("is no JSON");
  }
  const missing = members.find((member) => typeof value?.[member] !== "string");
  if (missing !== undefined) throw fail(`has no ${missing}`);
  const { revoked } = value as { revoked?: { at?: unknown; reason?: unknown } };
  if (revoked !== undefined && !(typeof revoked.at === "string" && isReason(revoked.reason))) {
    throw fail("says revoked without a time and a reason");
  }
  return value as unknown as Entry;
}

export const isReason = (text: unknown): text is CrlReason =>
  typeof text === "string" && Object.hasOwn(crlReasons, text);
