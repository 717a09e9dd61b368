import { appendFileSync } from "node:fs";
import { messageOf, UsageError } from "./errors.ts";

/**
 * Appends lines to a file, which must be writable from the start.
 * @throws UsageError
 */
export function keyLogTo(path: string): (line: string) => void {
  try {
    appendFileSync(path, "");
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${messageOf(error)}`);
  }
  return (line) => appendFileSync(path, `${line}\n`);
}
