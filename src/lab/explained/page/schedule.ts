/** The key schedule as a drawing, and as a list that says the same. */
import { type Markup, markup } from "../../../report/html.ts";
import type { Exchange } from "../exchange.ts";
import type { ExplainedSecret } from "../schedule-rows.ts";
import { classOf } from "./exchange.ts";
import { hexOf } from "./item.ts";

/** What is new comes from the left, what is made for use goes to the right, and time goes down. */
export function scheduleFigure(
  schedule: readonly ExplainedSecret[],
  exchange: Exchange | null,
): Markup {
  return markup`<section class="schedule" aria-labelledby="schedule-title"><h2 id="schedule-title">The key schedule</h2>
<p>Point at a secret, or go to it by Tab: what went into it lights up. <cite>RFC 9846 §7.1</cite></p>
<div class="wide">${drawing(schedule, exchange, 760)}</div>
<div class="narrow">${drawing(schedule, exchange, 350)}</div>
<div class="detail" aria-live="polite"></div>
<details class="all"><summary>All secrets as a list</summary><dl>${schedule.map((secret) => entry(secret, schedule))}</dl></details>
</section>`;
}

function entry(secret: ExplainedSecret, all: readonly ExplainedSecret[]): Markup {
  const { id, label, transcript, sentence, value, agrees } = secret;
  const sources = labelsOf(secret, all);
  return markup`<div id="secret-${id}"><dt>${label}</dt><dd>${sentence.says} <cite>${sentence.section}</cite>${
    sources.length === 0
      ? ""
      : markup`<br>From ${sources.join(" and ")}${transcript === null ? "" : `, bound to ${transcript}`}.`
  }${
    label === "0"
      ? ""
      : markup`<br><code>${value === undefined ? "not known here" : hexOf(value)}</code>`
  }${
    agrees === null
      ? ""
      : agrees
        ? markup`<br><span class="reached">The key log says the same as a computation from the shared secret.</span>`
        : markup`<br><span class="missed">The key log says something else than a computation from the shared secret and what was sent: the ends saw different messages.</span>`
  }</dd></div>
`;
}

/** Of those that it is made from. */
const labelsOf = ({ from }: ExplainedSecret, all: readonly ExplainedSecret[]): string[] =>
  all.flatMap(({ id, label }) => (from.includes(id) ? [label] : []));

interface Placed extends ExplainedSecret {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const height = 30;
const step = 40;

function drawing(
  schedule: readonly ExplainedSecret[],
  exchange: Exchange | null,
  width: number,
): Markup {
  const placed = place(schedule, width);
  const bottom = Math.max(...placed.map(({ y }) => y)) + height + 4;
  const find = (id: string) => placed.find((secret) => secret.id === id)!;
  const edges = placed.flatMap((to) =>
    to.from.map((source) => {
      const from = find(source);
      return markup`<path class="edge" data-edge="${source} ${to.id}" d="${pathOf(from, to)}"/>`;
    }),
  );
  return markup`<svg viewBox="0 0 ${width} ${bottom}" role="group" aria-label="Key schedule">
${edges}
${placed.map((secret) => node(secret, exchange, labelsOf(secret, schedule)))}</svg>`;
}

function place(schedule: readonly ExplainedSecret[], width: number): Placed[] {
  const gap = width < 500 ? 14 : 56;
  const column = (width - 2 * gap) / 3;
  const rows = schedule.filter(({ kind }) => kind === "extract");
  const result: Placed[] = [];
  let y = 4;
  for (const secret of rows) {
    const made = schedule.filter(({ kind, from }) => kind === "derive" && from[0] === secret.id);
    const inputs = schedule.filter(({ id, kind }) => kind === "input" && secret.from.includes(id));
    result.push({ ...secret, x: column + gap, y, width: column });
    result.push(...inputs.map((input) => ({ ...input, x: 0, y, width: column })));
    result.push(
      ...made.map((each, at) => ({
        ...each,
        x: 2 * (column + gap),
        y: y + at * step,
        width: column,
      })),
    );
    y += Math.max(2, made.length) * step;
  }
  return result;
}

function pathOf(from: Placed, to: Placed): string {
  if (from.x === to.x) {
    const x = from.x + from.width / 2;
    return `M${x} ${from.y + height}V${to.y}`;
  }
  const [x1, x2] = [from.x + from.width, to.x];
  const [y1, y2] = [from.y + height / 2, to.y + height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function node(
  { id, label, kind, from, x, y, width, transcript }: Placed,
  exchange: Exchange | null,
  sources: readonly string[],
): Markup {
  const parts = id === "shared" ? (exchange?.parts ?? []) : [];
  const total = parts.reduce((sum, { secret }) => sum + secret, 0);
  let at = x;
  const halves = parts.map((part) => {
    const own = (width * part.secret) / total;
    const rect = markup`<rect class="${classOf(part)}" x="${at}" y="${y}" width="${own}" height="${height}"/>`;
    at += own;
    return rect;
  });
  const says = `${label}${sources.length > 0 ? `, made from ${sources.join(" and ")}` : ""}${transcript === null ? "" : `, bound to ${transcript}`}`;
  return markup`<g class="node ${kind}" tabindex="0" role="button" aria-label="${says}" data-secret="${id}" data-from="${from.join(" ")}">
${halves}<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="5"/>
<text x="${x + width / 2}" y="${y + height / 2 + 4.5}" text-anchor="middle">${label}</text></g>
`;
}
