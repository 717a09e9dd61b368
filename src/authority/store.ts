/** What a directory is kept in: {@link Folder}, or {@link SharedFolder}. */
import type { FileContent } from "./files.ts";
import type { Head } from "./journal.ts";
import type { Line } from "./lines.ts";
import type { Records } from "./records.ts";

/** How something is changed. */
export interface ChangeTerms<T> {
  /** Who does it, as the journal will say. */
  readonly who: string;
  /** Milliseconds that one waits for other writers. */
  readonly wait: number;
  readonly run: () => Promise<T>;
}

/** Lines one after the other, and files by their paths below the directory, with `/`. */
export interface Store {
  /** What the lines come to. */
  readonly records: Records;
  /** Where they stand. */
  readonly head: Head;

  /** Makes what there has to be beside the folder. */
  prepare(): Promise<void>;

  /** Reads what others have written. @throws AuthorityError `damaged`; `busy`, `misuse` for a database */
  refresh(): Promise<void>;

  /** Runs something while nobody else writes. What stands below is for in there. */
  change<T>(terms: ChangeTerms<T>): Promise<T>;

  /** A file as text; `undefined` if there is none. */
  read(path: string): string | undefined;
  record(lines: readonly Line[]): void;
  /**
   * Lets go of lines that were written before a time, in milliseconds since the epoch, and are not needed, if there are
   * so many. @returns how many went @throws AuthorityError `misuse` where lines stay
   */
  cut(before: number, least: number): number;
  /** Writes a file, as a whole. */
  write(path: string, content: string | Uint8Array): void;
  /** Makes a folder with these files, which are not changed any more. */
  writeFolder(path: string, files: readonly FileContent[]): void;
  /** Takes away a file, or a folder with all that is in it. */
  remove(path: string): void;
  /** Lets the link of a name point to its current certificate. */
  link(name: string): void;
}
