/** Finds files of test vectors and reads them. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type Corpus, readCorpus, UnreadableCorpus } from "../../lab/vectors/index.ts";
import { messageOf, unreadable, UsageError } from "../errors.ts";
import { packageRoot } from "../package-root.ts";

export interface VectorFile {
  readonly path: string;
  /** From the folder that was named on, for people. */
  readonly name: string;
  /** It was named itself, and not its folder: it must then be readable. */
  readonly named: boolean;
}

/**
 * The corpora: those of the repository, or the package `kemistry-vectors`, which has them.
 * @throws UsageError where neither is there
 */
export function ownVectors(root: URL = packageRoot()): string {
  const inRepository = fileURLToPath(new URL("vectors", root));
  if (statSync(inRepository, { throwIfNoEntry: false })?.isDirectory()) return inRepository;
  try {
    const packaged = createRequire(new URL("package.json", root));
    return dirname(packaged.resolve("kemistry-vectors/package.json"));
  } catch {
    throw new UsageError(
      "the corpora are a package of their own: npm install kemistry-vectors, or name files with --corpus",
    );
  }
}

/**
 * The files that were named, and all under the folders that were, in alphabetical order.
 * @throws UsageError if there are none
 */
export function findVectors(paths: readonly string[]): VectorFile[] {
  const files = paths.flatMap((path) => {
    if (!isFolder(path)) return [{ path, name: basename(path), named: true }];
    const found = walk(path).map((name) => ({ path: join(path, name), name, named: false }));
    if (found.length === 0) throw new UsageError(`no .json or .rsp files in ${path}`);
    return found;
  });
  return files.filter(({ path, named }) => named || !isPartOfAnother(path));
}

/** @throws UnreadableCorpus, and of these UnknownFormat for a file without vectors */
export function loadVectors({ path, name }: VectorFile): Corpus {
  const expected = answersOf(path);
  return readCorpus(name, readPacked(path), expected && readPacked(expected));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

const isVectorName = (name: string): boolean => /\.(json|rsp)(\.gz)?$/.test(name);

function walk(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory()) {
        const isHidden = entry.name.startsWith(".") || entry.name === "node_modules";
        return isHidden ? [] : walk(join(folder, entry.name)).map((name) => join(entry.name, name));
      }
      return isVectorName(entry.name) ? [entry.name] : [];
    });
}

/** ACVP writes questions and answers to two files, and both once more to a third. */
const acvp = {
  prompt: "prompt.json",
  answers: "expectedResults.json",
  both: "internalProjection.json",
};

const beside = (path: string, name: string): string | undefined => {
  const ending = path.endsWith(".gz") ? ".gz" : "";
  const other = join(dirname(path), name + ending);
  return statSync(other, { throwIfNoEntry: false })?.isFile() ? other : undefined;
};

const isNamed = (path: string, name: string): boolean => basename(path, ".gz") === name;

const answersOf = (path: string): string | undefined =>
  isNamed(path, acvp.prompt) ? beside(path, acvp.answers) : undefined;

const isPartOfAnother = (path: string): boolean =>
  [acvp.answers, acvp.both].some((name) => isNamed(path, name)) &&
  beside(path, acvp.prompt) !== undefined &&
  beside(path, acvp.answers) !== undefined;

function readPacked(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (error) {
    throw new UnreadableCorpus(messageOf(error), { cause: error });
  }
}
