/**
 * What computing takes in a cell. `zero`: nothing, so that bytes and rounds alone show; a table: fixed times of each
 * operation, as a study has them; `measured`: the times of a benchmark on some machine. A table must know every
 * operation that the handshake has, so that nothing counts as free by accident.
 */
import { meant } from "../../registry/check.ts";
import type { FactorValues } from "./factors.ts";
import type { Operation } from "./operations.ts";
import type { ExperimentError } from "./read.ts";
import type { CpuTable } from "./schema.ts";

/** Where a cell's computing times come from; without a table work takes no time. */
export interface CpuMode {
  /** `zero`, `measured`, or the table's. */
  readonly name: string;
  /** `undefined`: computing takes no time. */
  readonly table: CpuTable | undefined;
}

/** By provider. */
export type MeasuredCosts = Readonly<Record<string, CpuTable>>;

/** @throws what `fail` makes, for a mode that nobody knows */
export function cpuTableFor(
  { cpu, provider }: Pick<FactorValues, "cpu" | "provider">,
  tables: Readonly<Record<string, CpuTable>>,
  measured: MeasuredCosts | undefined,
  fail: (reason: string) => ExperimentError,
): CpuMode {
  if (cpu === "zero") return { name: cpu, table: undefined };
  if (cpu === "measured") {
    if (measured === undefined) {
      throw fail(
        "measured needs the results of a benchmark: kemistry bench primitives --json, then lab run --measured FILE",
      );
    }
    const table = Object.hasOwn(measured, provider) ? measured[provider] : undefined;
    if (table === undefined) {
      throw fail(
        `the benchmark measured ${Object.keys(measured).join(", ")}, and not the provider ${provider}`,
      );
    }
    return { name: cpu, table };
  }
  const table = Object.hasOwn(tables, cpu) ? tables[cpu] : undefined;
  if (table === undefined) {
    const names = ["zero", "measured", ...Object.keys(tables)];
    throw fail(
      `expected one of ${names.join(", ")}, got ${JSON.stringify(cpu)}${meant(cpu, names)}`,
    );
  }
  return { name: cpu, table };
}

/** Classical arithmetic that every study counts to the handshake as a whole. */
const free = new Set(["x25519", "x448", "secp256r1", "secp384r1", "secp521r1"]);

/**
 * Milliseconds of these operations.
 * @throws RangeError that names an operation without a time
 */
export function timeOf(operations: readonly Operation[], { name, table }: CpuMode): number {
  if (table === undefined) return 0;
  return operations.reduce((sum, { algorithm, operation }) => {
    const cost = table.operations?.[algorithm]?.[operation];
    if (cost !== undefined) return sum + cost;
    if (table.handshake !== undefined && isClassical(algorithm)) return sum;
    throw new RangeError(`the CPU table "${name}" has no time for ${algorithm} ${operation}`);
  }, 0);
}

/** With a time for the handshake as a whole, what is classical may be left out. */
const isClassical = (algorithm: string): boolean =>
  free.has(algorithm) || /^(ecdsa|ed|rsa)/.test(algorithm);
