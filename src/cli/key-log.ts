import { appendFileSync } from "node:fs";
import { UsageError } from "./errors.ts";

/**
 * Appends lines to a file, which must be writable from the start.
 * @throws UsageError
 */
export function keyLogTo(path: string): (line: string) => void {
  try {
    appendFileSync(path, "");
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${error instanceof Error ? error.message : ""}`);
  }
  return (line) => appendFileSync(path, `${line}\n`);
}
