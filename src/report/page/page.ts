/** A report as one HTML file with nothing from elsewhere. */
import { inlineSvg, widths } from "../charts/draw.ts";
import type { LegendEntry, Renderer } from "../charts/renderer.ts";
import type { Block, Cell, Column, Document, Figure, Section, Table } from "../document.ts";
import { textOf } from "../document.ts";
import { type Markup, markup } from "../html.ts";
import { script } from "./script.ts";
import { shell } from "./shell.ts";
import { stylesheet } from "./style.ts";

/** Writes a report as one HTML file, which loads nothing. Sections with nothing in them are left out. */
export function page({ title, lead, warnings, sections }: Document, renderer: Renderer): string {
  const told = sections.filter(({ blocks }) => blocks.length > 0);
  const body = markup`<main>
<header>
<h1>${title}</h1>
${lead.map((text) => markup`<p class="lead">${text}</p>`)}
</header>
${warningsHtml(warnings)}
<nav aria-label="Contents"><ul>
${told.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>\n`)}</ul></nav>
${told.map((section) => sectionHtml(section, renderer))}
</main>`;
  return shell({ title, generator: "report", style: stylesheet, script, body });
}

const warningsHtml = (warnings: readonly string[]): Markup =>
  warnings.length === 0
    ? markup``
    : markup`<aside class="warnings" aria-label="Before you read on"><ul>
${warnings.map((text) => markup`<li>${text}</li>\n`)}</ul></aside>`;

const sectionHtml = ({ id, title, blocks }: Section, renderer: Renderer): Markup =>
  markup`<section id="${id}">
<h2>${title}</h2>
${blocks.map((block) => blockHtml(block, renderer))}</section>
`;

function blockHtml(block: Block, renderer: Renderer): Markup {
  switch (block.kind) {
    case "paragraph":
      return markup`<p>${block.text}</p>\n`;
    case "notes":
      return markup`<ul class="notes">
${block.items.map((item) => markup`<li>${item}</li>\n`)}</ul>\n`;
    case "table":
      return tableHtml(block.table);
    case "figure":
      return figureHtml(block.figure, renderer);
    case "more":
      return markup`<details><summary>${block.summary}</summary>
${block.blocks.map((inner) => blockHtml(inner, renderer))}</details>\n`;
  }
}

/** Drawn twice, since text in a picture that shrinks cannot be read. */
function figureHtml({ id, title, caption, chart }: Figure, renderer: Renderer): Markup {
  return markup`<figure id="figure-${id}">
<h3>${title}</h3>
${legendHtml(chart.legend)}
<div class="wide">${inlineSvg(renderer, chart, widths.wide, title)}</div>
<div class="narrow">${inlineSvg(renderer, chart, widths.narrow, title)}</div>
<figcaption>${caption}</figcaption>
</figure>
`;
}

const legendHtml = (entries: readonly LegendEntry[]): Markup =>
  entries.length < 2
    ? markup``
    : markup`<ul class="legend">${entries.map(
        ({ label, fill, opacity }) =>
          markup`<li><i style="background:${fill};opacity:${opacity}"></i>${label}</li>`,
      )}</ul>`;

function tableHtml({ title, columns, rows }: Table): Markup {
  return markup`<figure class="table">
<h3>${title}</h3>
<div class="scroll" role="region" aria-label="${title}" tabindex="0"><table>
<thead>${groupRow(columns)}
<tr>${columns.map((column) => markup`<th scope="col"${alignment(column)}>${column.title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${row.map((cell, at) => cellHtml(cell, columns[at], at === 0))}</tr>\n`)}</tbody>
</table></div>
</figure>
`;
}

/** The names that stand above several columns. */
function groupRow(columns: readonly Column[]): Markup {
  const groups: { name: string | undefined; span: number }[] = [];
  for (const { group } of columns) {
    const last = groups.at(-1);
    if (last !== undefined && last.name === group) last.span++;
    else groups.push({ name: group, span: 1 });
  }
  if (groups.every(({ name }) => name === undefined)) return markup``;
  const cells = groups.map(({ name, span }) =>
    name === undefined
      ? markup`<td colspan="${span}"></td>`
      : markup`<th scope="colgroup" colspan="${span}">${name}</th>`,
  );
  return markup`<tr class="groups">${cells}</tr>`;
}

function cellHtml(cell: Cell, column: Column | undefined, isFirst: boolean): Markup {
  const text = textOf(cell);
  if (isFirst) return markup`<th scope="row">${text}</th>`;
  if (typeof cell === "string") {
    return text.length > longCell
      ? markup`<td class="long">${text}</td>`
      : markup`<td${alignment(column)}>${text}</td>`;
  }
  const inner = cell.href === undefined ? text : markup`<a href="${cell.href}">${text}</a>`;
  return markup`<td><span class="${cell.tone}">${inner}</span></td>`;
}

/** Characters; longer texts may take several lines. */
const longCell = 28;

const alignment = (column: Column | undefined): Markup =>
  column?.align === "right" ? markup` class="number"` : markup``;
