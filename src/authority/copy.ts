/** A folder as a copy of a database: what of it is there, and how it is brought up to date. */
import * as z from "zod/mini";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson } from "../registry/json.ts";
import type { News, Position, SharedFile } from "./database.ts";
import { AuthorityError } from "./errors.ts";
import { secretMode, unfinished, writeFolder, writeWhole } from "./files.ts";
import { hashMember, type Journal } from "./journal.ts";

const stateFile = "state.json";

const schema = z.strictObject({ version: z.int().check(z.minimum(0)) });

/** Where a copy keeps what it is: how far it has come, and the lock of who writes it. */
export const copyFolder = "copy";

/** How far a folder has come. Its journal was read to the end. @throws AuthorityError `damaged` */
export function positionOf(folder: string, { head: { lines } }: Journal): Position {
  const path = join(folder, copyFolder, stateFile);
  if (!existsSync(path)) return { lines, version: 0 };
  const damaged = (reason: string): AuthorityError =>
    new AuthorityError("damaged", `${path}: ${reason}`);
  return { lines, ...readJson(readFileSync(path, "utf8"), schema, damaged) };
}

/**
 * What of the news a folder does not have.
 * @throws AuthorityError `damaged` for a database that is not the one that was copied, or has been put back
 */
export function missingIn(folder: string, journal: Journal, news: News): News | undefined {
  const { lines, version } = positionOf(folder, journal);
  const known = lines - news.from;
  const last = known === 0 ? news.last : news.texts[known - 1];
  const isSame = lines === 0 || last?.includes(hashMember(journal.head.hash)) === true;
  if (!isSame || (known === 0 && news.version < version)) {
    throw new AuthorityError(
      "damaged",
      `the database does not go on from line ${lines}, which ${folder} has: it is another one, or an ` +
        "older state of it; if that is right, remove all in the folder but pki.json",
    );
  }
  if (known === news.texts.length && news.version <= version) return undefined;
  return { ...news, from: lines, last, texts: news.texts.slice(known) };
}

/**
 * Writes what is new. What a crash leaves undone is done the next time: files come before the lines that speak of them,
 * and are the same ones then. One process at a time, which has read the journal to the end.
 * @throws AuthorityError `damaged`, as {@link missingIn}
 */
export function bringUpToDate(folder: string, journal: Journal, news: News): void {
  const missing = missingIn(folder, journal, news);
  if (missing === undefined) return;
  for (const name of readdirSync(folder)) {
    if (name.startsWith(unfinished)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  for (const [path, files] of byPlace(missing.files)) writeAt(folder, path, files);
  if (missing.texts.length > 0) journal.receive(missing.texts);
}

/** Says that all files up to a version are there. */
export function noteVersion(folder: string, journal: Journal, version: number): void {
  if (positionOf(folder, journal).version >= version) return;
  const state = `${JSON.stringify({ version })}\n`;
  writeWhole(join(folder, copyFolder, stateFile), state, { drafts: folder });
}

/** The names whose certificates are among these files. */
export function namesIn({ files }: News): Set<string> {
  const places = files.map(({ path }) => /^issued\/(.*)-[0-9a-f]+\//.exec(path)?.[1] ?? "");
  return new Set(places.filter((name) => name !== ""));
}

/** What belongs together is written together: certificate, chain and key. */
function byPlace(files: readonly SharedFile[]): Map<string, SharedFile[]> {
  const places = new Map<string, SharedFile[]>();
  for (const file of files) {
    if (!/^(issued|crl|requests)(\/[a-z0-9][\w.-]*){1,2}$/i.test(file.path)) {
      throw new AuthorityError("damaged", `the database has a file that cannot be: ${file.path}`);
    }
    const place = file.path.split("/").length === 3 ? dirname(file.path) : file.path;
    places.set(place, [...(places.get(place) ?? []), file]);
  }
  return places;
}

function writeAt(folder: string, place: string, files: readonly SharedFile[]): void {
  const path = join(folder, place);
  mkdirSync(dirname(path), { recursive: true });
  const [first] = files;
  if (first?.path !== place) {
    // Never changed once it is there
    if (existsSync(path)) return;
    const contents = files.map(({ path: own, content = "" }) => {
      const name = own.slice(place.length + 1);
      return { name, content, ...(name.startsWith("key.") ? { mode: secretMode } : {}) };
    });
    writeFolder(path, contents, folder);
  } else if (first.content === undefined) {
    rmSync(path, { recursive: true, force: true });
  } else {
    writeWhole(path, first.content, { drafts: folder });
    const seconds = first.written / 1000;
    utimesSync(path, seconds, seconds);
  }
}
