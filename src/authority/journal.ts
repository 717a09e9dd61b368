/**
 * `journal.jsonl`: what has happened, a line each, in order; lines are added and never changed.
 *
 * A serial number stands here before anything is signed with it, so that no certificate can exist that the
 * directory does not know. A line counts with its line feed: what a crash left without one is written over.
 *
 * Each line says when it was written and by whom, and ends with a hash over itself and the line before: whoever
 * changes one, or takes one away, must write all that follow anew, and no longer comes to the end that others
 * have noted. {@link audit} looks at that.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { AuthorityError } from "./errors.ts";
import { publicMode, syncFolder } from "./files.ts";
import { type Audited, type Line, type Parsed, parseLine } from "./lines.ts";

/** Where a journal stands: so many lines, and the hash of the last. */
export interface Head {
  /** Lines in it. */
  readonly lines: number;
  /** SHA-256 of the last line, in hexadecimal. */
  readonly hash: string;
}

export class Journal {
  readonly path: string;
  /** Where the lines end that were read. */
  #end = 0;
  #lines = 0;
  /** The hash of the last of them. */
  #hash = noHash;
  /** The file that was read: a backup that is put in its place is another one. */
  #file = "";
  /** Who writes. */
  who = "unknown";

  constructor(path: string) {
    this.path = path;
  }

  get head(): Head {
    return { lines: this.#lines, hash: this.#hash };
  }

  /**
   * What was added since the last time. `isNew` says that it is another file, and all lines are given.
   * @throws AuthorityError `damaged` that names the line
   */
  read(): { readonly isNew: boolean; readonly lines: readonly Line[] } {
    const file = openIfThere(this.path, "r");
    if (file === undefined) {
      const isNew = this.#end > 0;
      this.#begin("");
      return { isNew, lines: [] };
    }
    try {
      const { size } = fstatSync(file);
      const isNew = identityOf(file) !== this.#file || size < this.#end;
      if (isNew) this.#begin(identityOf(file));
      const added = Buffer.alloc(size - this.#end);
      const length = readSync(file, added, 0, added.length, this.#end);
      const whole = added.lastIndexOf(lineFeed, length - 1) + 1;
      const texts = whole === 0 ? [] : added.toString("utf8", 0, whole - 1).split("\n");
      const lines = texts.map((text, at) =>
        parseLine(text, `${this.path}:${this.#lines + at + 1}`),
      );
      this.#end += whole;
      this.#lines += lines.length;
      this.#hash = lines.at(-1)?.hash ?? this.#hash;
      return { isNew, lines: lines.map(({ event }) => event) };
    } finally {
      closeSync(file);
    }
  }

  /** Adds lines, all or none of them, and forces them to the disk. Only for who holds the lock, and has read. */
  append(...lines: readonly Line[]): void {
    this.#add(compose(lines, this.who, this.head));
  }

  /**
   * Adds lines that were written elsewhere.
   * @param texts each with its line feed
   * @throws AuthorityError `damaged` for one that does not follow from the one before it
   */
  receive(texts: readonly string[]): void {
    let { lines, hash } = this.head;
    for (const text of texts) {
      const line = text.slice(0, -1);
      hash = follow(hash, line, `${this.path}:${++lines}`).hash;
    }
    this.#add({ texts, head: { lines, hash } });
  }

  #add({ texts, head }: Composed): void {
    const content = Buffer.from(texts.join(""));
    const existing = openIfThere(this.path, "r+");
    const file = existing ?? openSync(this.path, "wx+", publicMode);
    try {
      // What a crash left of a line
      ftruncateSync(file, this.#end);
      writeAll(file, content, this.#end);
      fsyncSync(file);
      this.#file = identityOf(file);
    } catch (error) {
      ftruncateSync(file, this.#end);
      throw error;
    } finally {
      closeSync(file);
    }
    if (existing === undefined) syncFolder(dirname(this.path));
    this.#end += content.length;
    this.#lines = head.lines;
    this.#hash = head.hash;
  }

  #begin(file: string): void {
    [this.#file, this.#end, this.#lines, this.#hash] = [file, 0, 0, noHash];
  }
}

/** Lines as they stand in a journal, and where it stands with them. */
export interface Composed {
  /** Each with its line feed. */
  readonly texts: readonly string[];
  readonly head: Head;
}

/** Lines that follow a head, of now. */
export function compose(lines: readonly Line[], who: string, head: Head): Composed {
  const when = new Date().toISOString();
  let { hash } = head;
  const texts = lines.map((line) => {
    const text = JSON.stringify({ ...line, when, who });
    hash = hashOf(hash, text);
    return withHash(text, hash);
  });
  return { texts, head: { lines: head.lines + lines.length, hash } };
}

/** @throws AuthorityError `damaged` for a line that does not follow from the one before it */
function follow(before: string, text: string, where: string): Parsed {
  const line = parseLine(text, where);
  if (line.hash === hashOf(before, withoutHash(text))) return line;
  throw new AuthorityError("damaged", `${where}: it does not follow from the line before`);
}

/**
 * Reads a whole journal, and follows its hashes.
 * @param noted a head that somebody has noted, which must lie on the way
 * @throws AuthorityError `damaged` that names the first line that does not follow from the one before it
 */
export function audit(
  path: string,
  noted?: Head,
): { readonly lines: readonly Audited[]; readonly head: Head } {
  const content = readFileSync(path, "utf8");
  const texts = content.slice(0, content.lastIndexOf("\n") + 1).split("\n");
  const lines: Audited[] = [];
  let hash = noHash;
  for (const text of texts.slice(0, -1)) {
    const where = `${path}:${lines.length + 1}`;
    const line = follow(hash, text, where);
    ({ hash } = line);
    lines.push(line);
    if (lines.length === noted?.lines && hash !== noted.hash) {
      throw new AuthorityError("damaged", `${where}: another journal came to ${noted.hash} here`);
    }
  }
  if (lines.length < (noted?.lines ?? 0)) {
    throw new AuthorityError(
      "damaged",
      `${path}: it had ${noted?.lines} lines, and has ${lines.length}`,
    );
  }
  return { lines, head: { lines: lines.length, hash } };
}

const lineFeed = 0x0a;

/** Before the first line. */
const noHash = "0".repeat(64);

const hashOf = (before: string, text: string): string =>
  createHash("sha256").update(`${before}\n${text}`).digest("hex");

/** How a line ends that has that hash, but for its brace. */
export const hashMember = (hash: string): string => `"hash":"${hash}"`;

/** The hash stands last. */
const withHash = (text: string, hash: string): string =>
  `${text.slice(0, -1)},${hashMember(hash)}}\n`;
const withoutHash = (line: string): string => line.replace(/,"hash":"[0-9a-f]{64}"\}$/, "}");

/** Numbers of files are used again; with the time at which one was made they are not. */
function identityOf(file: number): string {
  const { ino, birthtimeMs } = fstatSync(file);
  return `${ino} ${birthtimeMs}`;
}

function openIfThere(path: string, flags: string): number | undefined {
  try {
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function writeAll(file: number, content: Buffer, position: number): void {
  for (let done = 0; done < content.length;) {
    done += writeSync(file, content, done, content.length - done, position + done);
  }
}
