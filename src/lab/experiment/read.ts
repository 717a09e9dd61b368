/** Experiment files: YAML, of which JSON is a part, with the place of everything that is wrong. */
import * as z from "zod/mini";
import {
  isNode,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  parseDocument,
  type Document,
  type Scalar,
  visit,
  type YAMLError,
} from "yaml";
import { printable } from "../../registry/printable.ts";
import { explainIssue } from "../../registry/json.ts";
import { meant } from "../../registry/check.ts";
import { factorNames } from "./factors.ts";
import { type ExperimentFile, experimentSchema } from "./schema.ts";

/** Something is wrong in a file, and this says where. */
export class ExperimentError extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "ExperimentError";
  /** From 1; absent where the experiment came from no text. */
  readonly line: number | undefined;
  /** From 1. */
  readonly column: number | undefined;
  /** `factors.loss[2]`; empty for the whole. */
  readonly path: string;

  constructor(
    reason: string,
    path: string,
    place?: { readonly line: number; readonly col: number },
  ) {
    const where = [
      ...(place === undefined ? [] : [`line ${place.line}, column ${place.col}`]),
      ...(path === "" ? [] : [path]),
    ];
    super(where.length === 0 ? reason : `${where.join(", ")}: ${reason}`);
    this.line = place?.line;
    this.column = place?.col;
    this.path = path;
  }
}

type Path = readonly PropertyKey[];

/** An experiment and where its parts stand, so that what is found out later can be said with its place. */
export interface Sourced {
  /** As it was written. */
  readonly file: ExperimentFile;
  /** An error about the value at this path, or the nearest above it. */
  fail(path: readonly PropertyKey[], reason: string): ExperimentError;
}

/** Longer is not an experiment. */
const longestFile = 4_000_000;
/** Brackets that are open, with the columns and dashes before what stands in a line. */
const deepest = 256;

/**
 * Reads YAML or JSON.
 * @throws ExperimentError with line and column
 */
export function readExperiment(text: string): Sourced {
  if (text.length > longestFile) {
    throw new ExperimentError(`longer than ${longestFile} characters`, "");
  }
  checkDepth(text);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // It would compare each with each
    uniqueKeys: false,
  });
  const [problem = repeatedKey(document)] = document.errors;
  if (problem !== undefined) {
    throw new ExperimentError(`not YAML: ${problem.message}`, "", lines.linePos(problem.pos[0]));
  }
  const fail = (path: Path, reason: string): ExperimentError => {
    const offset = offsetOf(document, path);
    return new ExperimentError(
      reason,
      placeOf(path),
      offset === undefined ? undefined : lines.linePos(offset),
    );
  };
  return checked(unfold(document), fail);
}

/** The parser goes down with what it reads: at the end of its stack Node may end the process. */
function checkDepth(text: string): void {
  let [brackets, columns] = [0, 0];
  let begins = true;
  for (const token of new Lexer().lex(text)) {
    if (/^\r?\n$/.test(token)) {
      [columns, begins] = [0, true];
      continue;
    }
    if (/^[[{]$/.test(token)) brackets++;
    if (/^[\]}]$/.test(token)) brackets = Math.max(0, brackets - 1);
    if (/^[-?]$/.test(token)) columns++;
    if (begins && /^ +$/.test(token)) columns += token.length;
    begins = false;
    if (brackets + columns > deepest) {
      throw new ExperimentError(`nested deeper than ${deepest}, our limit`, "");
    }
  }
}

/** A key that stands twice in a mapping. */
function repeatedKey(document: Document): Pick<YAMLError, "message" | "pos"> | undefined {
  let repeated: Scalar | undefined;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          repeated = key;
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  if (repeated === undefined) return undefined;
  const [start = 0, end = 0] = repeated.range ?? [];
  return { message: "Map keys must be unique", pos: [start, end] };
}

/** Aliases may unfold to more than anybody wrote. */
function unfold(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ExperimentError(`not YAML that ends: ${(error as Error).message}`, "");
  }
}

/** As {@link readExperiment}, for one that was put together by a program. @throws ExperimentError */
export const experimentOf = (data: unknown): Sourced =>
  checked(data, (path, reason) => new ExperimentError(reason, placeOf(path)));

function checked(data: unknown, fail: Sourced["fail"]): Sourced {
  const result = z.safeParse(experimentSchema, data);
  if (result.success) return { file: result.data, fail };
  const issue = result.error.issues[0]!;
  const { path, reason } = explainIssue(issue, data);
  throw fail(path, issue.code === "unrecognized_keys" ? `${reason}${hintFor(path)}` : reason);
}

function hintFor(path: Path): string {
  const isFactor =
    path.length === (path[0] === "cases" ? 3 : 2) && /^(factors|cases)$/.test(String(path[0]));
  const known = isFactor
    ? factorNames
    : path.length === 1
      ? Object.keys(experimentSchema.shape)
      : [];
  return known.length === 0 ? "" : meant(String(path.at(-1)), known);
}

/** `factors.loss[2]`. */
export const placeOf = (path: Path): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${printable(String(step), 64)}`))
    .join("")
    .replace(/^\./, "");

/** Where a value begins; a key's, where that is what is wrong with it. */
function offsetOf(document: Document, path: Path): number | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    const next = childOf(node, step);
    if (next === undefined) break;
    node = next.node;
    offset = next.offset ?? offset;
  }
  return offset;
}

function childOf(
  node: unknown,
  step: PropertyKey,
): { node: unknown; offset: number | undefined } | undefined {
  const items: unknown = (node as { items?: unknown } | null)?.items;
  if (!Array.isArray(items)) return undefined;
  if (typeof step === "number") {
    const item: unknown = items[step];
    return isNode(item) ? { node: item, offset: startOf(item) } : undefined;
  }
  const pair: unknown = items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
  );
  if (!isPair(pair)) return undefined;
  const key = pair.key as Node;
  const isValue = isScalar(pair.value) && pair.value.value !== null;
  return { node: pair.value, offset: startOf(isValue ? (pair.value as Node) : key) };
}

const startOf = (node: Node): number | undefined => node.range?.[0];
