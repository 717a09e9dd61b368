/** Results as text for a terminal. */
import type {
  Environment,
  Figure,
  Goal,
  Measurement,
  Ratio,
  SuiteResult,
} from "../../../bench/results.ts";
import {
  cpuByProcess,
  cpuSamples,
  isSettled,
  percentiles,
  tailsOf,
  wallSamples,
} from "../../../bench/samples.ts";
import { withoutGoals } from "../../../bench/goals.ts";
import { costOf, summaryOf } from "../../statistics/index.ts";
import { type Column, table } from "../output.ts";

export function renderEnvironment(environment: Environment): string {
  const { cpu, cores, memory, node, openssl, load, version, commit } = environment;
  const { governor, megahertz } = environment;
  const clock = [
    ...(megahertz === undefined ? [] : [`${megahertz} MHz`]),
    ...(governor === undefined ? [] : [`governor ${governor}`]),
  ];
  return [
    `Node ${node}, OpenSSL ${openssl}, ${[cpu, ...clock].join(", ")} (${cores} cores, ${memory}), load ${load.toFixed(1)}`,
    `kemistry ${version}${commit === undefined ? "" : `, commit ${commit}`}`,
    nativeSlots(environment),
    ...(load > cores / 2 ? ["The machine is busy: expect wide intervals."] : []),
  ].join("\n");
}

/** Without this project's own goals, which say nothing to others. */
export function renderSuite(given: SuiteResult): string {
  const suite = withoutGoals(given);
  const { name, title, seconds, measurements, ratios, figures, notes } = suite;
  return [
    `${name}: ${title} (${seconds.toFixed(0)} s)`,
    ...(measurements.length > 0 ? [measurementTable(measurements)] : []),
    ...tailTable(measurements),
    ...(ratios.length > 0 ? [ratioTable(ratios)] : []),
    ...(figures.length > 0 ? [figureTable(suite)] : []),
    ...[...notes, ...remarks(suite)].map((note) => `(${note})`),
  ].join("\n\n");
}

function nativeSlots({ slots }: Environment): string {
  const fromNoble = Object.entries(slots["native"] ?? {})
    .filter(([, backend]) => !backend.startsWith("node:crypto"))
    .map(([slot]) => slot);
  return fromNoble.length === 0
    ? "the native provider fills every slot from node:crypto"
    : `of the native provider noble fills ${fromNoble.join(", ")}`;
}

const right = (title: string): Column => ({ title, align: "right" });

function measurementTable(measurements: readonly Measurement[]): string {
  const hasRate = measurements.some(({ bytes }) => bytes !== undefined);
  return table(
    [
      { title: "CPU µs an operation" },
      right("lower quartile"),
      right("median"),
      right("upper"),
      right("clock"),
      ...(hasRate ? [right("MB per CPU s")] : []),
    ],
    measurements.map((measurement) => {
      const { value: cost } = costOf(cpuByProcess(measurement));
      const { median, upperQuartile } = summaryOf(cpuSamples(measurement));
      const { name, bytes } = measurement;
      return [
        name,
        ...[cost, median, upperQuartile, summaryOf(wallSamples(measurement)).median].map(
          microseconds,
        ),
        ...(hasRate ? [bytes === undefined ? "" : (bytes / cost).toFixed(0)] : []),
      ];
    }),
  );
}

/** Of single operations; where there are too few of them, a percentile is left out. */
function tailTable(measurements: readonly Measurement[]): string[] {
  const tails = measurements.map((measurement) => ({
    name: measurement.name,
    cpu: tailsOf(measurement, cpuSamples(measurement)),
    wall: tailsOf(measurement, wallSamples(measurement)),
  }));
  const told = tails.filter(({ cpu }) => cpu.has(95));
  if (told.length === 0) return [];
  const columns = percentiles.flatMap((p) => [right(`CPU p${p}`), right(`clock p${p}`)]);
  const text = (value: number | undefined): string =>
    value === undefined ? "–" : microseconds(value);
  return [
    table(
      [{ title: "µs of single operations" }, ...columns],
      told.map(({ name, cpu, wall }) => [
        name,
        ...percentiles.flatMap((p) => [text(cpu.get(p)), text(wall.get(p))]),
      ]),
    ),
  ];
}

const ratioTable = (ratios: readonly Ratio[]): string =>
  table(
    [{ title: "ratio" }, right("value"), right("95 % interval"), right("goal"), { title: "" }],
    ratios.map(({ name, value, low, high, goal, noise, settled }) => [
      name,
      `${value.toFixed(2)}${settled ? "" : " †"}`,
      `${low.toFixed(2)} to ${high.toFixed(2)}`,
      renderGoal(goal),
      [verdict(value, goal), ...(noise === undefined ? [] : ["within the noise"])]
        .filter((part) => part !== "")
        .join(", "),
    ]),
  );

const figureTable = ({ figures }: SuiteResult): string =>
  figures.some(({ dimensions }) => dimensions["flight"] !== undefined)
    ? flightTable(figures)
    : plainTable(figures);

/** A row for each handshake; what single messages take is in the file only. */
function flightTable(figures: readonly Figure[]): string {
  const rows = new Map<string, Figure[]>();
  for (const figure of figures) {
    if (figure.dimensions["message"] !== undefined) continue;
    const name = figure.name.slice(0, figure.name.lastIndexOf(": "));
    rows.set(name, [...(rows.get(name) ?? []), figure]);
  }
  const flights = ["1", "2", "3", "4", "5"];
  return table(
    [{ title: "bytes by flight, the client's first" }, ...flights.map(right), right("all")],
    [...rows].map(([name, sizes]) => {
      const bytesOf = (flight: string | undefined): string =>
        String(sizes.find(({ dimensions }) => dimensions["flight"] === flight)?.value ?? "");
      return [name, ...flights.map(bytesOf), bytesOf(undefined)];
    }),
  );
}

const plainTable = (figures: readonly Figure[]): string =>
  table(
    [{ title: "figure" }, right("value"), { title: "" }, right("goal"), { title: "" }],
    figures.map(({ name, value, unit, goal }) => [
      name,
      Number.isInteger(value) ? value : value.toFixed(1),
      unit,
      renderGoal(goal),
      verdict(value, goal),
    ]),
  );

/** How good the samples are. */
function remarks({ measurements, ratios }: SuiteResult): string[] {
  const count = (of: readonly unknown[]): string => `${of.length} of ${measurements.length}`;
  const cold = measurements.filter((measurement) => !isSettled(measurement));
  const strays = measurements.filter((each) => summaryOf(cpuSamples(each)).outliers > 0);
  const noisy = ratios.filter(({ noise }) => noise !== undefined);
  return [
    ...(cold.length > 0
      ? [`${count(cold)} were not seen to be warm (†): the time for that was over before`]
      : []),
    ...(strays.length > 0
      ? [`${count(strays)} have samples far from the others, which count all the same`]
      : []),
    ...(noisy.length > 0
      ? [
          "within the noise: the interval holds the goal, or 1 where there is none; more processes or a quieter machine would tell",
        ]
      : []),
  ];
}

export const microseconds = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

const renderGoal = (goal: Goal | undefined): string =>
  goal === undefined ? "" : "atMost" in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;

function verdict(value: number, goal: Goal | undefined): string {
  if (goal === undefined) return "";
  return ("atMost" in goal ? value <= goal.atMost : value >= goal.atLeast) ? "reached" : "missed";
}
