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
import type { KeyType } from "../crypto/index.ts";
import { type CrlReason, crlReasons, keyTypeNames, type SubjectNames } from "../identity/index.ts";
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
  /** `root`, `cross-certificate`, or the profile. */
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

/** What a journal can say. */
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
    }
  /** They have ended long ago, and their folders are gone. Their numbers stay given. */
  | { readonly type: "pruned"; readonly serials: readonly string[] }
  /** Another authority takes an authority's place. */
  | Succession
  /** What a name may have; it replaces what was registered under that name. */
  | Registered
  /** A name has nothing coming any more. What it has stays valid until it ends or is revoked. */
  | { readonly type: "unregistered"; readonly name: string }
  /** Lets a registered name get a certificate, once. */
  | Admission
  /** What came of an admission; where the number is void, nothing. */
  | { readonly type: "admitted"; readonly admission: string; readonly serial: string };

/** What an authority would certify its successor does, from a time on. */
export interface Succession {
  readonly type: "succeeded";
  readonly name: string;
  readonly by: string;
  readonly from: string;
  /** When nothing that counts is below it any more: a root leaves the bundle then. */
  readonly until: string;
}

/** Who a name stands for, and what it may have certified. */
export interface Registered {
  readonly type: "registered";
  readonly name: string;
  /** Who certifies it. */
  readonly issuer: string;
  readonly profile: string;
  /** All of them stand in each of its certificates, and no other. */
  readonly names: SubjectNames;
  /** Milliseconds; absent: the profile's. */
  readonly lifetime?: number;
  /** Absent: the profile's. */
  readonly keyTypes?: readonly KeyType[];
  /** Milliseconds after the end of a certificate in which it can still be renewed. */
  readonly grace: number;
}

/** Who shows the token, or has the key, gets what the name may have. */
export interface Admission {
  readonly type: "admission";
  /** SHA-256 of the token, or of the key's SubjectPublicKeyInfo, in hexadecimal. */
  readonly id: string;
  readonly by: "token" | "key";
  readonly name: string;
  readonly until: string;
}

/** A line with what stands around it. */
export interface Audited {
  readonly event: Line;
  readonly when: string;
  readonly who: string;
}

/** Where a journal stands: so many lines, and the hash of the last. */
export interface Head {
  readonly lines: number;
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
function follow(before: string, text: string, where: string): Audited & { readonly hash: string } {
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

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => Number.isSafeInteger(value);
const isHash = (value: unknown): boolean =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isTime = (value: unknown): boolean => isNumber(value) && (value as number) >= 0;
const orAbsent =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || check(value);
const listOf =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(check);

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
  ["issued", membersOf({ serial: isText, adopted: orAbsent((value) => value === true) })],
  ["void", membersOf({ serial: isText })],
  [
    "revoked",
    membersOf({
      serials: listOf(isText),
      at: isDate,
      reason: isReason,
    }),
  ],
  [
    "list",
    membersOf({
      issuer: isText,
      number: isNumber,
      base: orAbsent(isNumber),
      at: isDate,
    }),
  ],
  [
    "registered",
    membersOf({
      name: isText,
      issuer: isText,
      profile: isText,
      names: isNames,
      lifetime: orAbsent(isTime),
      keyTypes: orAbsent(listOf((value) => keyTypeNames.includes(value as KeyType))),
      grace: isTime,
    }),
  ],
  ["pruned", membersOf({ serials: listOf(isText) })],
  ["succeeded", membersOf({ name: isText, by: isText, from: isDate, until: isDate })],
  ["unregistered", membersOf({ name: isText })],
  [
    "admission",
    membersOf({
      id: isHash,
      by: (value) => value === "token" || value === "key",
      name: isText,
      until: isDate,
    }),
  ],
  ["admitted", membersOf({ admission: isHash, serial: isText })],
]);

/** Of every line. */
const around = membersOf({ when: isDate, who: isText, hash: isHash });

/** What a line says. @param text with its line feed */
export const eventIn = (text: string): Line => parseLine(text.slice(0, -1), "a line").event;

function parseLine(text: string, where: string): Audited & { readonly hash: string } {
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
  for (const [member, isUsable] of [...shape, ...around]) {
    if (!isUsable(value[member])) throw fail(`has no usable ${member}`);
  }
  for (const member in value) {
    if (member !== "type" && !shape.has(member) && !around.has(member)) {
      throw fail(`has an unknown ${member}`);
    }
  }
  const { when, who, hash, ...event } = value as unknown as Omit<Audited, "event"> & {
    readonly hash: string;
  };
  return { event: event as unknown as Line, when, who, hash };
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

/** Whether that is a reason to revoke (RFC 5280 §5.3.1). */
export function isReason(value: unknown): value is CrlReason {
  return typeof value === "string" && Object.hasOwn(crlReasons, value);
}
