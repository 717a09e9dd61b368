import { describe, expect, it } from "vitest";
import { runHandshake } from "../../../src/lab/run.ts";
import {
  formatTrace,
  parseTrace,
  TraceFileError,
  traceJsonSchema,
} from "../../../src/lab/trace/file.ts";
import { readTrace, type Trace } from "../../../src/lab/trace/trace.ts";
import { experiment } from "../experiment.ts";

describe("a trace on file", () => {
  const { trace } = runHandshake(experiment());
  const more: Trace = {
    keyLog: [...trace.keyLog, { end: "server", line: "# a comment" }],
    events: [
      ...trace.events,
      { at: 8, end: "client", direction: "received", kind: "gap", bytes: 7 },
      { at: 8.5, end: "client", direction: "received", kind: "gap" },
      { at: 9, end: "server", direction: "sent", kind: "end" },
    ],
  };

  it("is read as it was written", () => {
    expect(parseTrace(formatTrace(more))).toEqual(more);
    expect(readTrace(parseTrace(formatTrace(trace)))).toEqual(readTrace(trace));
    const nothing: Trace = { events: [], keyLog: [] };
    expect(parseTrace(formatTrace(nothing))).toEqual(nothing);
  });

  it("has a schema", () => {
    expect(traceJsonSchema()).toMatchObject({
      required: ["kemistry", "version", "events", "keyLog"],
    });
  });

  it.each([
    ["{", "not JSON"],
    ["[]", "the whole file: expected an object"],
    ['{"kemistry":"tape","version":1,"events":[],"keyLog":[]}', "kemistry: expected trace"],
    ['{"kemistry":"trace","version":2,"events":[],"keyLog":[]}', "version: expected 1"],
    ['{"kemistry":"trace","version":1,"events":[],"keyLog":[],"more":1}', "more: expected no such"],
    [
      '{"kemistry":"trace","version":1,"keyLog":[],"events":[{"at":0,"end":"client","direction":"sent","kind":"bytes","bytes":"abc"}]}',
      "events[0].bytes: expected bytes in hexadecimal",
    ],
  ])("%s is refused, and it is said where", (text, where) => {
    expect(() => parseTrace(text)).toThrow(TraceFileError);
    expect(() => parseTrace(text)).toThrow(where);
  });
});
