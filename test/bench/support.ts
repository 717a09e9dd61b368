import { format, type Measurement, type Results, type SuiteResult } from "../../bench/results.ts";

/** Results of one suite. */
export const resultsWith = (suite: Partial<SuiteResult>): Results => ({
  format,
  environment: {
    date: "2026-11-01T00:00:00.000Z",
    cpu: "a processor",
    cores: 2,
    memory: "8 GiB",
    platform: "linux 6 x64",
    node: "24.0.0",
    openssl: "3.5.0",
    v8: "13",
    load: 0.5,
    version: "0.1.0",
    packages: { "@noble/curves": "2.4.0" },
    slots: { native: { sha256: "node:crypto" } },
  },
  options: {
    profile: "quick",
    seed: 1,
    suites: ["floor"],
    providers: ["native"],
    filter: "hybrid",
    processes: 3,
    rounds: { least: 5, most: 12 },
    sampleLength: 15,
  },
  complete: true,
  suites: [
    {
      name: "floor",
      title: "A floor",
      seconds: 4.5,
      measurements: [],
      ratios: [],
      figures: [],
      notes: [],
      ...suite,
    },
  ],
});

/** What several processes measured, each with its own samples. */
export const measuredBy = (
  name: string,
  ...processes: readonly (readonly number[])[]
): Measurement => ({
  name,
  dimensions: {},
  processes: processes.map((cpu) => ({ batch: 1, cpu, wall: cpu })),
});
