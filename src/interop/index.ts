/** Interoperability: implementations and cases, run and judged. */
export { type Carriage, families, type Family, type InteropCase } from "./case.ts";
export { cases } from "./cases.ts";
export { describeCell, explainCell } from "./evidence.ts";
export { RunFolder } from "./files.ts";
export { foreign } from "./foreign.ts";
export type { Implementation } from "./implementation.ts";
export { type Cell, type Outcome, outcomes, type Pair, pairsOf, runCell } from "./matrix.ts";
export { ours } from "./ours.ts";
export { type Absent, matrixReport, type MatrixResult, type Participant } from "./report.ts";
