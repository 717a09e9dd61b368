/** What a benchmark says of primitives, as a laboratory's experiment takes it: milliseconds of each operation. */
import { costOf } from "../src/statistics/index.ts";
import type { MeasuredCosts } from "../src/lab/experiment/cpu.ts";
import type { CpuTable } from "../src/lab/experiment/schema.ts";
import type { Results } from "./results.ts";
import { cpuByProcess } from "./samples.ts";

type Costs = NonNullable<CpuTable["operations"]>;

/** As the suite of primitives names them. */
const operations: Readonly<Record<string, keyof Costs[string]>> = {
  "key pair": "generate",
  encapsulate: "encapsulate",
  decapsulate: "decapsulate",
  sign: "sign",
  verify: "verify",
};

/** @throws Error if the suite of primitives was not run */
export function costsFrom({ suites, environment }: Results): MeasuredCosts {
  const measurements = suites.find(({ name }) => name === "primitives")?.measurements ?? [];
  const byProvider: Record<string, Record<string, Record<string, number>>> = {};
  for (const measurement of measurements) {
    const { provider, algorithm, operation: name } = measurement.dimensions;
    const operation = name === undefined ? undefined : operations[name];
    if (provider === undefined || algorithm === undefined || operation === undefined) continue;
    const costs = ((byProvider[provider] ??= {})[algorithm] ??= {});
    costs[operation] = costOf(cpuByProcess(measurement)).value / 1000;
  }
  if (Object.keys(byProvider).length === 0) {
    throw new Error("it has no primitives: kemistry bench primitives --json FILE");
  }
  const source = `measured: ${environment.cpu}, Node ${environment.node}, ${environment.date}`;
  return Object.fromEntries(
    Object.entries(byProvider).map(([provider, costs]) => [
      provider,
      { source, operations: costs },
    ]),
  );
}
