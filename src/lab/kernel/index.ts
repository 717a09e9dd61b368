/** Experiments over this machine's own TCP. */
export { compareWithModel } from "./compare.ts";
export type { Answer, Order } from "./end-process.ts";
export { measureKernel } from "./measure.ts";
export { checkMeasurable, type Maker, type Measurement, type Pair } from "./measurement.ts";
export { hasCongestionControl, serverAddress, whyNoPath } from "./path.ts";
