/** What stands around every page of the site. */
import { Markup, markup } from "../../src/report/html.ts";

/** An entry of the site's contents. */
export interface Link {
  /** From the root of the site. */
  readonly path: string;
  readonly title: string;
}

/** A heading of the contents, and what stands below it. */
export interface Chapter {
  readonly title: string;
  readonly links: readonly Link[];
}

/** @param path from the root of the site */
export const rootFrom = (path: string): string => "../".repeat(path.split("/").length - 1);

/** A whole page. No script but the site's own runs, and nothing is loaded from elsewhere. */
export function sitePage(
  { path, title, html }: { readonly path: string; readonly title: string; readonly html: string },
  contents: readonly Chapter[],
): string {
  const root = rootFrom(path);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}${title === "kemistry" ? "" : " · kemistry"}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}site.css">
<script defer src="${root}search.js"></script>
</head>
<body data-root="${root}">
<a class="skip" href="#main">To the text</a>
<header class="bar"><a class="brand" href="${root}index.html">kemistry</a>
<div class="search"><label for="search">Search</label> <input id="search" type="search" placeholder="Search" autocomplete="off" aria-controls="found"><ul id="found" aria-label="Found" hidden></ul></div></header>
<div class="frame">
<nav class="contents" aria-label="Contents"><details><summary>Contents</summary>${contents.map(
    (chapter) =>
      markup`<h2>${chapter.title}</h2><ul>${chapter.links.map(
        (link) =>
          markup`<li><a href="${root}${link.path}"${link.path === path ? markup` aria-current="page"` : ""}>${link.title}</a></li>`,
      )}</ul>`,
  )}</details></nav>
<main id="main" tabindex="-1">
${new Markup(html)}
</main>
</div>
</body>
</html>
`.text;
}
