/** Results as text for a terminal. */
import { table } from "../output.ts";
import type { Environment } from "../../../bench/environment.ts";
import type { Measurement } from "../../../bench/measure.ts";
import { lowerQuartile, median } from "../../../bench/statistics.ts";
import type { Goal, NamedResult } from "../../../bench/suite.ts";

export function printEnvironment(environment: Environment): string {
  const { cpu, cores, memory, node, openssl, load, commit, slots } = environment;
  const fromNoble = Object.entries(slots["native"] ?? {}).filter(
    ([, backend]) => !backend.startsWith("node:crypto"),
  );
  return [
    `Node ${node}, OpenSSL ${openssl}, ${cpu} (${cores} cores, ${memory}), load ${load.toFixed(1)}`,
    `kemistry ${commit ?? "of no known commit"}`,
    fromNoble.length === 0
      ? "the native provider fills every slot from node:crypto"
      : `of the native provider noble fills ${fromNoble.map(([name]) => name).join(", ")}`,
  ].join("\n");
}

export function printSuite({ title, measurements, ratios, figures, notes }: NamedResult): string {
  const right = (name: string) => ({ title: name, align: "right" as const });
  const parts = [title];
  if (measurements.length > 0) {
    const hasRate = measurements.some(({ bytes }) => bytes !== undefined);
    parts.push(
      table(
        [
          { title: "CPU µs an operation" },
          right("lower quartile"),
          right("median"),
          right("clock"),
          ...(hasRate ? [right("MB per CPU s")] : []),
        ],
        measurements.map((measurement) => [
          measurement.name,
          microseconds(lowerQuartile(measurement.cpu)),
          microseconds(median(measurement.cpu)),
          microseconds(median(measurement.wall)),
          ...(hasRate ? [rateOf(measurement)] : []),
        ]),
      ),
    );
  }
  if (ratios.length > 0) {
    parts.push(
      table(
        [{ title: "ratio" }, right("value"), right("95 % interval"), right("goal"), { title: "" }],
        ratios.map(({ name, value, low, high, goal }) => [
          name,
          value.toFixed(2),
          `${low.toFixed(2)} to ${high.toFixed(2)}`,
          printGoal(goal),
          verdict(value, goal),
        ]),
      ),
    );
  }
  if (figures.length > 0) {
    parts.push(
      table(
        [{ title: "figure" }, right("value"), { title: "" }, right("goal"), { title: "" }],
        figures.map(({ name, value, unit, goal }) => [
          name,
          value.toFixed(1),
          unit,
          printGoal(goal),
          verdict(value, goal),
        ]),
      ),
    );
  }
  return [...parts, ...notes.map((note) => `(${note})`)].join("\n\n");
}

export const microseconds = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

export const rateOf = ({ bytes, cpu }: Measurement): string =>
  bytes === undefined ? "" : (bytes / lowerQuartile(cpu)).toFixed(0);

export const printGoal = (goal: Goal | undefined): string =>
  goal === undefined ? "" : "atMost" in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;

export function verdict(value: number, goal: Goal | undefined): string {
  if (goal === undefined) return "";
  return ("atMost" in goal ? value <= goal.atMost : value >= goal.atLeast) ? "reached" : "missed";
}
