import type { Environment } from "./environment.ts";
import type { MeasureOptions } from "./measure.ts";
import type { SuiteResult } from "./suite.ts";

/** A run as it is written to a file. */
export interface Results {
  readonly format: typeof format;
  readonly environment: Environment;
  readonly options: MeasureOptions;
  readonly suites: readonly NamedResult[];
}

export interface NamedResult extends SuiteResult {
  readonly name: string;
  readonly title: string;
}

export const format = "kemistry-bench-1";

/** @throws Error that says what is wrong with the file */
export function readResults(text: string): Results {
  const value = JSON.parse(text) as { readonly format?: unknown };
  if (value.format !== format) {
    throw new Error(`expected results in the format ${format}, not ${String(value.format)}`);
  }
  return value as Results;
}
