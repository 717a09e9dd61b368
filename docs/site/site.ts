/**
 * The documentation as a static folder: guides, the API reference, algorithms, what was measured and checked, a handshake
 * explained, and the playground. All links are checked, and one that leads nowhere is an error.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { createNoble, seededRandom } from "../../src/crypto/index.ts";
import { watchExchange } from "../../src/lab/explained/exchange.ts";
import { explain } from "../../src/lab/explained/explain.ts";
import { explainedPage } from "../../src/lab/explained/page/page.ts";
import { runHandshake } from "../../src/lab/run.ts";
import { setUp } from "../../src/lab/scenario.ts";
import { escape } from "../../src/report/html.ts";
import { builtIn } from "./built-in.ts";
import { entriesOf, type Entry, Sources } from "./api.ts";
import { type Part, render, type Rendered } from "./markdown.ts";
import { type Chapter, sitePage } from "./page.ts";
import type { Row } from "./search-row.ts";
import { siteStyle } from "./style.ts";

/** A page of the site before it has its contents beside it. */
interface Page {
  /** From the root of the site. */
  readonly path: string;
  readonly title: string;
  readonly html: string;
  readonly parts: readonly Part[];
  readonly ids: ReadonlySet<string>;
  /** Links within the site, from its root, with what is behind the hash. */
  readonly links: readonly string[];
}

/** Pages that are not made of Markdown. */
const made = {
  handshake: "handshake.html",
  playground: "play/index.html",
};

/**
 * Builds everything but the playground and the search's script, which a bundler makes.
 * @returns the addresses of all pages, from the root of the site
 * @throws Error that lists links that lead nowhere
 */
export function buildSite(root: string, folder: string): string[] {
  const documents = documentsOf(root);
  const pages = [
    ...documents.map((path) => documentPage(root, path)),
    documentPage(root, "docs/built-in.md", builtIn()),
    ...apiPages(root),
  ];
  const problems = brokenLinks(pages);
  if (problems.length > 0) throw new Error(`links lead nowhere:\n${problems.join("\n")}`);
  const [twice] = pages.filter(
    ({ path }, at) => pages.findIndex((page) => page.path === path) < at,
  );
  if (twice !== undefined) throw new Error(`two pages are ${twice.path}`);
  const contents = contentsOf(pages);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const page of pages) write(page.path, sitePage(page, contents));
  write("site.css", siteStyle);
  write("search-index.js", searchIndex(pages));
  write(made.handshake, exampleHandshake());
  return [...pages.map(({ path }) => path), made.handshake];
}

/** Markdown for readers, from the root of the repository. */
function documentsOf(root: string): string[] {
  const top = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return [...top, ...docs.map((name) => `docs/${name}`)];
}

/** Where a document stands on the site. */
function pathOf(document: string): string {
  if (document === "README.md") return "index.html";
  const name = document.replace(/^docs\//, "").replace(/\.md$/, ".html");
  return name === "README.html" ? "documentation.html" : name.toLowerCase();
}

function documentPage(root: string, document: string, source?: string): Page {
  const path = pathOf(document);
  const links: string[] = [];
  const resolve = (link: string): string | undefined => {
    if (/^[a-z]+:/i.test(link)) return link;
    const [target = "", hash] = link.split("#") as [string?, string?];
    const to =
      target === "" ? document : posix.normalize(posix.join(posix.dirname(document), target));
    const onSite = siteOf(root, to);
    if (onSite === undefined) return undefined;
    const address = `${onSite}${hash === undefined ? "" : `#${hash}`}`;
    links.push(address);
    return posix.relative(posix.dirname(path), onSite) + (hash === undefined ? "" : `#${hash}`);
  };
  const rendered: Rendered = render(source ?? readFileSync(join(root, document), "utf8"), resolve);
  return { ...rendered, path, links };
}

/** `undefined` for what is in the repository only. @throws Error for what is not there at all */
function siteOf(root: string, target: string): string | undefined {
  if (/^docs\/api\/?$/.test(target)) return "api/kemistry.html";
  if (/^docs\/?$/.test(target)) return "documentation.html";
  // What is not there at all is no link
  if (statSync(join(root, target), { throwIfNoEntry: false }) === undefined) {
    return `missing: ${target}`;
  }
  if (!target.endsWith(".md")) return undefined;
  if (target.startsWith("docs/api/")) return target.replace("docs/", "").replace(/md$/, "html");
  return posix.dirname(target) === "docs" || !target.includes("/") ? pathOf(target) : undefined;
}

/** Sources of the entry points, by the names of their reports. */
function entryPointsOf(root: string): Map<string, string> {
  const { exports: all } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, { readonly types?: string }>>;
  };
  return new Map(
    Object.entries(all).flatMap(([path, { types }]) =>
      types === undefined
        ? []
        : [
            [
              `kemistry${path.slice(1)}`.replaceAll("/", "-"),
              types.replace(/^\.\/dist\//, "").replace(/\.d\.ts$/, ".ts"),
            ] as const,
          ],
    ),
  );
}

function apiPages(root: string): Page[] {
  const sources = new Sources(root);
  return [...entryPointsOf(root)].map(([name, face]) => {
    const report = readFileSync(join(root, `docs/api/${name}.md`), "utf8");
    const entries = entriesOf(report, face, sources);
    return apiPage(name, entries);
  });
}

function apiPage(file: string, entries: readonly Entry[]): Page {
  const title = file.replace("-", "/");
  const names = new Set(entries.map(({ name }) => name));
  const html = entries.map(({ name, signature, doc }) => {
    const { html: text } = render(doc, () => undefined);
    const code = escape(signature).replaceAll(/[A-Za-z_$][\w$]*/g, (word) =>
      names.has(word) && word !== name ? `<a href="#${word}">${word}</a>` : word,
    );
    return `<h3 id="${name}"><code>${name}</code> <a class="anchor" href="#${name}" aria-label="Link to ${name}">#</a></h3>\n${text}<pre tabindex="0"><code>${code}</code></pre>\n`;
  });
  return {
    path: `api/${file}.html`,
    title,
    html: `<h1><code>${title}</code></h1>
<p>What <code>import … from "${title}"</code> gives: ${entries.length} names, with what the declarations say.</p>
<ul class="names">${entries.map(({ name }) => `<li><a href="#${name}">${name}</a></li>`).join("")}</ul>
${html.join("")}`,
    parts: entries.map(({ name, doc }) => ({ id: name, title: name, text: doc.slice(0, 300) })),
    ids: names,
    links: [],
  };
}

function brokenLinks(pages: readonly Page[]): string[] {
  const known = new Map(pages.map(({ path, ids }) => [path, ids]));
  return pages.flatMap(({ path, links }) =>
    links.flatMap((link) => {
      const [target = "", hash] = link.split("#") as [string?, string?];
      const ids = known.get(target);
      if (ids === undefined) return [`${path}: ${target}`];
      return hash === undefined || ids.has(decodeURIComponent(hash)) ? [] : [`${path}: ${link}`];
    }),
  );
}

const chapters: readonly { readonly title: string; readonly pages: readonly string[] }[] = [
  { title: "Begin", pages: ["index", "documentation", "guide", "playground", "glossary"] },
  {
    title: "Guides",
    pages: [
      "sessions",
      "pki",
      "mesh",
      "hsm",
      "from-node-tls",
      "recipes",
      "web",
      "own-parts",
      "authkem",
      "lab",
      "wireshark",
      "probe",
      "interop",
      "vectors",
      "downgrade",
      "model",
      "search",
    ],
  },
  {
    title: "Reference",
    pages: ["built-in", "algorithms", "api/"],
  },
  {
    title: "Measured and checked",
    pages: [
      "performance",
      "validation",
      "timing",
      "conformance",
      "tlsfuzzer",
      "pkits",
      "proof",
      "openssl",
      "past-attacks",
    ],
  },
  {
    title: "The project",
    pages: ["architecture", "hardening", "security", "contributing", "changelog"],
  },
];

/** What no chapter names is one more guide; `api/` is all below it. */
function contentsOf(pages: readonly Page[]): Chapter[] {
  const titles = new Map(pages.map(({ path, title }) => [path, title]));
  const of = (name: string): string[] =>
    name.endsWith("/")
      ? [...titles.keys()].filter((path) => path.startsWith(name))
      : [`${name}.html`].filter((path) => titles.has(path));
  const named = new Set(chapters.flatMap((chapter) => chapter.pages.flatMap(of)));
  const rest = [...titles.keys()].filter((path) => !named.has(path));
  return chapters.map(({ title, pages: names }) => {
    const paths = names.flatMap(of);
    const all = title === "Guides" ? [...paths, ...rest] : paths;
    const links = all.map((path) => ({ path, title: titles.get(path) ?? path }));
    const special =
      title === "Begin"
        ? [
            { path: made.playground, title: "Play" },
            { path: made.handshake, title: "A handshake, explained" },
          ]
        : [];
    return { title, links: [...links, ...special] };
  });
}

/** For a page that loads it as a script, since that works from a disk too. */
function searchIndex(pages: readonly Page[]): string {
  const rows = pages.flatMap(({ path, title, parts }) =>
    parts.map((part): Row => [title, part.title, `${path}#${part.id}`, part.text.slice(0, 400)]),
  );
  return `globalThis.searchIndex = ${JSON.stringify(rows)};\n`;
}

/** The same each time. */
function exampleHandshake(): string {
  const provider = createNoble({ random: seededRandom("site") });
  const watched = watchExchange(provider);
  const { trace } = runHandshake(
    setUp({
      provider,
      providers: { client: provider, server: watched.provider },
      group: "X25519MLKEM768",
      now: () => Date.UTC(2026, 10, 2, 12),
    }),
  );
  const timeless = { ...trace, events: trace.events.map((event) => ({ ...event, at: 0 })) };
  return explainedPage(explain(timeless, { secretOf: watched.secretOf }));
}
