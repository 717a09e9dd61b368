/**
 * What a run leaves on disk: one line of JSON for each cell, in their order, and a manifest that says what they are of.
 * The lines hold nothing of the machine, the date or the shard, so that shards merge to what one run writes.
 */
import * as z from "zod/mini";
import { sha256 } from "@noble/hashes/sha2.js";
import { readJson } from "../../registry/json.ts";
import { toHex, utf8 } from "../../wire/index.ts";
import { type FactorName, factorNames } from "./factors.ts";
import type { Experiment } from "./resolve.ts";
import { type CellRow, cellsOf, type Shard } from "./run.ts";

export const format = "kemistry-experiment-1";

const text = z.string();
const whole = z.int().check(z.minimum(0));

const manifestSchema = z.strictObject({
  format: z.literal(format),
  name: text,
  seed: text,
  repetitions: whole,
  percentiles: z.array(z.number()),
  varied: z.array(z.enum(factorNames as [FactorName, ...FactorName[]])),
  cells: whole,
  /** SHA-256 of all that decides what the rows hold. */
  configuration: text,
  shard: z.optional(z.strictObject({ index: whole, count: whole })),
  version: text,
  commit: z.optional(text),
  /** Where it ran; of merged shards all of them. */
  machines: z.array(
    z.strictObject({ date: text, node: text, platform: text, cpu: text, cores: whole }),
  ),
  /** What the CPU mode `measured` means: the file's digest. */
  measured: z.optional(text),
});

/** What rows are of. */
export type Manifest = z.infer<typeof manifestSchema>;

/** A file is not what it should be, or files do not belong together. */
export class RowsError extends Error {
  override readonly name = "RowsError";
}

const bad = (reason: string): RowsError => new RowsError(reason);

/** Reads `manifest.json`. @throws RowsError that names the member */
export const readManifest = (json: string): Manifest => readJson(json, manifestSchema, bad);

export const manifestText = (manifest: Manifest): string =>
  `${JSON.stringify(manifest, undefined, 2)}\n`;

/** The part of a manifest that follows from the experiment. */
export const manifestOf = (
  experiment: Experiment,
  shard?: Shard,
): Pick<
  Manifest,
  | "format"
  | "name"
  | "seed"
  | "repetitions"
  | "percentiles"
  | "varied"
  | "cells"
  | "configuration"
  | "shard"
> => ({
  format,
  name: experiment.name,
  seed: experiment.seed,
  repetitions: experiment.repetitions,
  percentiles: [...experiment.percentiles],
  varied: [...experiment.varied],
  cells: experiment.cells.length,
  configuration: configurationOf(experiment),
  ...(shard && { shard: { ...shard } }),
});

/** Two experiments with the same come to the same rows, by the same version of the program. */
function configurationOf({ seed, repetitions, cells }: Experiment): string {
  const decisive = cells.map(({ values, handshake, network, cpu }) => [
    values,
    handshake,
    network,
    cpu,
  ]);
  return toHex(sha256(utf8(JSON.stringify([seed, repetitions, decisive]))));
}

/** A cell as a line of the rows' file, with its end. */
export const rowLine = (row: CellRow): string => `${JSON.stringify(row)}\n`;

const time = z.union([z.number(), z.null()]);
const rowSchema = z.looseObject({
  cell: whole,
  values: z.looseObject({}),
  sizeOnly: z.array(text),
  broken: z.array(text),
  ms: z.array(time),
});

/** Reads such a line. @throws RowsError */
export const readRow = (line: string): CellRow =>
  readJson(line, rowSchema, bad) as unknown as CellRow;

/** Whole lines; what follows the last of them was not written to its end. */
export const wholeLines = (content: string): string[] =>
  content
    .slice(0, content.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1);

/**
 * How many cells are there already.
 * @throws RowsError if the lines are not those of this experiment's cells, in order
 */
export function countDone(lines: readonly string[], experiment: Experiment, shard?: Shard): number {
  const cells = cellsOf(experiment, shard && { shard });
  for (const [at, line] of lines.entries()) {
    const { cell } = readRow(line);
    if (cell !== cells[at]?.index) {
      throw bad(`line ${at + 1}: expected cell ${cells[at]?.index ?? "none"}, got cell ${cell}`);
    }
  }
  return lines.length;
}

/** A shard's manifest and its lines. */
export interface Part {
  /** For errors: its folder. */
  readonly name: string;
  /** What it is a part of. */
  readonly manifest: Manifest;
  /** Of its rows' file, without their ends. */
  readonly lines: readonly string[];
}

/**
 * Puts shards together: the same lines, byte for byte, as one run writes.
 * @throws RowsError that says which shards differ in what, are missing, there twice, or not complete
 */
export function mergeParts(parts: readonly Part[]): {
  readonly manifest: Manifest;
  readonly lines: string[];
} {
  const [first, ...others] = parts;
  if (first === undefined) throw bad("there are no shards to merge");
  for (const other of others) {
    for (const member of mustAgree) {
      const [one, two] = [first.manifest[member], other.manifest[member]].map((value) =>
        JSON.stringify(value),
      );
      if (one !== two) {
        throw bad(
          `${first.name} and ${other.name} differ in ${member}: ${one ?? "none"}, and ${two ?? "none"}`,
        );
      }
    }
  }
  const { shard: some, ...common } = first.manifest;
  const count = some?.count ?? 1;
  const byIndex = new Map<number, Part>();
  for (const part of parts) {
    const { index, count: own } = part.manifest.shard ?? { index: 0, count: 1 };
    if (own !== count)
      throw bad(`${first.name} is one of ${count} shards, ${part.name} one of ${own}`);
    const twice = byIndex.get(index);
    if (twice !== undefined)
      throw bad(`${twice.name} and ${part.name} are the same shard, ${index + 1}/${count}`);
    byIndex.set(index, part);
  }
  const lines: string[] = [];
  for (let cell = 0; cell < common.cells; cell++) {
    const index = cell % count;
    const part = byIndex.get(index);
    if (part === undefined) throw bad(`shard ${index + 1}/${count} is missing`);
    const line = part.lines[Math.floor(cell / count)];
    if (line === undefined)
      throw bad(
        `${part.name} is not complete: cell ${cell} is missing; run it again, and it goes on`,
      );
    if (readRow(line).cell !== cell)
      throw bad(`${part.name}: expected cell ${cell}, got cell ${readRow(line).cell}`);
    lines.push(line);
  }
  return {
    manifest: { ...common, machines: parts.flatMap(({ manifest }) => manifest.machines) },
    lines,
  };
}

const mustAgree = [
  "format",
  "seed",
  "repetitions",
  "version",
  "commit",
  "measured",
  "name",
  "cells",
  "configuration",
] as const satisfies readonly (keyof Manifest)[];

/** A table with a line for each handshake. */
export function* csvLines(
  varied: readonly FactorName[],
  rows: Iterable<CellRow>,
): Generator<string> {
  yield csvLine(["cell", ...varied, "repetition", "ms", "lost", "sizeOnly", "broken", "error"]);
  for (const { cell, values, ms, lost, sizeOnly, broken, error } of rows) {
    const head = [cell, ...varied.map((name) => values[name])];
    const tail = [sizeOnly.join("; "), broken.join("; "), error ?? ""];
    if (ms.length === 0) yield csvLine([...head, "", "", "", ...tail]);
    for (const [repetition, value] of ms.entries()) {
      yield csvLine([...head, repetition, value ?? "", lost?.[repetition] ?? "", ...tail]);
    }
  }
}

/** RFC 4180; what a spreadsheet would take for a formula is quoted with an apostrophe. */
const csvLine = (cells: readonly (string | number | boolean | object)[]): string =>
  `${cells
    .map((cell) => {
      const plain = typeof cell === "object" ? JSON.stringify(cell) : String(cell);
      const safe = typeof cell === "string" && /^[=+\-@]/.test(plain) ? `'${plain}` : plain;
      return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    })
    .join(",")}\n`;
