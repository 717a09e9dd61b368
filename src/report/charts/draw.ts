/** Charts as SVG: inside a page, whose colours they take, and as files of their own. */
import type * as Linkedom from "linkedom";
import { Markup, markup } from "../html.ts";
import { palette } from "./frame.ts";
import type { Charted, LegendEntry, Renderer } from "./renderer.ts";

/** What a page that is `width` pixels wide shows, and what goes into a file. */
export const widths = { wide: 880, narrow: 343 } as const;

/** A package that draws is not installed. */
export class MissingPackage extends Error {
  override readonly name = "MissingPackage";
}

/**
 * Loads what draws: `@observablehq/plot` and `linkedom`.
 * @throws MissingPackage
 */
export async function loadRenderer(
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<Renderer> {
  const Plot = (await loadOptional(load, "@observablehq/plot")) as Renderer["Plot"];
  const { parseHTML } = (await loadOptional(load, "linkedom")) as typeof Linkedom;
  return { Plot, document: parseHTML("<!doctype html><html></html>").document };
}

async function loadOptional(
  load: (name: string) => Promise<unknown>,
  name: string,
): Promise<unknown> {
  try {
    return await load(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new MissingPackage(
      "plots are drawn by two packages that are not here: npm install @observablehq/plot linkedom",
    );
  }
}

/** For a page that defines the palette's variables and shows the legend itself. */
export function inlineSvg(
  renderer: Renderer,
  chart: Charted,
  width: number,
  title: string,
): Markup {
  const element = drawn(renderer, chart, width);
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", title);
  return new Markup(rounded(element.outerHTML));
}

/** A file: with its own colours, for light paper, and its own legend. */
export function svgFile(
  renderer: Renderer,
  chart: Charted,
  title: string,
  description: string,
): string {
  const element = drawn(renderer, chart, widths.wide);
  const width = widths.wide;
  const { legend, height } = legendOf(chart.legend, width);
  const whole = height + Number(element.getAttribute("height"));
  const box = `viewBox="0 0 ${width} ${whole}" width="${width}" height="${whole}"`;
  const font = `font-family="system-ui, sans-serif" font-size="12" fill="${ink}" color="${ink}"`;
  const { text } =
    markup`<svg xmlns="http://www.w3.org/2000/svg" ${new Markup(box)} ${new Markup(font)} role="img">
<title>${title}</title>
<desc>${description}</desc>
<rect width="100%" height="100%" fill="${onPaper("var(--paper)")}"/>
${legend}
<g transform="translate(0, ${height})" text-anchor="middle">${new Markup(rounded(onPaper(element.innerHTML)))}</g>
</svg>
`;
  return asXml(text);
}

function drawn(renderer: Renderer, chart: Charted, width: number): SVGElement {
  const element = chart.draw(renderer, width);
  // The same rules again in each of them; the page has them once
  element.querySelector("style")?.remove();
  element.removeAttribute("style");
  element.setAttribute("font-size", "12");
  return element;
}

const ink = "#1c2024";

const onPaper = (svg: string): string =>
  svg
    .replace(/var\(--([\w-]+)\)/g, (whole, name: string) => palette[name]?.light ?? whole)
    .replaceAll("currentColor", ink);

/** Of a pixel, two digits are enough. */
const rounded = (svg: string): string =>
  svg.replace(/(?<=[\s",(A-Z])-?\d+\.\d{3,}(?=[\s",)A-Z])/g, (digits) =>
    String(Number(Number(digits).toFixed(2))),
  );

/** XML knows HTML's names for characters as little as it allows most control characters. */
const asXml = (svg: string): string =>
  // oxlint-disable-next-line no-control-regex
  svg.replaceAll("&nbsp;", "\u00a0").replace(/[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]/g, "");

/** As many entries in a line as fit. */
function legendOf(
  entries: readonly LegendEntry[],
  width: number,
): { readonly legend: readonly Markup[]; readonly height: number } {
  if (entries.length < 2) return { legend: [], height: 0 };
  let [x, y] = [8, 8];
  const legend = entries.map(({ label, fill, opacity }) => {
    const length = 18 + label.length * 6.6 + 18;
    if (x + length > width && x > 8) [x, y] = [8, y + 20];
    const [left, top] = [x, y];
    x += length;
    const place = new Markup(`x="${left}" y="${top}" width="12" height="12"`);
    return markup`<rect ${place} fill="${onPaper(fill)}" fill-opacity="${opacity}"/>
<text x="${left + 18}" y="${top + 10}">${label}</text>
`;
  });
  return { legend, height: y + 20 };
}
