import type { Outcome, Subject } from "./corpus.ts";
import { parseHex, UnreadableCorpus } from "./json.ts";

/** The fields of one record of a response file, and of the headings above it. */
export type Fields = Readonly<Record<string, string>>;

/** What a file is about, told from its first record. */
export interface Kind {
  readonly algorithm: string;
  readonly run: (subject: Subject, fields: Fields, previous: Fields | undefined) => Outcome;
}

/** @throws UnreadableCorpus */
export function field(fields: Fields, name: string): Uint8Array {
  const value = fields[name];
  if (value === undefined) throw new UnreadableCorpus(`a record without ${name}`);
  return parseHex(value, name);
}
