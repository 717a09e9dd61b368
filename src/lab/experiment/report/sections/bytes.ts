import { hue } from "../../../../report/charts/frame.ts";
import { scatter, type Spot } from "../../../../report/charts/scatter.ts";
import { type Mark } from "../../../../report/charts/stack.ts";
import { type Block, type Section } from "../../../../report/document.ts";
import { quantileOf, type Sorted } from "../figures.ts";
import { calm, extent, figure, moreThan, most } from "../common.ts";

/** How many round trips lie between two lines: as many lines as can be told apart. */
const roundSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Bytes against latency, with lines at whole round trips (Wiggers 2024). */
export function bytesSection(sorted: Sorted): Section[] {
  const groups = calm(sorted).filter(({ rows }) => rows.length > 1);
  const blocks = groups.slice(0, most.figures).flatMap(({ condition, rows, rtt }, at): Block[] => {
    const spots = rows.flatMap((row): Spot[] => {
      const median = quantileOf(row.ms, 50);
      if (median === undefined || !Number.isFinite(median.value) || row.facts === undefined)
        return [];
      const { label } = sorted.seriesOf(row);
      const kind =
        row.sizeOnly.length === 0
          ? { label: "runs", fill: hue(0) }
          : { label: "size only", fill: hue(1) };
      return [
        {
          series: { ...kind, opacity: 1 },
          x: row.facts.serverBytes + row.facts.clientBytes,
          y: median.value,
          label,
        },
      ];
    });
    // Where all send the same, but for the varying length of ECDSA's signatures, bytes explain nothing
    const [fewest, greatest] = extent(spots.map(({ x }) => x));
    if (spots.length < 2 || greatest < fewest * 1.01) return [];
    const [shortest, longest] = extent(spots.map(({ y }) => y));
    const rounds = rtt === 0 ? 0 : Math.ceil(longest / rtt);
    const step = roundSteps.find((each) => rounds / each <= most.lines) ?? Infinity;
    const across: Mark[] = Array.from({ length: Math.ceil(rounds / step) }, (_, index) => ({
      at: (index + 1) * step * rtt,
      label: `${(index + 1) * step} RTT`,
    })).filter(({ at: line }) => line >= shortest * 0.8);
    return [
      figure(
        `bytes-${at + 1}`,
        ["Bytes against latency", condition].filter((part) => part !== "").join(", "),
        "Bytes of both ends during the handshake, and the median in ms. Dashed lines are whole round trips, the connection's own included.",
        scatter(spots, { x: "bytes on the wire", y: "ms" }, across),
      ),
    ];
  });
  return blocks.length === 0
    ? []
    : [
        {
          id: "bytes",
          title: "Bytes and round trips",
          blocks: [...blocks, ...moreThan(groups.length, most.figures, "networks")],
        },
      ];
}
