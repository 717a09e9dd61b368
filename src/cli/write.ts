import { existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { fileReason, messageOf, UsageError } from "./errors.ts";
// Not by its face: a report must not wait for the engine
import { writeWhole } from "../authority/files.ts";

/**
 * Writes what a command gives to a file, or to stdout for `-`. A file is there as a whole or not at all:
 * a good one is not replaced by half of one.
 * @throws UsageError that says why it cannot
 */
export function writeOutput(path: string, content: string): void {
  if (path === "-") {
    process.stdout.write(content);
    return;
  }
  trying(path, () => {
    if (!existsSync(path)) writeWhole(path, content);
    // A device or a pipe: there is nothing to be replaced
    else if (!statSync(path).isFile()) writeFileSync(path, content);
    // Where a link points, so that it stays one
    else writeWhole(realpathSync(path), content);
  });
}

/** Makes a folder, and those above it, where they are not there yet. @throws UsageError that says why it cannot */
export function makeFolder(path: string): void {
  trying(path, () => mkdirSync(path, { recursive: true }));
}

/** @throws UsageError that says why a file cannot be written */
export function trying<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such folder" : fileReason(code);
    throw new UsageError(`cannot write ${path}: ${reason ?? messageOf(error)}`);
  }
}
