/** Files that are there as a whole or not at all, whatever happens while they are written. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import * as check from "../registry/check.ts";

/** Names of files that are not finished; what is left of them after a crash may go. */
export const unfinished = ".unfinished-";

/** For private keys: nobody but their owner reads them. */
export const secretMode = 0o600;
export const publicMode = 0o644;

interface WriteOptions {
  /** Default: everybody reads it, and its owner writes. */
  readonly mode?: number;
  /** The folder where it stands until it is finished, on the same disk. Default: its own. */
  readonly drafts?: string;
}

const writeTable = {
  mode: check.whole(0, 0o777),
  drafts: check.text,
} satisfies check.OptionTable<WriteOptions>;

/**
 * Writes a file next to its place, or among `drafts` on the same disk, forces it to the disk, and moves it
 * to its place.
 */
export function writeWhole(
  path: string,
  content: string | Uint8Array,
  options: WriteOptions = {},
): void {
  check.checkOptions("writeWhole", options, writeTable);
  const { mode = publicMode, drafts = dirname(path) } = options;
  const draft = draftOf(path, drafts);
  try {
    writeSynced(draft, content, mode);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

export interface FileContent {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly mode?: number;
}

/**
 * Makes a folder with all its files at once.
 * @param drafts where it stands until it is finished, on the same disk. Default: next to its place
 */
export function writeFolder(
  path: string,
  files: readonly FileContent[],
  drafts = dirname(path),
): void {
  const draft = draftOf(path, drafts);
  try {
    mkdirSync(draft, { mode: 0o755 });
    for (const { name, content, mode } of files) {
      writeSynced(join(draft, name), content, mode ?? publicMode);
    }
    syncFolder(draft);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true, recursive: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Makes a symbolic link, or lets it point elsewhere from one moment to the next. */
export function pointTo(link: string, target: string, drafts = dirname(link)): void {
  if (targetOf(link) === target) return;
  const draft = draftOf(link, drafts);
  rmSync(draft, { force: true });
  symlinkSync(target, draft);
  renameSync(draft, link);
  syncFolder(dirname(link));
}

/** Where a link points; `undefined` if there is none. */
export function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const draftOf = (path: string, drafts = dirname(path)): string =>
  join(drafts, `${unfinished}${process.pid}-${basename(path)}`);

function writeSynced(path: string, content: string | Uint8Array, mode: number): void {
  // "wx": a file that somebody else has put there is not written to
  const file = openSync(path, "wx", mode);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A rename is on the disk only when its folder is. Windows knows no such thing. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
