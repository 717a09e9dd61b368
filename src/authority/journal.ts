/**
 * `journal.jsonl`: what has happened, a line each, in order; lines are added and never changed.
 *
 * A serial number stands here before anything is signed with it, so that no certificate can exist that the
 * directory does not know. A line counts with its line feed: what a crash left without one is written over.
 *
 * Each line says when it was written and by whom, and ends with a hash over itself and the line before: whoever
 * changes one, or takes one away, must write all that follow anew, and no longer comes to the end that others
 * have noted. {@link audit} looks at that.
 *
 * {@link Journal.cut} lets go of old lines that are not needed any more. What is kept of them stands first, and a line
 * `cut` behind it has the hash of the last of them, so that all that follow go on from there. A line `cutting` among
 * those has the hash of what is kept.
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
import { publicMode, syncFolder, writeWhole } from "./files.ts";
import { type Audited, type Line, type Parsed, parseLine } from "./lines.ts";
import { needed } from "./needed.ts";
import { Records } from "./records.ts";

/** Where a journal stands: so many lines, and the hash of the last. */
export interface Head {
  /** Lines that were written, those among them that were let go of. */
  readonly lines: number;
  /** SHA-256 of the last line, in hexadecimal. */
  readonly hash: string;
}

export class Journal {
  readonly path: string;
  /** Where the lines end that were read. */
  #end = 0;
  /** Lines that were read. */
  #read = 0;
  /** Lines that were written. */
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
      const lines = texts.map((text, at) => parseLine(text, `${this.path}:${this.#read + at + 1}`));
      this.#end += whole;
      this.#take(lines);
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

  /**
   * Lets go of lines that were written before a time, as far as they are not needed. Only for who holds the lock, and
   * has read; who reads next reads another file.
   * @param before - milliseconds since the epoch
   * @param least - so many lines must go, or none does
   * @returns how many went
   * @throws AuthorityError `damaged`, as {@link audit} does; then nothing has changed
   */
  cut(before: number, least: number): number {
    const { begin, kept: known, lines } = followAll(this.path);
    const young = lines.findIndex(({ when }) => Date.parse(when) >= before);
    const old = young === -1 ? lines : lines.slice(0, young);
    const all = [...known, ...old];
    const kept = needed(all);
    const gone = all.length - kept.length;
    const last = old.at(-1);
    if (last === undefined || gone < least) return 0;
    const rest = lines.slice(old.length);
    // What is damaged later is damaged now, while all of it is there
    const records = new Records();
    for (const { event } of [...kept, ...rest]) records.apply(event);
    const until = begin.lines + old.length;
    const place = { event: { type: "cut", lines: until } as const, when: new Date().toISOString() };
    const first = [...kept, { ...place, who: this.who, hash: last.hash }].map(print).join("");
    const line = { type: "cutting", lines: until, digest: digestOf(first) } as const;
    const { texts } = compose([line], this.who, this.head);
    const content = [first, ...rest.map(({ text }) => `${text}\n`), ...texts].join("");
    writeWhole(this.path, content);
    return gone;
  }

  #take(lines: readonly Parsed[]): void {
    this.#read += lines.length;
    for (const { event, hash } of lines) {
      this.#lines = event.type === "cut" ? event.lines : this.#lines + 1;
      this.#hash = hash;
    }
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
    this.#read += texts.length;
    this.#lines = head.lines;
    this.#hash = head.hash;
  }

  #begin(file: string): void {
    [this.#file, this.#end, this.#read, this.#lines, this.#hash] = [file, 0, 0, 0, noHash];
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

/** A line, and the text that its hash is over. */
interface Followed extends Parsed {
  readonly text: string;
}

/** All that stands in a journal. */
interface Whole {
  /** What is kept of lines that were let go of. */
  readonly kept: readonly Parsed[];
  /** Those after them, each of which follows from the one before. */
  readonly lines: readonly Followed[];
  /** Where it stands after those that were let go of. */
  readonly begin: Head;
}

/** @throws AuthorityError `damaged` that names the first line that does not follow from the one before it */
function followAll(path: string): Whole {
  const content = readFileSync(path, "utf8");
  const texts = content.split("\n").slice(0, -1);
  const place = texts.findLastIndex((text) => text.startsWith('{"type":"cut",'));
  const kept = texts.slice(0, place + 1).map((text, at) => parseLine(text, `${path}:${at + 1}`));
  const cut = kept.pop();
  const begin = {
    lines: cut?.event.type === "cut" ? cut.event.lines : 0,
    hash: cut?.hash ?? noHash,
  };
  let { hash } = begin;
  const lines = texts.slice(place + 1).map((text, at) => {
    const line = follow(hash, text, `${path}:${place + at + 2}`);
    ({ hash } = line);
    return { ...line, text };
  });
  if (cut !== undefined) {
    const digest = digestOf(
      texts
        .slice(0, place + 1)
        .map((text) => `${text}\n`)
        .join(""),
    );
    const isWritten = ({ event }: Parsed): boolean =>
      event.type === "cutting" && event.lines === begin.lines && event.digest === digest;
    if (!lines.some(isWritten)) {
      throw new AuthorityError(
        "damaged",
        `${path}:${place + 1}: what is kept of ${begin.lines} lines is not what was written`,
      );
    }
  }
  return { begin, kept, lines };
}

/** What an audit finds. */
export interface Audit {
  /** What stands in it. */
  readonly lines: readonly Audited[];
  /** Where it stands. */
  readonly head: Head;
  /** So many lines were let go of; those that are still needed of them stand first. */
  readonly cut: number;
}

/**
 * Reads a whole journal, and follows its hashes.
 * @param noted a head that somebody has noted, which must lie on the way
 * @throws AuthorityError `damaged` that names the first line that does not follow from the one before it; `misuse` for a
 *   noted head among lines that were let go of
 */
export function audit(path: string, noted?: Head): Audit {
  const { begin, kept, lines } = followAll(path);
  const head = { lines: begin.lines + lines.length, hash: lines.at(-1)?.hash ?? begin.hash };
  if (noted !== undefined) {
    if (noted.lines < begin.lines) {
      throw new AuthorityError(
        "misuse",
        `${path}: the first ${begin.lines} lines were let go of, and line ${noted.lines} with them: note a later one`,
      );
    }
    if (noted.lines > head.lines) {
      throw new AuthorityError(
        "damaged",
        `${path}: it had ${noted.lines} lines, and has ${head.lines}`,
      );
    }
    const hash = lines[noted.lines - begin.lines - 1]?.hash ?? begin.hash;
    if (hash !== noted.hash) {
      const where = `${path}:${kept.length + (begin.lines > 0 ? 1 : 0) + noted.lines - begin.lines}`;
      throw new AuthorityError("damaged", `${where}: another journal came to ${noted.hash} here`);
    }
  }
  return { lines: [...kept, ...lines], head, cut: begin.lines };
}

const lineFeed = 0x0a;

/** Before the first line. */
const noHash = "0".repeat(64);

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

const print = ({ event, when, who, hash }: Parsed): string =>
  `${JSON.stringify({ ...event, when, who, hash })}\n`;

const hashOf = (before: string, text: string): string => digestOf(`${before}\n${text}`);

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
