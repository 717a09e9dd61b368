import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import {
  faces,
  facesFloor,
  floors,
  lowestNodeFloor,
  nodeBelow,
  portableFaces,
  sideways,
  strata,
} from "./floors.ts";

/** Source texts by their path under `src/`, or from `bench/` on, with forward slashes. */
export type Tree = ReadonlyMap<string, string>;

/** Every module that a source names: imports, re-exports, `import()` and `import("…")` types. */
export function specifiers(path: string, source: string): string[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const found: string[] = [];
  const add = (literal: { readonly value?: unknown } | null) => {
    if (typeof literal?.value === "string") found.push(literal.value);
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add("value" in node.source ? node.source : null),
    TSImportType: (node) => add(node.source),
  }).visit(program);
  return found;
}

/** What is wrong with the imports of a tree, one line each; empty if nothing is. */
export function violations(tree: Tree): string[] {
  const problems: string[] = [];
  const arrows = new Map<string, string[]>();
  const builtins = new Map<string, string>();
  for (const [path, source] of tree) {
    const targets: string[] = [];
    arrows.set(path, targets);
    for (const specifier of specifiers(path, source)) {
      if (isBuiltin(specifier)) {
        builtins.set(path, specifier);
        problems.push(...checkBuiltin(path, specifier));
      } else if (specifier.startsWith(".")) {
        const target = resolve(path, specifier);
        if (tree.has(target)) targets.push(target);
        else problems.push(`${path} imports ${specifier}, which does not exist`);
        problems.push(...checkDirection(path, target));
      }
    }
  }
  for (const cycle of cycles(arrows)) problems.push(`import cycle: ${cycle.join(" → ")}`);
  for (const face of portableFaces) {
    for (const path of reachable(arrows, face)) {
      const builtin = builtins.get(path);
      if (builtin !== undefined) {
        problems.push(`${face} reaches ${path}, which imports ${builtin}`);
      }
    }
  }
  return problems;
}

const isBench = (path: string): boolean => path.startsWith("bench/");

/** `bench/` stands beside `src/`, not in it. */
function resolve(from: string, specifier: string): string {
  const folder = posix.dirname(isBench(from) ? from : `src/${from}`);
  return posix.join(folder, specifier).replace(/^src\//, "");
}

const folderOf = (path: string): string => path.split("/")[0] ?? path;

function floorOf(path: string): number | undefined {
  if (faces.includes(path)) return facesFloor;
  return floors.find(({ folders }) => folders.includes(folderOf(path)))?.floor;
}

function checkDirection(from: string, to: string): string[] {
  const [lower, upper] = [floorOf(to), floorOf(from)];
  if (upper === undefined) return [`${from} stands on no floor`];
  if (lower === undefined) return [`${from} imports ${to}, which stands on no floor`];
  if (lower > upper) return [`${from} (floor ${upper}) imports up: ${to} (floor ${lower})`];
  if (lower < upper || (faces.includes(from) && faces.includes(to))) return [];
  const [here, there] = [folderOf(from), folderOf(to)];
  if (here === there && strata[here] !== undefined) return checkStrata(from, to, strata[here]);
  const declared = sideways.some((pair) => pair.from === here && pair.to === there);
  return here === there || declared ? [] : [`${from} imports sideways: ${to} (floor ${lower})`];
}

function checkStrata(from: string, to: string, order: readonly string[]): string[] {
  const [upper, lower] = [from, to].map((path) => {
    const [, stratum = "", file] = path.split("/");
    return file === undefined ? order.length : order.indexOf(stratum);
  }) as [number, number];
  const stray = upper < 0 ? from : lower < 0 ? to : undefined;
  if (stray !== undefined) return [`${stray} stands in no stratum`];
  return lower > upper ? [`${from} imports up: ${to}`] : [];
}

function checkBuiltin(path: string, specifier: string): string[] {
  const floor = floorOf(path) ?? 0;
  if (floor >= lowestNodeFloor || path.startsWith(nodeBelow)) return [];
  return [`${path} (floor ${floor}) imports ${specifier}`];
}

function reachable(arrows: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const seen = new Set<string>();
  const open = arrows.has(start) ? [start] : [];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    open.push(...(arrows.get(path) ?? []));
  }
  return seen;
}

/** One cycle for every arrow that closes one in a depth-first walk. */
function cycles(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path]);
    if (at >= 0 || done.has(path)) return;
    for (const target of arrows.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of arrows.keys()) walk(path, []);
  return found;
}
