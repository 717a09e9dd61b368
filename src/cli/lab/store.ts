/**
 * A run's folder: `rows.jsonl`, a line for each cell, and `manifest.json`. A line is there as a whole or not at all, so
 * that a run which was stopped goes on where it stopped; a full disk takes nothing that was written.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import {
  type CellRow,
  countDone,
  type Experiment,
  type Manifest,
  manifestOf,
  manifestText,
  readManifest,
  readRow,
  RowsError,
  type Shard,
  wholeLines,
} from "../../lab/experiment/index.ts";
import { messageOf, UsageError } from "../errors.ts";
import { makeFolder, writeOutput } from "../write.ts";

const rowsName = "rows.jsonl";
const manifestName = "manifest.json";

export interface StoredRun {
  readonly manifest: Manifest;
  readonly lines: readonly string[];
}

/** @throws UsageError for a folder that is none of a run */
export function readRun(folder: string): StoredRun {
  return naming(folder, () => {
    const manifest = readManifest(readFileSync(join(folder, manifestName), "utf8"));
    return { manifest, lines: wholeLines(readFileSync(join(folder, rowsName), "utf8")) };
  });
}

export const readRows = ({ lines }: StoredRun): CellRow[] => lines.map(readRow);

/** Appends rows, in order. */
export class RowWriter {
  readonly #fd: number;
  readonly #folder: string;
  /** Cells that were there already. */
  readonly done: number;

  private constructor(folder: string, fd: number, done: number) {
    this.#folder = folder;
    this.#fd = fd;
    this.done = done;
  }

  /**
   * Begins a folder, or goes on with one of the same experiment.
   * @throws UsageError if another's rows are in it
   */
  static open(
    folder: string,
    experiment: Experiment,
    about: Pick<Manifest, "version" | "commit" | "machines" | "measured">,
    shard?: Shard,
  ): RowWriter {
    makeFolder(folder);
    const wanted: Manifest = { ...manifestOf(experiment, shard), ...about };
    const before = join(folder, manifestName);
    if (existsSync(before)) checkSame(folder, readRun(folder).manifest, wanted);
    else writeOutput(before, manifestText(wanted));
    return naming(folder, () => {
      // Reads, appends, and cuts off what was not written to its end
      const fd = openSync(join(folder, rowsName), existsSync(join(folder, rowsName)) ? "r+" : "w+");
      const lines = wholeLines(readFileSync(fd, "utf8"));
      ftruncateSync(
        fd,
        lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0),
      );
      return new RowWriter(folder, fd, countDone(lines, experiment, shard));
    });
  }

  /** Writes a row's line. @throws UsageError if the disk is full, with all rows before in place */
  write(line: string): void {
    const bytes = Buffer.from(line);
    const { size } = fstatSync(this.#fd);
    try {
      for (let at = 0; at < bytes.length;) {
        at += writeSync(this.#fd, bytes, at, bytes.length - at, size + at);
      }
      this.#written++;
      this.#sync();
    } catch (error) {
      ftruncateSync(this.#fd, size);
      const reason =
        (error as NodeJS.ErrnoException).code === "ENOSPC" ? "the disk is full" : messageOf(error);
      throw new UsageError(
        `cannot write ${join(this.#folder, rowsName)}: ${reason}; ${this.done + this.#written} cells are in it: run the same again, and it goes on`,
      );
    }
  }

  close(): void {
    this.#sync(0);
    closeSync(this.#fd);
  }

  #written = 0;
  #synced = 0;

  /** Every second: a disk takes longer than most cells. */
  #sync(interval = 1000): void {
    const now = performance.now();
    if (now - this.#synced < interval) return;
    this.#synced = now;
    fsyncSync(this.#fd);
  }
}

/** Rows of one file come from one version and one configuration. */
function checkSame(folder: string, found: Manifest, wanted: Manifest): void {
  const members = ["configuration", "version", "commit", "measured", "shard"] as const;
  for (const member of members) {
    const [one, two] = [found[member], wanted[member]].map(
      (value) => JSON.stringify(value) ?? "none",
    );
    if (one === two) continue;
    throw new UsageError(
      `${folder} has rows of another run: ${member} was ${one}, and is ${two}; write another folder with -o, or remove it`,
    );
  }
}

/** Writes a whole run at once. */
export function writeRun(folder: string, { manifest, lines }: StoredRun): void {
  makeFolder(folder);
  writeOutput(join(folder, manifestName), manifestText(manifest));
  writeOutput(join(folder, rowsName), lines.map((line) => `${line}\n`).join(""));
}

function naming<T>(folder: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new UsageError(
        `${folder} holds no run: kemistry lab run writes ${rowsName} and ${manifestName}`,
      );
    if (error instanceof RowsError || code !== undefined)
      throw new UsageError(`${folder}: ${messageOf(error)}`);
    throw error;
  }
}
