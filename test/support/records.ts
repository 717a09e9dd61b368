import { concat } from "../../src/wire/index.ts";

/** The records of an output, headers included. */
export function recordsOf(output: readonly Uint8Array[]): Uint8Array[] {
  const bytes = concat(...output);
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + ((bytes[at + 3]! << 8) | bytes[at + 4]!);
    records.push(bytes.slice(at, end));
    at = end;
  }
  return records;
}
