/** A directory that is what stands in its folder: lines are in the journal at once, and files in their places. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FileContent, pointTo, unfinished, writeFolder, writeWhole } from "./files.ts";
import { type Head, Journal } from "./journal.ts";
import type { Line } from "./lines.ts";
import { withLock } from "./lock.ts";
import { type Entry, Records } from "./records.ts";
import type { ChangeTerms, Store } from "./store.ts";

/** The name of the journal in a directory. */
export const journalFile = "journal.jsonl";

/** What a directory has beside settings and journal. */
export const folders = ["issued", "live", "crl", "ocsp"];

/** Where the files of a certificate are. */
export const placeOf = ({ name, serial }: Pick<Entry, "name" | "serial">): string =>
  `issued/${name}-${serial}`;

/** Where the link of a name points that has this current certificate. */
export const targetFor = (entry: Entry): string => join("..", placeOf(entry));

export class Folder implements Store {
  readonly path: string;
  protected journal: Journal;
  #records = new Records();

  /** Nothing is read yet. */
  constructor(path: string) {
    this.path = path;
    this.journal = new Journal(join(path, journalFile));
  }

  get records(): Records {
    return this.#records;
  }

  get head(): Head {
    return this.journal.head;
  }

  async prepare(): Promise<void> {}

  /** Reads what the journal has more than before. @throws AuthorityError `damaged` */
  catchUp(): void {
    const { isNew, lines } = this.journal.read();
    if (isNew) this.begin();
    this.apply(lines);
  }

  async refresh(): Promise<void> {
    this.catchUp();
  }

  change<T>({ who, wait, run }: ChangeTerms<T>): Promise<T> {
    const alone = (): Promise<T> => {
      this.journal.who = who;
      this.catchUp();
      this.removeDrafts();
      return run();
    };
    return withLock(this.path, alone, wait);
  }

  read(path: string): string | undefined {
    const own = join(this.path, path);
    return existsSync(own) ? readFileSync(own, "utf8") : undefined;
  }

  record(lines: readonly Line[]): void {
    this.journal.append(...lines);
    this.apply(lines);
  }

  cut(before: number, least: number): number {
    const gone = this.journal.cut(before, least);
    this.catchUp();
    return gone;
  }

  write(path: string, content: string | Uint8Array): void {
    const own = join(this.path, path);
    mkdirSync(dirname(own), { recursive: true });
    writeWhole(own, content, { drafts: this.path });
  }

  writeFolder(path: string, files: readonly FileContent[]): void {
    writeFolder(join(this.path, path), files, this.path);
  }

  remove(path: string): void {
    rmSync(join(this.path, path), { recursive: true, force: true });
  }

  link(name: string): void {
    const entry = this.#records.current(name);
    if (entry !== undefined) pointTo(join(this.path, "live", name), targetFor(entry), this.path);
  }

  /** Another journal is in the place of the one that was read, or none. */
  protected begin(): void {
    this.#records = new Records();
  }

  protected apply(lines: readonly Line[]): void {
    for (const line of lines) this.#records.apply(line);
  }

  /** What a crash left of files that were being written. */
  protected removeDrafts(): void {
    for (const name of readdirSync(this.path)) if (name.startsWith(unfinished)) this.remove(name);
  }
}
