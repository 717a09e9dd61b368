/**
 * PostgreSQL as what several authorities of different machines share: the lines of the journal, and the files that go
 * with them. Each machine keeps a folder with a copy of it.
 *
 * A change is one transaction, which holds a lock from its beginning on: lines and files of a change are there together
 * or not at all, whenever a process or a machine goes. A line has its number for a key, so that two never follow the same
 * line, even if the lock were lost. What has lost its connection has lost its lock, and cannot commit.
 */
import type { Pool, PoolClient } from "pg";
import { AuthorityError } from "./errors.ts";

/** A file, by its path below the folder; without content it, and what is below it, is gone. */
export interface SharedFile {
  readonly path: string;
  readonly content: Uint8Array | undefined;
  /** Milliseconds since the epoch. */
  readonly written: number;
}

/** What was changed in one change. */
export interface Changes {
  /** The first line's number, from 1 on. */
  readonly from: number;
  readonly texts: readonly string[];
  readonly files: readonly SharedFile[];
}

/** How far a copy has come. */
export interface Position {
  readonly lines: number;
  /** Of the last change whose files it has. */
  readonly version: number;
}

/** What a copy does not have yet. */
export interface News {
  /** How many lines it had. */
  readonly from: number;
  /** The last of them, or its end, as the database has it; absent where that has none. */
  readonly last: string | undefined;
  /** Of the last change whose files these are. */
  readonly version: number;
  readonly texts: readonly string[];
  readonly files: readonly SharedFile[];
}

interface Row {
  readonly path: string;
  readonly content: Buffer | null;
  readonly written: string;
}

const tables = `
  CREATE TABLE IF NOT EXISTS kemistry_journal (line bigint PRIMARY KEY, text text NOT NULL);
  CREATE TABLE IF NOT EXISTS kemistry_files (
    path text PRIMARY KEY, content bytea, written bigint NOT NULL, version bigint NOT NULL
  );
  CREATE INDEX IF NOT EXISTS kemistry_files_version ON kemistry_files (version);
`;

/** Locks of this kind belong to a database; the schema makes them belong to its tables. */
const lock = "SELECT pg_advisory_xact_lock(hashtextextended('kemistry ' || current_schema(), 0))";

/** Milliseconds for which a change may sign, or its machine be away, before the server ends it. */
const longestPause = 60_000;

/** Changes whose files are read at once. */
const page = 200;

export class Database {
  readonly #url: string;

  /** It is asked when it is needed. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Makes the tables, unless they are there. @throws AuthorityError `busy`, `misuse` */
  async prepare(): Promise<void> {
    await this.#run(async (client) => {
      // Two that make the same table at once would fail
      await client.query(`BEGIN; ${lock}; ${tables} COMMIT`);
    });
  }

  /** @throws AuthorityError `busy`, `misuse` */
  async newsFor(position: Position): Promise<News> {
    return await this.#run((client) => newsFrom(client, position));
  }

  /**
   * Changes something, alone.
   * @param wait milliseconds that one waits for others
   * @param position of the copy; what is new is for that
   * @param run is given what is new, and gives what is to be changed
   * @returns the version of what was changed
   * @throws AuthorityError `busy`, `misuse`, and what `run` throws: then nothing was changed
   */
  async change(
    wait: number,
    position: () => Position,
    run: (news: News) => Promise<Changes>,
  ): Promise<number> {
    return await this.#run(async (client) => {
      await client.query("BEGIN");
      await client.query(`SET LOCAL lock_timeout = ${Math.max(1, Math.ceil(wait))}`);
      await client.query(`SET LOCAL idle_in_transaction_session_timeout = ${longestPause}`);
      await client.query("SET LOCAL synchronous_commit = on");
      await client.query(lock);
      const news = await newsFrom(client, position());
      const { from, texts, files } = await run(news);
      if (texts.length > 0) {
        await client.query(
          "INSERT INTO kemistry_journal SELECT * FROM unnest($1::bigint[], $2::text[])",
          [texts.map((_, at) => from + at), texts],
        );
      }
      const version = files.length > 0 ? news.version + 1 : news.version;
      if (files.length > 0) await writeFiles(client, files, version);
      await client.query("COMMIT");
      return version;
    });
  }

  /** A connection with which something failed is not used again, which ends its transaction. */
  async #run<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    // One that ends between two questions says so in no other way; the next question fails
    const ended = (): void => {};
    try {
      client = await (await poolOf(this.#url)).connect();
      client.on("error", ended);
      const result = await work(client);
      client.off("error", ended).release();
      return result;
    } catch (error) {
      client?.release(true);
      throw error instanceof AuthorityError ? error : explained(error);
    }
  }
}

async function newsFrom(client: PoolClient, position: Position): Promise<News> {
  // Lines first: files are written with them or before
  const { rows } = await client.query<{ line: string; text: string }>(
    "SELECT line, text FROM kemistry_journal WHERE line >= $1 ORDER BY line",
    [position.lines],
  );
  const texts = rows.map(({ text }) => text);
  const last = position.lines === 0 ? undefined : texts.shift();
  const newest = await newestVersion(client);
  const files: SharedFile[] = [];
  for (let after = position.version; after < newest; after += page) {
    const found = await client.query<Row>(
      `SELECT path, content, written FROM kemistry_files
        WHERE version > $1 AND version <= $2 ORDER BY version, path`,
      [after, Math.min(after + page, newest)],
    );
    files.push(
      ...found.rows.map(({ path, content, written }) => ({
        path,
        content: content ?? undefined,
        written: Number(written),
      })),
    );
  }
  return { from: position.lines, last, texts, files, version: newest };
}

async function writeFiles(
  client: PoolClient,
  files: readonly SharedFile[],
  version: number,
): Promise<void> {
  const gone = files.flatMap(({ path, content }) => (content === undefined ? [path] : []));
  await client.query(
    "DELETE FROM kemistry_files USING unnest($1::text[]) AS gone WHERE starts_with(path, gone || '/')",
    [gone],
  );
  await client.query(
    `INSERT INTO kemistry_files (path, content, written, version)
      SELECT path, content, written, $4 FROM unnest($1::text[], $2::bytea[], $3::bigint[])
        AS new (path, content, written)
      ON CONFLICT (path) DO UPDATE
        SET content = excluded.content, written = excluded.written, version = excluded.version`,
    [
      files.map(({ path }) => path),
      files.map(({ content }) => (content === undefined ? null : Buffer.from(content))),
      files.map(({ written }) => Math.round(written)),
      version,
    ],
  );
}

async function newestVersion(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    "SELECT coalesce(max(version), 0) AS version FROM kemistry_files",
  );
  return Number(rows[0]?.version ?? 0);
}

/** One for each database of this process, whose connections end when they are not used, and keep no process alive. */
const pools = new Map<string, Pool>();

async function poolOf(url: string): Promise<Pool> {
  const known = pools.get(url);
  if (known !== undefined) return known;
  const { Pool: NewPool } = await importClient();
  const pool = new NewPool({
    connectionString: url,
    max: 4,
    allowExitOnIdle: true,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // One that ends while nobody uses it is replaced by the next that is needed
  pool.on("error", () => {});
  pools.set(url, pool);
  return pool;
}

async function importClient() {
  try {
    return (await import("pg")).default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new AuthorityError(
      "misuse",
      "a database needs the package pg, which is not installed: npm install pg",
    );
  }
}

/** Who asks learns that it does not work now, and nothing of where the database is. */
function explained(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error(String(cause));
  const { code = "" } = cause as { readonly code?: string };
  // lock_not_available
  if (code === "55P03") {
    return new AuthorityError("busy", "another process is writing to the database: wait longer");
  }
  // unique_violation: a line of that number is there
  if (code === "23505") {
    return new AuthorityError("busy", "another process has written to the database meanwhile");
  }
  // Authentication, catalogue, syntax or access rule: waiting does not help
  if (/^(28|3D|3F|42)/.test(code)) {
    return new AuthorityError("misuse", `the database refuses: ${cause.message}`);
  }
  // One of ours, or of the caller's
  if (code === "" && !/connection|terminated|timeout/i.test(cause.message)) return cause;
  return new AuthorityError("busy", `the database does not answer (${code || cause.message})`);
}
