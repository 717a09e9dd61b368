/**
 * The API reference: what each entry point exports, with the signature that its API report has and the doc comment that
 * stands in the source.
 */
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { parseSync } from "oxc-parser";

/** An exported name. */
export interface Entry {
  readonly name: string;
  /** As the declaration says it, without its body. */
  readonly signature: string;
  /** Markdown; empty if it has none. */
  readonly doc: string;
}

/** Declarations of a report by name, overloads together. */
export function signaturesOf(report: string): Map<string, string> {
  const [, code = ""] = /```ts\n([^]*?)\n```/.exec(report) ?? [];
  const found = new Map<string, string>();
  for (const block of code.split(/\n(?=\/\/ @public)/)) {
    const text = block
      .replaceAll(/^\s*\/\/ (\(undocumented\)|@public.*|Warning: .*)\n/gm, "")
      .trim();
    const [, name] =
      /^export (?:declare )?(?:abstract )?(?:function|interface|class|const|type|namespace) ([\w$]+)/m.exec(
        text,
      ) ?? [];
    if (name === undefined) continue;
    const before = found.get(name);
    found.set(name, before === undefined ? text : `${before}\n\n${text}`);
  }
  return found;
}

interface Origin {
  readonly file: string;
  readonly local: string;
}

/** Finds doc comments behind re-exports. Each file is read once. */
export class Sources {
  readonly #root: string;
  readonly #exports = new Map<string, ReadonlyMap<string, Origin>>();
  readonly #texts = new Map<string, string>();

  /** @param root the folder of `src/` */
  constructor(root: string) {
    this.#root = root;
  }

  /** @param face an entry point: `src/index.ts` */
  docOf(face: string, name: string): string {
    const origin = this.#find(face, name);
    if (origin === undefined) return "";
    const text = this.#text(origin.file);
    const declaration = new RegExp(
      `^export (?:declare )?(?:abstract )?(?:async )?(?:function\\*?|interface|class|const|type) ${escapeForRegExp(origin.local)}\\b`,
      "m",
    ).exec(text);
    if (declaration === null) return "";
    const before = text.slice(0, declaration.index).trimEnd();
    if (!before.endsWith("*/")) return "";
    return docText(before.slice(before.lastIndexOf("/**")));
  }

  #find(file: string, name: string): Origin | undefined {
    const origin = this.#exportsOf(file).get(name);
    if (origin === undefined || origin.file === file) return origin;
    return this.#find(origin.file, origin.local) ?? origin;
  }

  #exportsOf(file: string): ReadonlyMap<string, Origin> {
    const known = this.#exports.get(file);
    if (known !== undefined) return known;
    const found = new Map<string, Origin>();
    this.#exports.set(file, found);
    const { module } = parseSync(file, this.#text(file));
    const resolve = (specifier: string) => posix.join(posix.dirname(file), specifier);
    for (const { entries } of module.staticExports) {
      for (const { moduleRequest, importName, exportName, localName } of entries) {
        const from = moduleRequest?.value;
        if (from !== undefined && !from.startsWith(".")) continue;
        const kind: string = importName.kind;
        if (kind === "All" || kind === "AllButDefault") {
          if (exportName.name !== null || from === undefined) continue;
          for (const [name] of this.#exportsOf(resolve(from))) {
            found.set(name, { file: resolve(from), local: name });
          }
        } else if (exportName.name !== null) {
          const local = importName.name ?? localName.name ?? exportName.name;
          found.set(exportName.name, { file: from === undefined ? file : resolve(from), local });
        }
      }
    }
    return found;
  }

  #text(file: string): string {
    let text = this.#texts.get(file);
    if (text === undefined) {
      text = readFileSync(posix.join(this.#root, file), "utf8");
      this.#texts.set(file, text);
    }
    return text;
  }
}

const escapeForRegExp = (text: string): string => text.replace(/[$]/g, "\\$&");

/** Without its stars; `{@link X}` is code, and what is thrown or returned begins a paragraph. */
function docText(comment: string): string {
  return comment
    .replace(/^\/\*\*\s?/, "")
    .replace(/\s*\*\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .replace(/\{@link ([^}]*)\}/g, "`$1`")
    .replace(/^@(throws|returns|param|internal)\b ?/gm, (_, tag: string) => `\n**${tag}** `)
    .trim();
}

/** Every exported name of an entry point, in the order of its report. */
export const entriesOf = (report: string, face: string, sources: Sources): Entry[] =>
  [...signaturesOf(report)].map(([name, signature]) => ({
    name,
    signature,
    doc: sources.docOf(face, name),
  }));
