/** A change that is not written yet: lines, and files by their paths below the folder. */
import type { Changes, News, SharedFile } from "./database.ts";
import { compose, type Head, hashMember } from "./journal.ts";
import type { Line } from "./lines.ts";

export class Change {
  readonly #start: Head;
  readonly #texts: string[] = [];
  readonly #files = new Map<string, SharedFile>();
  /** Whose links are to be looked at when it is copied. */
  readonly names = new Set<string>();
  #head: Head;

  /** @param head where the journal stands */
  constructor(head: Head) {
    this.#start = head;
    this.#head = head;
  }

  record(lines: readonly Line[], who: string): void {
    const { texts, head } = compose(lines, who, this.#head);
    this.#texts.push(...texts);
    this.#head = head;
  }

  write(path: string, content: string | Uint8Array): void {
    this.#files.set(path, { path, content: Buffer.from(content as string), written: Date.now() });
  }

  /** A file, or a folder with all that is in it. */
  remove(path: string): void {
    for (const own of this.#files.keys()) {
      if (own.startsWith(`${path}/`)) this.#files.delete(own);
    }
    this.#files.set(path, { path, content: undefined, written: Date.now() });
  }

  /** What it makes of a file: absent if nothing. */
  file(path: string): SharedFile | undefined {
    return this.#files.get(path);
  }

  get changes(): Changes {
    return { from: this.#start.lines + 1, texts: this.#texts, files: [...this.#files.values()] };
  }

  /** The same for the copy that it began with. */
  news(version: number): News {
    const { texts, files } = this.changes;
    return { from: this.#start.lines, last: hashMember(this.#start.hash), texts, files, version };
  }
}
