import { appendFileSync, chmodSync, statSync } from "node:fs";
import { messageOf, UsageError } from "./errors.ts";

/** Whoever reads it reads the connections: its owner alone. */
const mode = 0o600;

/**
 * Appends lines to a file, which must be writable from the start.
 * @throws UsageError
 */
export function keyLogTo(path: string): (line: string) => void {
  try {
    appendFileSync(path, "", { mode });
    // One that was there may be open to others; a pipe or a device is what it is
    if (statSync(path).isFile()) chmodSync(path, mode);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${messageOf(error)}`);
  }
  return (line) => appendFileSync(path, `${line}\n`);
}
