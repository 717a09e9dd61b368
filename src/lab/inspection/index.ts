/** What is found in captures and traces. */
export { inspectCapture, type InspectOptions, inspectTrace } from "./inspect.ts";
export { isRecords, recordsTrace } from "./records.ts";
