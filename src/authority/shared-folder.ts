/**
 * A directory that several machines share: the database is what counts, and the folder is a copy of it.
 *
 * A change is kept in memory until the database has taken it, and then copied as any other machine's is. So nothing
 * stands in the folder that the database does not have, and there is nothing to finish after a crash.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Change } from "./change.ts";
import { bringUpToDate, copyFolder, missingIn, namesIn, noteVersion, positionOf } from "./copy.ts";
import type { Database, News, Position } from "./database.ts";
import type { FileContent } from "./files.ts";
import { AuthorityError } from "./errors.ts";
import { Folder, folders } from "./folder.ts";
import { Journal } from "./journal.ts";
import { eventIn, type Line } from "./lines.ts";
import { withLock } from "./lock.ts";
import type { ChangeTerms } from "./store.ts";

export class SharedFolder extends Folder {
  readonly #database: Database;
  /** What is being changed, from when the folder is up to date until the database has taken it. */
  #change: Change | undefined;
  /** Lines at the end of the records that the journal does not have yet. */
  #ahead = 0;

  constructor(path: string, database: Database) {
    super(path);
    this.#database = database;
  }

  override async prepare(): Promise<void> {
    await this.#database.prepare();
  }

  override async refresh(): Promise<void> {
    this.catchUp();
    const news = await this.#database.newsFor(this.#position());
    // Where others have copied it since, that is known when it was read
    if (missingIn(this.path, this.journal, news) !== undefined) await this.#copy(news);
  }

  override change<T>({ who, wait, run }: ChangeTerms<T>): Promise<T> {
    const end = performance.now() + wait;
    const alone = (): Promise<T> => {
      this.journal.who = who;
      this.catchUp();
      return this.#commit(end - performance.now(), run);
    };
    return withLock(this.path, alone, wait);
  }

  override read(path: string): string | undefined {
    const content = this.#change?.file(path)?.content;
    return content === undefined ? super.read(path) : Buffer.from(content).toString("utf8");
  }

  override record(lines: readonly Line[]): void {
    this.#changing.record(lines, this.journal.who);
    super.apply(lines);
    this.#ahead += lines.length;
  }

  override cut(): never {
    throw new AuthorityError(
      "misuse",
      "the journal of a database is not cut: its lines stay there",
    );
  }

  override write(path: string, content: string | Uint8Array): void {
    this.#changing.write(path, content);
  }

  override writeFolder(path: string, files: readonly FileContent[]): void {
    for (const { name, content } of files) this.#changing.write(`${path}/${name}`, content);
  }

  override remove(path: string): void {
    this.#changing.remove(path);
  }

  /** What it points to comes with the copy. */
  override link(name: string): void {
    this.#changing.names.add(name);
  }

  protected override begin(): void {
    super.begin();
    this.#ahead = 0;
  }

  protected override apply(lines: readonly Line[]): void {
    const known = Math.min(this.#ahead, lines.length);
    this.#ahead -= known;
    super.apply(lines.slice(known));
  }

  get #changing(): Change {
    return this.#change!;
  }

  #position(): Position {
    return positionOf(this.path, this.journal);
  }

  /** A change that counts once the database has it. Where it fails, what it has done is not known any more. */
  async #commit<T>(wait: number, run: () => Promise<T>): Promise<T> {
    let outcome: { readonly result: T } | { readonly error: unknown } | undefined;
    try {
      const version = await this.#database.change(
        wait,
        () => this.#position(),
        async (news) => {
          await this.#copy(news);
          this.#change = new Change(this.head);
          try {
            outcome = { result: await run() };
          } catch (error) {
            // What was done before counts, as it does in a folder
            outcome = { error };
          }
          return this.#change.changes;
        },
      );
      const { names } = this.#changing;
      await this.#copy(this.#changing.news(version), names);
    } catch (error) {
      this.journal = new Journal(this.journal.path);
      this.begin();
      this.catchUp();
      throw error;
    } finally {
      this.#change = undefined;
    }
    if (outcome !== undefined && "result" in outcome) return outcome.result;
    throw outcome?.error;
  }

  /** Writes what is new in the database, and reads it. */
  async #copy(news: News, names: Iterable<string> = []): Promise<void> {
    for (const folder of [...folders, copyFolder]) {
      mkdirSync(join(this.path, folder), { recursive: true });
    }
    await withLock(join(this.path, copyFolder), () => {
      this.catchUp();
      const { lines } = this.head;
      bringUpToDate(this.path, this.journal, news);
      this.apply(news.texts.slice(lines - news.from).map((text) => eventIn(text)));
      for (const name of new Set([...namesIn(news), ...names])) super.link(name);
      noteVersion(this.path, this.journal, news.version);
    });
  }
}
