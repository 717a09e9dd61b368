/** What the model makes of the cells that were measured, beside what was. */
import { quantile, quantileRanks } from "../../statistics/index.ts";
import type { FactorValues } from "../experiment/factors.ts";
import { experimentOf } from "../experiment/read.ts";
import { type Cell, type Experiment, resolveExperiment } from "../experiment/resolve.ts";
import { Recorder } from "../experiment/run.ts";
import { scriptOf } from "../experiment/script.ts";
import { type FlightScript, Runner, seedFor, type Step } from "../network/index.ts";
import { claim, compared, type Figure, type Study } from "../studies/figure.ts";
import { opensslWrites } from "../studies/openssl-writes.ts";
import type { Computing, Measurement, MeasuredCell, SeenHandshake } from "./measurement.ts";

type Seen = SeenHandshake & Pick<MeasuredCell, "computing" | "late">;

/** Where nothing is drawn, the ticks of the kernels still are: the model's figure is the median of so many. */
const repetitions = 200;
/** The model's own noise, and the kernel's: a share of the median. */
const limit = 0.03;

/** The kernel as a study, whose figures were measured here. @throws ExperimentError for an experiment that cannot be */
export function compareWithModel(
  measurement: Measurement,
  experiment = experimentIn(measurement),
): Study {
  const recorder = new Recorder(experiment.seed);
  const name = `linux-${/^\d+\.\d+/.exec(measurement.kernel)?.[0] ?? measurement.kernel}`;
  const figures = measurement.cells.flatMap((measured) =>
    figuresOf(name, measured, experiment, measurement.handshakes, recorder),
  );
  const inGroup = (group: string): readonly Figure[] =>
    figures.filter((figure) => figure.group === group);
  const times = figures.filter(({ unit }) => unit === "ms");
  return {
    name,
    title: "The kernel of a machine",
    reference: "measured",
    source: [
      `Measured on ${measurement.date} with Linux ${measurement.kernel}, ${measurement.congestionControl}, Node ${measurement.node}`,
      ...(measurement.openssl === undefined ? [] : [measurement.openssl]),
      "by `kemistry lab kernel`: sockets in two network namespaces, and a relay between them",
    ].join(", "),
    inputs: [
      ...(measurement.load > measurement.cores
        ? [
            `The machine was busy (load ${measurement.load} on ${measurement.cores} cores), which lengthens short handshakes most.`,
          ]
        : []),
      "How much longer than asked the relay held packets, by the median of each cell and direction.",
      "What each pair of ends computes, in three parts, from handshakes without loss at a round trip of 10 ms.",
      "The relay drops packets by the draws of the model, and all times are taken at the relay.",
    ],
    figures,
    claims: [
      claim(name, "round trips without loss: equal", 1, inGroup("round trips")),
      claim(name, "p50 within 3 %", 0.9, times.map(strictly)),
    ],
  };
}

const experimentIn = ({ experiment }: Measurement): Experiment =>
  resolveExperiment(experimentOf(experiment));

function figuresOf(
  study: string,
  measured: MeasuredCell,
  experiment: Experiment,
  handshakes: readonly SeenHandshake[],
  recorder: Recorder,
): Figure[] {
  const cell = experiment.cells[measured.cell]!;
  const { computing, late } = measured;
  const seen = { ...handshakes[measured.handshake]!, computing, late };
  const times = measured.ms.map((ms) => ms ?? Number.POSITIVE_INFINITY);
  const published = quantile(times, 0.5);
  const ours = quantile(modelled(cell, experiment, seen, recorder, times.length), 0.5);
  const { up, down } = cell.network;
  const kind = cell.isRandom ? "random loss" : up.loss || down.loss ? "scripted loss" : "no loss";
  const name = `${seen.client} to ${seen.server}, ${describe(cell, experiment)}`;
  const common = { study, name };
  const rtt = up.delay + down.delay + late.up + late.down;
  const { hello, server, finish } = seen.computing;
  const rounds = (ms: number): number => Math.round((ms - hello - server - finish) / rtt);
  return [
    within(compared({ ...common, group: kind, unit: "ms", published, ours, limit }), times),
    ...(kind === "no loss" && up.delay + down.delay > 0
      ? [
          compared({
            ...common,
            group: "round trips",
            unit: "round trips" as const,
            published: rounds(published),
            ours: rounds(ours),
          }),
        ]
      : []),
  ];
}

/** What was measured is known no better than the interval of its median says. */
function within(figure: Figure, times: readonly number[]): Figure {
  if (figure.verdict !== "differs") return figure;
  const sorted = times.toSorted((a, b) => a - b);
  const [low, high] = quantileRanks(sorted.length, 0.5);
  // So few have none
  if (low < 0 || high >= sorted.length) return figure;
  const isInside = sorted[low]! <= figure.ours && figure.ours <= sorted[high]!;
  return isInside ? { ...figure, verdict: "within interval" } : figure;
}

/** What is claimed makes no use of the interval. */
const strictly = (figure: Figure): Figure =>
  figure.verdict === "within interval" ? { ...figure, verdict: "differs" } : figure;

const describe = ({ values }: Cell, { varied }: Experiment): string =>
  varied
    .map((name) => {
      if (name === "loss") return lossText(values.loss);
      if (name === "rtt") return `RTT ${values.rtt} ms`;
      const value = values[name];
      return typeof value === "object" ? `${name} ${JSON.stringify(value)}` : String(value);
    })
    .join(", ");

function lossText(loss: FactorValues["loss"]): string {
  if (typeof loss === "number") return loss === 0 ? "no loss" : `loss ${100 * loss} %`;
  if ("kind" in loss) return lossOf("either end", loss);
  return [lossOf("the client", loss.up), lossOf("the server", loss.down)]
    .filter((text) => text !== "")
    .join(", ");
}

function lossOf(end: string, loss: Exclude<FactorValues["loss"], { up: unknown }>): string {
  if (loss === 0) return "";
  if (typeof loss === "number") return `loss ${100 * loss} % of ${end}`;
  if (loss.kind !== "scripted") return `${loss.kind} of ${end}`;
  const numbers = loss.packets.map((number) => number + 1).join(", ");
  return `${loss.of === "data" ? "data packet" : "packet"} ${numbers} of ${end} lost`;
}

/** Times of the model, with the draws that the relay had. */
function modelled(
  cell: Cell,
  { seed }: Experiment,
  seen: Seen,
  recorder: Recorder,
  measured: number,
): number[] {
  const isOurs = seen.client === "ours" && seen.server === "ours";
  const script = isOurs ? ourScript(cell, seen, recorder) : seenScript(seen);
  const network = {
    ...cell.network,
    up: { ...cell.network.up, delay: cell.network.up.delay + seen.late.up },
    down: { ...cell.network.down, delay: cell.network.down.delay + seen.late.down },
    ticks: "shared" as const,
  };
  const runner = new Runner(network, script, { until: "handshake" });
  const path = JSON.stringify(cell.network);
  const count = cell.isRandom ? measured : repetitions;
  return [...runner.sample(count, (at) => seedFor(seed, path, at))].map((ms) =>
    Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms,
  );
}

/** Of our own ends the experiment's recording says what they send. */
function ourScript(cell: Cell, { computing }: Seen, recorder: Recorder): FlightScript {
  const { script } = scriptOf(
    recorder.record(cell),
    { name: "zero", table: undefined },
    "handshake",
  );
  const last = script.client.findIndex(({ mark }) => mark === "handshake");
  return {
    client: script.client.map((step, at) => {
      const cpu = (at === 0 ? computing.hello : 0) + (at === last ? computing.finish : 0);
      return { ...step, cpu };
    }),
    server: script.server.map((step, at) => ({ ...step, cpu: at === 0 ? computing.server : 0 })),
  };
}

/** Of others it is what was seen. */
function seenScript({ turns, server, computing }: Seen): FlightScript {
  const steps: { client: Step[]; server: Step[] } = { client: [], server: [] };
  const sent = { client: 0, server: 0 };
  for (const [at, { from, records }] of turns.entries()) {
    const isLast = at === turns.length - 1;
    const writes =
      from === "server" && server === "openssl" ? opensslWrites(records) : [sum(records)];
    const received = from === "client" ? sent.server : sent.client;
    for (const [index, write] of writes.entries()) {
      const cpu = index === 0 ? timeOf(computing, from, at, isLast) : 0;
      steps[from].push({ received, cpu, write, ...(isLast && { mark: "handshake" }) });
    }
    sent[from] += sum(records);
  }
  return steps;
}

function timeOf(computing: Computing, from: string, at: number, isLast: boolean): number {
  if (from === "client") return at === 0 ? computing.hello : isLast ? computing.finish : 0;
  return at === 1 ? computing.server : 0;
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
