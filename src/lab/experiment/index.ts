/** Experiments as data: read, resolved into cells, run, and reported. */
export { cellCapture } from "./capture.ts";
export { type Ends, endsOf } from "./ends.ts";
export { exampleExperiment } from "./example.ts";
export type { Parts } from "./names.ts";
export { links, studies } from "./presets.ts";
export { ExperimentError, experimentOf, readExperiment, type Sourced } from "./read.ts";
export { plain } from "./report/figures.ts";
export { experimentReport } from "./report/report.ts";
export { type Cell, type Experiment, resolveExperiment, studyOf } from "./resolve.ts";
export { handshakeRounds } from "./rounds.ts";
export {
  countDone,
  csvLines,
  type Manifest,
  manifestOf,
  manifestText,
  mergeParts,
  readManifest,
  readRow,
  rowLine,
  RowsError,
  wholeLines,
} from "./rows.ts";
export {
  type CellRow,
  cellsOf,
  handshakeKey,
  Recorder,
  runCell,
  runExperiment,
  type Shard,
} from "./run.ts";
export { type ExperimentFile, experimentJsonSchema } from "./schema.ts";
export { parseShard } from "./shard.ts";
