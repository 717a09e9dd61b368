/**
 * `journal.jsonl`: what has happened, a line each, in order; lines are added and never changed.
 *
 * A serial number stands here before anything is signed with it, so that no certificate can exist that the
 * directory does not know. A line counts with its line feed: what a crash left without one is written over.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { type CrlReason, crlReasons, type SubjectNames } from "../identity/index.ts";
import { AuthorityError } from "./errors.ts";
import { publicMode, syncFolder } from "./files.ts";

/** What is known of a certificate before it is signed. */
export interface Issuing {
  readonly type: "issuing";
  /** Hexadecimal. */
  readonly serial: string;
  /** How the directory calls the subject; the last certificate of a name is the current one. */
  readonly name: string;
  /** The name of the issuer: its own for a root. */
  readonly issuer: string;
  /** `root`, or the profile. */
  readonly profile: string;
  readonly subject: string;
  /** Kinds of which there is none are absent. */
  readonly names: SubjectNames;
  /** SHA-256 of the SubjectPublicKeyInfo, in hexadecimal. */
  readonly key: string;
  /** ISO 8601, as are all times here. */
  readonly notBefore: string;
  readonly notAfter: string;
}

export type Line =
  | Issuing
  /** The certificate is in the directory. */
  | {
      readonly type: "issued";
      readonly serial: string;
      /** A check has found it: it is older than what else there is of its name. */
      readonly adopted?: true;
    }
  /** Nobody got a certificate with that number. */
  | { readonly type: "void"; readonly serial: string }
  /** Together: after a crash all of them are revoked, or none. */
  | {
      readonly type: "revoked";
      readonly serials: readonly string[];
      readonly at: string;
      readonly reason: CrlReason;
    }
  /** The number of a list, which no other list of the issuer has. */
  | {
      readonly type: "list";
      readonly issuer: string;
      readonly number: number;
      /** The number of the complete list that a delta adds to; absent for complete ones. */
      readonly base?: number;
      readonly at: string;
    };

export class Journal {
  readonly path: string;
  /** Where the lines end that were read. */
  #end = 0;
  #lines = 0;
  /** The file that was read: a backup that is put in its place is another one. */
  #file = "";

  constructor(path: string) {
    this.path = path;
  }

  /**
   * What was added since the last time. `isNew` says that it is another file, and all lines are given.
   * @throws AuthorityError `damaged` that names the line
   */
  read(): { readonly isNew: boolean; readonly lines: readonly Line[] } {
    const file = openIfThere(this.path, "r");
    if (file === undefined) {
      const isNew = this.#end > 0;
      [this.#file, this.#end, this.#lines] = ["", 0, 0];
      return { isNew, lines: [] };
    }
    try {
      const { size } = fstatSync(file);
      const isNew = identityOf(file) !== this.#file || size < this.#end;
      if (isNew) [this.#file, this.#end, this.#lines] = [identityOf(file), 0, 0];
      const added = Buffer.alloc(size - this.#end);
      const length = readSync(file, added, 0, added.length, this.#end);
      const whole = added.lastIndexOf(lineFeed, length - 1) + 1;
      const texts = whole === 0 ? [] : added.toString("utf8", 0, whole - 1).split("\n");
      const lines = texts.map((text, at) =>
        parseLine(text, `${this.path}:${this.#lines + at + 1}`),
      );
      this.#end += whole;
      this.#lines += lines.length;
      return { isNew, lines };
    } finally {
      closeSync(file);
    }
  }

  /** Adds lines, all or none of them, and forces them to the disk. Only for who holds the lock, and has read. */
  append(...lines: readonly Line[]): void {
    const content = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
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
    this.#lines += lines.length;
  }
}

const lineFeed = 0x0a;

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

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => Number.isSafeInteger(value);

type Members = ReadonlyMap<string, (value: unknown) => boolean>;

const membersOf = (members: Readonly<Record<string, (value: unknown) => boolean>>): Members =>
  new Map(Object.entries(members));

/** The members of each kind of line, and what they must be. */
const shapes: ReadonlyMap<string, Members> = new Map([
  [
    "issuing",
    membersOf({
      serial: (value) => typeof value === "string" && /^(?:[0-9a-f]{2})+$/.test(value),
      name: isText,
      issuer: isText,
      profile: isText,
      subject: isText,
      names: isNames,
      key: isText,
      notBefore: isDate,
      notAfter: isDate,
    }),
  ],
  [
    "issued",
    membersOf({ serial: isText, adopted: (value) => value === undefined || value === true }),
  ],
  ["void", membersOf({ serial: isText })],
  [
    "revoked",
    membersOf({
      serials: (value) => Array.isArray(value) && value.every(isText),
      at: isDate,
      reason: isReason,
    }),
  ],
  [
    "list",
    membersOf({
      issuer: isText,
      number: isNumber,
      base: (value) => value === undefined || isNumber(value),
      at: isDate,
    }),
  ],
]);

function parseLine(text: string, where: string): Line {
  const fail = (what: string): AuthorityError => new AuthorityError("damaged", `${where}: ${what}`);
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw fail("is no JSON");
  }
  const type = value?.["type"];
  const shape = typeof type === "string" ? shapes.get(type) : undefined;
  if (shape === undefined) throw fail("is of no known type");
  for (const [member, isUsable] of shape) {
    if (!isUsable(value[member])) throw fail(`has no usable ${member}`);
  }
  for (const member in value) {
    if (member !== "type" && !shape.has(member)) throw fail(`has an unknown ${member}`);
  }
  return value as unknown as Line;
}

/** As `toISOString` writes it. */
function isDate(value: unknown): boolean {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
}

function isNames(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  for (const kind in value) {
    const names: unknown = value[kind as keyof typeof value];
    if (!kinds.has(kind) || !Array.isArray(names) || !names.every(isText)) return false;
  }
  return true;
}

const kinds: ReadonlySet<string> = new Set(["dns", "ip", "uri", "email"]);

export function isReason(value: unknown): value is CrlReason {
  return typeof value === "string" && Object.hasOwn(crlReasons, value);
}
