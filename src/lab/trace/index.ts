/** Traces: read, kept on file, dumped, and counted. */
export { RecordCutter } from "./cutters.ts";
export { dumpAnyMessage } from "./dump.ts";
export { parseTrace, TraceFileError } from "./file.ts";
export type { Trace, TraceEvent } from "./trace.ts";
export { viewsOf } from "./views.ts";
export type { Sent } from "./watch.ts";
