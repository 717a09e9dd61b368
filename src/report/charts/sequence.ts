import { exact, least, most, plural, significant } from "../numbers.ts";
import { framed, hue } from "./frame.ts";
import type { Charted } from "./renderer.ts";

/** Something on its way between two ends. Times in ms. */
export interface DrawnPacket {
  readonly from: "left" | "right";
  readonly sent: number;
  /** Absent: it was lost. */
  readonly arrives?: number;
  /** A word, or bytes. */
  readonly holds: string | number;
  /** Sent once more, since it was taken for lost. */
  readonly again: boolean;
}

/** A moment at one of the ends. */
export interface Moment {
  readonly side: "left" | "right";
  readonly at: number;
  readonly label: string;
}

const kinds = [
  { label: "left to right", fill: hue(0), opacity: 1 },
  { label: "right to left", fill: hue(1), opacity: 1 },
  { label: "lost", fill: "var(--missed)", opacity: 1 },
  { label: "sent again", fill: hue(3), opacity: 1 },
] as const;

/** Who sent what when, from above to below: two ends side by side, and a line for each packet. */
export function sequence(
  packets: readonly DrawnPacket[],
  moments: readonly Moment[],
  ends: { readonly left: string; readonly right: string },
): Charted {
  const times = [
    ...packets.flatMap(({ sent, arrives }) => [sent, arrives ?? sent]),
    ...moments.map(({ at }) => at),
  ];
  const [first, last] = [Math.min(0, least(times)), most(times)];
  const kindOf = ({ from, arrives, again }: DrawnPacket) =>
    arrives === undefined ? kinds[2] : again ? kinds[3] : from === "left" ? kinds[0] : kinds[1];
  const used = new Set(packets.map(kindOf));
  return {
    legend: kinds
      .filter((kind) => used.has(kind))
      .map((kind) => ({ ...kind, label: named(kind.label, ends) })),
    draw(renderer, width) {
      const { Plot } = renderer;
      const side = width < 600 ? 92 : 200;
      const drawn = packets.map((packet) => {
        const { from, sent, arrives, holds } = packet;
        const start = from === "left" ? 0 : 1;
        const way = from === "left" ? 1 : -1;
        const isLost = arrives === undefined;
        const typical = (most(packets.map((one) => (one.arrives ?? one.sent) - one.sent)) || 1) / 2;
        return {
          x1: start,
          x2: start + way * (isLost ? 0.5 : 1),
          y1: sent,
          y2: isLost ? sent + typical : arrives,
          stroke: kindOf(packet).fill,
          holds,
          isLost,
        };
      });
      const labels = together(
        drawn.map(({ x1, x2, y1, y2, holds }) => ({
          x: x1 + (x2 - x1) * 0.2,
          y: y1 + (y2 - y1) * 0.2,
          holds,
        })),
        (last - first) / 60,
      ).map(([label, ...others]) => ({ ...label!, text: textOf([label!, ...others]) }));
      const height = Math.min(
        1400,
        Math.max(260, 26 * new Set(times.map((time) => Math.round(time * 4))).size),
      );
      return Plot.plot({
        ...framed(
          renderer,
          width,
          { marginTop: 34, marginBottom: 12, marginLeft: side, marginRight: side },
          height,
        ),
        x: { domain: [0, 1], axis: null },
        y: { domain: [last + (last - first) * 0.02, first], axis: null, reverse: false },
        marks: [
          Plot.ruleX([0, 1], { strokeOpacity: 0.5 }),
          Plot.arrow(drawn, {
            x1: "x1",
            x2: "x2",
            y1: "y1",
            y2: "y2",
            stroke: "stroke",
            strokeWidth: 1.25,
            headLength: 6,
            inset: 0,
          }),
          Plot.dot(
            drawn.filter(({ isLost }) => isLost),
            { x: "x2", y: "y2", symbol: "times", stroke: "stroke", r: 4 },
          ),
          Plot.text(labels, {
            x: "x",
            y: "y",
            text: "text",
            fontSize: 10,
            stroke: "var(--paper)",
            strokeWidth: 4,
            fill: "currentColor",
          }),
          ...(["left", "right"] as const).flatMap((where) => {
            const at = together(
              moments
                .filter((moment) => moment.side === where)
                .map((moment) => ({ ...moment, x: 0, y: moment.at })),
              (last - first) / 60,
            ).map((members) => ({
              at: most(members.map((each) => each.at)),
              // The margin of a narrow chart holds one word
              label: members.map(({ label }) => label).join(width < 600 ? "\n" : ", "),
            }));
            const x = where === "left" ? 0 : 1;
            return [
              Plot.dot(at, { x: () => x, y: "at", r: 3, fill: "currentColor" }),
              Plot.text(at, {
                x: () => x,
                y: "at",
                text: (moment: (typeof at)[number]) =>
                  width < 600 ? moment.label : `${moment.label}, ${significant(moment.at)} ms`,
                textAnchor: where === "left" ? "end" : "start",
                dx: where === "left" ? -8 : 8,
                fontSize: 11,
              }),
            ];
          }),
          Plot.text([ends.left], {
            x: () => 0,
            frameAnchor: "top",
            text: (text: string) => text,
            dy: -20,
            fontWeight: "bold",
          }),
          Plot.text([ends.right], {
            x: () => 1,
            frameAnchor: "top",
            text: (text: string) => text,
            dy: -20,
            fontWeight: "bold",
          }),
        ],
      }) as SVGElement;
    },
  };
}

/** What stands at one place, or so near that names would lie on each other. */
function together<T extends { readonly x: number; readonly y: number }>(
  all: readonly T[],
  distance: number,
): T[][] {
  const groups: T[][] = [];
  for (const one of all) {
    const near = groups.find((members) =>
      members.some((other) => other.x === one.x && Math.abs(other.y - one.y) < distance),
    );
    if (near === undefined) groups.push([one]);
    else near.push(one);
  }
  return groups;
}

/** Words, and the sum of bytes. */
function textOf(packets: readonly { readonly holds: string | number }[]): string {
  const words = packets.flatMap(({ holds }) => (typeof holds === "string" ? [holds] : []));
  const bytes = packets.flatMap(({ holds }) => (typeof holds === "number" ? [holds] : []));
  const sum = `${exact(bytes.reduce((total, each) => total + each, 0))} B`;
  return [
    ...new Set(words),
    ...(bytes.length === 0 ? [] : [sum]),
    ...(bytes.length > 1 ? [plural(bytes.length, "packet")] : []),
  ].join(", ");
}

const named = (
  label: string,
  { left, right }: { readonly left: string; readonly right: string },
): string => label.replace("left", left).replace("right", right);
