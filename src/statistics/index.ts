export { type BootstrapOptions, pairedDifference } from "./bootstrap.ts";
export { holm } from "./holm.ts";
export { quantileInterval, quantileRanks } from "./order.ts";
export {
  type ByProcess,
  costOf,
  type Estimate,
  ratioBetween,
  type RatioEstimate,
  ratioOf,
} from "./processes.ts";
export { lowerQuartile, median, quantile, type Summary, summaryOf } from "./quantiles.ts";
export { random, shuffled } from "./random.ts";
export { tQuantile, tTail } from "./student.ts";
