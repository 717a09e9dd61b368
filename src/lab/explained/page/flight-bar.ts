import { type Markup, markup } from "../../../report/html.ts";
import type { ExplainedFlight } from "../explain.ts";

/** A flight as a bar, as long as it has bytes, with the shares of its hello in colours and the ends of TCP segments. */
export function flightBar(
  { bytes, items }: ExplainedFlight,
  {
    longest,
    maximumSegmentSize,
  }: { readonly longest: number; readonly maximumSegmentSize: number },
): Markup {
  const scale = 1000 / longest;
  const rects: Markup[] = [];
  let at = 0;
  const add = (length: number, name: string): void => {
    const [x, width] = [at, length].map((value) => (value * scale).toFixed(1)) as [string, string];
    rects.push(markup`<rect class="${name}" x="${x}" y="0" width="${width}" height="16"/>`);
    at += length;
  };
  for (const { fate, raw, fields, epoch } of items) {
    if (fate === "inserted") continue;
    const kind = epoch === "plaintext" ? "plain" : "hidden";
    let run = 0;
    for (const field of fields) {
      if (field.part === undefined) {
        run += field.bytes.length;
      } else {
        add(run, kind);
        add(field.bytes.length, field.part);
        run = 0;
      }
    }
    add(fields.length === 0 ? raw.length : run, kind);
  }
  add(Math.max(0, bytes - at), "overhead");
  const ends = Array.from({ length: Math.ceil(bytes / maximumSegmentSize) - 1 }, (_, index) =>
    ((index + 1) * maximumSegmentSize * scale).toFixed(1),
  );
  return markup`<svg class="bar" viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">${rects}${ends.map(
    (x) => markup`<line x1="${x}" x2="${x}" y1="0" y2="16"/>`,
  )}</svg>`;
}
