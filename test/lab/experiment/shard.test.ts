import { describe, expect, it } from "vitest";
import { parseShard } from "../../../src/lab/experiment/shard.ts";

describe("a shard", () => {
  it.each([
    ["2/8", {}, { index: 1, count: 8 }],
    ["auto/8", { SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_MIN: "1" }, { index: 2, count: 8 }],
    [
      "auto",
      {
        SLURM_ARRAY_TASK_ID: "5",
        SLURM_ARRAY_TASK_MIN: "1",
        SLURM_ARRAY_TASK_STEP: "2",
        SLURM_ARRAY_TASK_COUNT: "4",
      },
      { index: 2, count: 4 },
    ],
    ["auto/3", { JOB_COMPLETION_INDEX: "0" }, { index: 0, count: 3 }],
    ["auto/3", { AWS_BATCH_JOB_ARRAY_INDEX: "2" }, { index: 2, count: 3 }],
    [
      "auto",
      { AWS_BATCH_JOB_ARRAY_INDEX: "2", AWS_BATCH_JOB_ARRAY_SIZE: "5" },
      { index: 2, count: 5 },
    ],
  ])("%s is understood, with %o", (text, environment, shard) => {
    expect(parseShard(text, environment)).toEqual(shard);
  });

  it.each([
    ["0/8", {}, "counted from 1"],
    ["9/8", {}, "no shard 9 of 8"],
    ["2", {}, "expected 2/8, auto/8 or auto"],
    ["-1/8", {}, "expected 2/8"],
    ["1/0", {}, "expected 1 to 1000000 shards"],
    ["auto/8", {}, "none is set: write 1/8"],
    ["auto", { JOB_COMPLETION_INDEX: "0" }, "Kubernetes does not say how many"],
    ["auto/2", { JOB_COMPLETION_INDEX: "2" }, "no shard 3 of 2"],
    ["auto/2", { JOB_COMPLETION_INDEX: "one" }, 'expected a whole number, got "one"'],
    [
      "auto/2",
      { JOB_COMPLETION_INDEX: "0", SLURM_ARRAY_TASK_ID: "1" },
      "Slurm and Kubernetes both say",
    ],
    [
      "auto/9",
      { SLURM_ARRAY_TASK_ID: "2", SLURM_ARRAY_TASK_MIN: "1", SLURM_ARRAY_TASK_STEP: "2" },
      "not on its own step",
    ],
  ])("%s is refused, with %o", (text, environment, reason) => {
    expect(() => parseShard(text, environment)).toThrow(reason);
  });
});
