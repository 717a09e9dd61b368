/** A published figure beside ours. */

/**
 * How firmly the model stands for it. `exact`: it follows from bytes and round trips. `envelope`: within the limit, where
 * the model claims to hold. `shape`: order or ratio only; it is shown, and nothing is claimed.
 */
export type FigureClass = "exact" | "envelope" | "shape";

/**
 * `equal`: the same, or within the limit. `within interval`: not, but what was published lies inside the interval of
 * our sample. `differs`: neither. `shown`: nothing is claimed. `calibrated`: it is what the study's computing time was
 * taken from. `cannot be`: what was published contradicts itself, as the note says.
 */
export type Verdict =
  | "equal"
  | "within interval"
  | "differs"
  | "shown"
  | "calibrated"
  | "cannot be";

/** A figure that was published or measured, and ours beside it. */
export interface Figure {
  /** The study, by the name of its preset. */
  readonly study: string;
  /** Figures that are judged together. */
  readonly group: string;
  /** What was measured, in words. */
  readonly name: string;
  /** Of both figures. */
  readonly unit: "ms" | "bytes" | "round trips" | "RTT" | "segments";
  /** Of a study with the reference `measured` what was measured. */
  readonly published: number;
  /** What the model makes of the same. */
  readonly ours: number;
  /** How firmly the model stands for it. */
  readonly class: FigureClass;
  /** The share by which ours may differ. Left out: none. */
  readonly limit?: number;
  /** What comes of comparing them. */
  readonly verdict: Verdict;
  /** Why it differs, or is not claimed. */
  readonly note?: string;
}

/** What of a study is claimed: that so large a share of its figures is equal. */
export interface Claim {
  /** The name of its preset. */
  readonly study: string;
  /** What is claimed, in words. */
  readonly name: string;
  /** The share that is claimed, from 0 to 1. */
  readonly needed: number;
  /** The share that was reached, from 0 to 1. */
  readonly reached: number;
  /** How many figures it counts. */
  readonly count: number;
}

/** A publication whose figures are made anew. */
export interface Study {
  /** The name of its preset. */
  readonly name: string;
  /** For a heading. */
  readonly title: string;
  /** Who published it, where and when. */
  readonly source: string;
  /** What ours is held against. Default: published figures. */
  readonly reference?: "measured";
  /** What was taken from the publication to make ours, and nothing else was. */
  readonly inputs: readonly string[];
  /** All that were compared. */
  readonly figures: readonly Figure[];
  /** What is claimed of them. */
  readonly claims: readonly Claim[];
}

/** How far ours is from what was published, as a share of it. */
export const errorOf = ({ ours, published }: Figure): number =>
  published === ours ? 0 : ours / published - 1;

type Compared = Omit<Figure, "verdict" | "class"> & { readonly class?: FigureClass };

/** A figure that must be within its limit; of a class that claims nothing it is only shown. */
export function compared(figure: Compared): Figure {
  const kind = figure.class ?? (figure.limit === undefined ? "exact" : "envelope");
  const isEqual =
    Math.abs(figure.ours - figure.published) <= (figure.limit ?? 0) * figure.published;
  const verdict = kind === "shape" ? "shown" : isEqual ? "equal" : "differs";
  return { ...figure, class: kind, verdict };
}

/** A claim about some figures, those that were calibrated aside. */
export function claim(
  study: string,
  name: string,
  needed: number,
  figures: readonly Figure[],
): Claim {
  const counted = figures.filter(({ verdict }) => verdict !== "calibrated");
  const good = counted.filter(
    ({ verdict }) => verdict === "equal" || verdict === "within interval",
  );
  return { study, name, needed, reached: good.length / counted.length, count: counted.length };
}
