/** A run as it is written to a file, and read by reports and comparisons: `readResults` reads it, `results.schema.json` says the same to a machine. */

import type { Goal } from "../src/report/document.ts";

export type { Goal };

export const format = "kemistry-bench-2";

export interface Results {
  readonly format: typeof format;
  readonly environment: Environment;
  readonly options: RunOptions;
  /** `false`: it was stopped early, and holds what was measured until then. */
  readonly complete: boolean;
  readonly suites: readonly SuiteResult[];
}

/** Where and when a run was taken. */
export interface Environment {
  /** ISO 8601, when the run began. */
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  /** `8 GiB`. */
  readonly memory: string;
  /** Operating system, release, architecture. */
  readonly platform: string;
  readonly node: string;
  readonly openssl: string;
  readonly v8: string;
  /** Of the machine over the last minute, when the run began; above the number of cores it is busy. */
  readonly load: number;
  /** What decides how fast the first core runs, where the system tells: `performance`, `powersave`. */
  readonly governor?: string;
  /** Of the first core, when the run began, where the system tells. */
  readonly megahertz?: number;
  /** Of this package. */
  readonly version: string;
  /** Absent outside a checkout; ends in ` with changes` if files were not as committed. */
  readonly commit?: string;
  /** Versions of what is measured and measured with, by name. */
  readonly packages: Readonly<Record<string, string>>;
  /** Which library fills each slot, by provider and slot. */
  readonly slots: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type Profile = "quick" | "default" | "full";

/** What was asked for. */
export interface RunOptions {
  readonly profile: Profile;
  /** Of the order in a round, and of the bootstrap. */
  readonly seed: number;
  /** Names of the suites that were to run. */
  readonly suites: readonly string[];
  readonly providers: readonly string[];
  /** Absent: all groups. */
  readonly groups?: readonly string[];
  /** Absent: all signature schemes, as is fit for a suite. */
  readonly signatures?: readonly string[];
  /** Absent: all cipher suites, as is fit for a suite. */
  readonly cipherSuites?: readonly string[];
  /** Absent: all modes, as is fit for a suite. */
  readonly modes?: readonly string[];
  /** Each sample is of one operation, and there are many, so that they say something of tails. */
  readonly tails?: true;
  /** Only what has every word of it in its name; absent: all. */
  readonly filter?: string;
  /** Processes that measure each suite, one after the other; a suite that only counts or weighs has one. */
  readonly processes: number;
  /** Samples of each candidate in each process: at least, even past the budget, and at most. */
  readonly rounds: { readonly least: number; readonly most: number };
  /** CPU milliseconds of one sample, about; 0: each is one operation. */
  readonly sampleLength: number;
}

export interface SuiteResult {
  readonly name: string;
  readonly title: string;
  /** Of the clock, for the whole suite. */
  readonly seconds: number;
  readonly measurements: readonly Measurement[];
  readonly ratios: readonly Ratio[];
  readonly figures: readonly Figure[];
  /** What does not apply here, what differs between candidates, and why. */
  readonly notes: readonly string[];
}

/**
 * What a plot may group by: `provider`, `group`, `suite`, `signature`, `mode` (`full`, `resumed`,
 * `mutual`, `HelloRetryRequest`), `role` (`client`, `server`, `both`), `way` (`calls`, `pipe`, `tcp`),
 * `size` (bytes, in digits), `operation`, `algorithm`, `flight`, `message`, `stack`.
 */
export type Dimensions = Readonly<Record<string, string>>;

/** What was measured of one candidate. */
export interface Measurement {
  /** Unique in its suite. */
  readonly name: string;
  readonly dimensions: Dimensions;
  /** Bytes that one operation moves, if that is what counts. */
  readonly bytes?: number;
  /** In the order in which they ran. */
  readonly processes: readonly Samples[];
}

/** What one process measured. Samples stand in the order in which they were taken. */
export interface Samples {
  /** Operations of one sample. */
  readonly batch: number;
  /** Microseconds of CPU, user and system, of the whole process for one operation, by sample. */
  readonly cpu: readonly number[];
  /** Microseconds of the clock for one operation, by sample. */
  readonly wall: readonly number[];
  /** Absent where nothing is warmed up, as with new processes. */
  readonly warmUp?: WarmUp;
}

export interface WarmUp {
  readonly operations: number;
  /** Successive windows no longer got faster. `false`: there was no time to see that. */
  readonly settled: boolean;
}

/** How many times one measurement's cost is another's: CPU time, by the lower quartiles of each process. */
export interface Ratio {
  readonly name: string;
  readonly dimensions: Dimensions;
  /** Name of a measurement of the same suite, as is the denominator. */
  readonly numerator: string;
  readonly denominator: string;
  readonly value: number;
  /** 95 % interval (Student's, over processes). */
  readonly low: number;
  readonly high: number;
  /** Paired t test over processes, two-sided: how likely a ratio so far from 1 is if both cost the same. */
  readonly p: number;
  /** The same after Holm's correction; the family is all comparisons of the suite. */
  readonly pAdjusted: number;
  /** Both were seen to be warm in every process. */
  readonly settled: boolean;
  readonly goal?: Goal;
  /** Present where the noise is larger than the difference asked for: a sentence that says so. */
  readonly noise?: string;
}

/** A quantity that is counted or weighed once. */
export interface Figure {
  /** Unique in its suite. */
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly value: number;
  /** `B`, `KiB`, `ms`; empty for a bare count. */
  readonly unit: string;
  readonly goal?: Goal;
}
