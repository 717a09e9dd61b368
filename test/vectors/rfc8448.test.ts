import { describe, expect, it } from "vitest";
import { UnreadableCorpus } from "../../src/lab/vectors/json.ts";
import {
  parseTrace,
  traceRecords,
  traceValue,
  traceValues,
} from "../../src/lab/vectors/rfc8448.ts";
import { fromHex } from "../../src/wire/index.ts";
import { loadTrace, traceNames } from "./load.ts";

describe.each(traceNames)("the trace %s", (name) => {
  const trace = loadTrace(name);

  it("has records whose headers say their lengths", () => {
    const records = traceRecords(trace);
    expect(records.length).toBeGreaterThan(5);
    for (const { record } of records) {
      expect(((record[3] ?? 0) << 8) | (record[4] ?? 0)).toBe(record.length - 5);
    }
  });

  it("has protected records longer by type and tag than their payload, and plain ones that hold it", () => {
    for (const { payload, record } of traceRecords(trace)) {
      const length = record[0] === 23 ? payload.length + 1 + 16 : payload.length;
      expect(record.length).toBe(5 + length);
    }
    const plain = traceRecords(trace).filter(({ record }) => record[0] !== 23);
    expect(plain.map(({ record }) => record.subarray(5))).toEqual(
      plain.map(({ payload }) => payload),
    );
  });

  it("has both sides' secrets where the RFC shows them", () => {
    expect(traceValue(trace, "server", 'extract secret "master"', "secret")).toHaveLength(32);
    expect(
      traceValues(
        trace,
        "server",
        "derive write traffic keys for application data",
        "key expanded",
      ),
    ).toHaveLength(1);
  });
});

describe("reading a trace", () => {
  it("gives the bytes that the RFC prints", () => {
    const trace = loadTrace("simple-1rtt");
    expect(traceValue(trace, "server", 'extract secret "handshake"', "secret")).toEqual(
      fromHex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"),
    );
    expect(traceValue(trace, "server", 'extract secret "early"', "salt")).toHaveLength(0);
  });

  it("refuses values that are not there", () => {
    const trace = loadTrace("simple-1rtt");
    expect(() => traceValue(trace, "server", 'extract secret "early"', "pepper")).toThrow(
      RangeError,
    );
    expect(() => traceValue(trace, "server", 'extract secret "early"', "IKM", 1)).toThrow(
      RangeError,
    );
  });

  it.each([
    ["other text", "no JSON"],
    ["a list", "[]"],
    ["no steps", '{"name":"a","title":"b","section":"1"}'],
    [
      "an unknown side",
      '{"name":"a","title":"b","section":"1","steps":[{"by":"eve","does":"x","values":{}}]}',
    ],
    [
      "odd hexadecimal",
      '{"name":"a","title":"b","section":"1","steps":[{"by":"client","does":"x","values":{"k":"abc"}}]}',
    ],
  ])("calls %s unreadable", (_, text) => {
    expect(() => parseTrace(text)).toThrow(UnreadableCorpus);
  });
});
