import { describe, expect, it } from "vitest";
import { applyRecordSizeLimit, record_size_limit } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";
import { tlsErrorOf } from "../support/errors.ts";

// RFC 8449 §4
const golden = {
  accepts: [["4001", 0x4001]],
  refuses: [
    ["40", /needs 2 bytes, has 1/],
    ["400100", /1 bytes after the end/],
  ],
} as const;

describeExtension(record_size_limit, { client_hello: golden, encrypted_extensions: golden });

// RFC 8449 §4
describe("the limits of both ends", () => {
  const applied: number[][] = [];
  const records = { limitRecords: (...limits: number[]) => applied.push(limits) };

  it("are in force where both named one", () => {
    applyRecordSizeLimit({ recordSizeLimit: 100 }, 64, records);
    applyRecordSizeLimit({}, 64, records);
    expect(applied).toEqual([[100, 64]]);
  });

  it("are at least 64", () => {
    const apply = () => applyRecordSizeLimit({ recordSizeLimit: 100 }, 63, records);
    expect(tlsErrorOf(apply)).toMatchObject({
      code: "illegal_parameter",
      detail: { expected: "at least 64", received: "63", section: "RFC 8449 §4" },
    });
  });
});
