/** Markdown of the repository as HTML of the site: ids of headings as GitHub makes them, links that were checked. */
import { Marked, type Tokens } from "marked";
import { escape } from "../../src/report/html.ts";

/** A part of a page under a heading, for search. */
export interface Part {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** What came of a document. */
export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly parts: readonly Part[];
  /** Of headings, and of anything else that has one. */
  readonly ids: ReadonlySet<string>;
  /** Addresses as they stand in the document. */
  readonly links: readonly string[];
}

/** @param resolve where a link of the document leads on the site; `undefined`: it is in the repository only */
export function render(source: string, resolve: (link: string) => string | undefined): Rendered {
  const ids = new Set<string>();
  const links: string[] = [];
  const parts: { id: string; title: string; text: string }[] = [];
  let title = "";
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading): string {
        const id = freshId(text, ids);
        const inner = this.parser.parseInline(tokens);
        if (depth === 1 && title === "") title = plain(inner);
        parts.push({ id, title: plain(inner), text: "" });
        return `<h${depth} id="${id}">${inner} <a class="anchor" href="#${id}" aria-label="Link to ${escape(plain(inner))}">#</a></h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        links.push(href);
        const inner = this.parser.parseInline(tokens);
        const to = resolve(href);
        return to === undefined
          ? `<span class="source" title="${escape(href)}, in the repository">${inner}</span>`
          : `<a href="${escape(to)}">${inner}</a>`;
      },
      table(token: Tokens.Table): string {
        const row = (cells: readonly Tokens.TableCell[], tag: "th" | "td") =>
          `<tr>${cells
            .map(
              ({ tokens, align }) =>
                `<${tag}${tag === "th" ? ' scope="col"' : ""}${align === "right" ? ' class="number"' : ""}>${this.parser.parseInline(tokens)}</${tag}>`,
            )
            .join("")}</tr>\n`;
        // What is wider than a phone scrolls by itself
        return `<div class="scroll" role="region" aria-label="A table" tabindex="0"><table><thead>${row(token.header, "th")}</thead><tbody>${token.rows
          .map((cells) => row(cells, "td"))
          .join("")}</tbody></table></div>\n`;
      },
      code({ text, lang }: Tokens.Code): string {
        return `<pre tabindex="0"><code${lang ? ` class="language-${escape(lang.split(" ")[0] ?? "")}"` : ""}>${escape(text)}</code></pre>\n`;
      },
      // Markup in a document would be markup of the site
      html: ({ text }: Tokens.HTML | Tokens.Tag): string => escape(text),
    },
  });
  const html = marked.parse(source, { async: false });
  return { title, html, parts: withText(html, parts), ids, links };
}

/** As GitHub does: small letters, no punctuation, hyphens for spaces, a number where it came before. */
function freshId(text: string, taken: Set<string>): string {
  const slug = text
    .toLowerCase()
    .replace(/`/g, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N}\- _]/gu, "")
    .replaceAll(" ", "-");
  let id = slug;
  for (let at = 1; taken.has(id); at++) id = `${slug}-${at}`;
  taken.add(id);
  return id;
}

/** What stands between one heading and the next. */
function withText(html: string, parts: readonly Part[]): Part[] {
  const pieces = html.split(/<h[1-6] id="/).slice(1);
  return parts.map((part, at) => {
    const [, ...rest] = (pieces[at] ?? "").split(/<\/h[1-6]>/);
    return { ...part, text: plain(rest.join(" ")).slice(0, 600) };
  });
}

/** Text of markup. */
export const plain = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();
