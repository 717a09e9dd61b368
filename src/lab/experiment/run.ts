/**
 * Runs cells. Each distinct handshake is recorded once, by the engine; each cell replays its recording over its
 * network, as often as the experiment says. A cell depends on nothing but the experiment and its own number, so cells
 * can be divided among machines. The draws of a repetition are the same for every algorithm: differences between two
 * are then paired.
 */
import * as check from "../../registry/check.ts";
import { type Network, Runner, seedFor } from "../network/index.ts";
import { type Ledger, ledgerOf } from "../trace/ledger.ts";
import { type Checked, checkRecording, checkTimes, floorOf, type CellFacts } from "./checks.ts";
import { timeOf } from "./cpu.ts";
import { type FactorName, type FactorValues, handshakeFactors } from "./factors.ts";
import { quicReplay, type Replay } from "./quic.ts";
import { recordHandshake, type Recording } from "./record.ts";
import type { Cell, Experiment } from "./resolve.ts";
import { type FlightSize, handshakeRounds } from "./rounds.ts";
import { scriptOf, type TimedScript } from "./script.ts";
import { type Sequence, sequenceOf, toMicroseconds } from "./sequence.ts";
import { type Load, underLoad } from "./under-load.ts";

/** What came of a cell: one line of the rows' file. */
export interface CellRow {
  /** Number of the cell, from 0. */
  readonly cell: number;
  /** Of every factor. */
  readonly values: FactorValues;
  /** Algorithms that did not run: only their sizes crossed the wire. */
  readonly sizeOnly: readonly string[];
  /** Why there are no figures. */
  readonly error?: string;
  /** Checks that the cell breaks: its figures are shown, and go into no average. */
  readonly broken: readonly string[];
  /** What the wire said; absent with an error. */
  readonly facts?: CellFacts;
  /** What each end sent before it had to wait; absent with an error. */
  readonly flights?: readonly FlightSize[];
  /** No handshake can be faster, ms. */
  readonly floor?: number;
  /** Round trips without loss, as counted by hand; absent where other things than windows decide. */
  readonly rounds?: number;
  /** Of each handshake in ms, to the microsecond, in the order of the draws; `null`: it failed. */
  readonly ms: readonly (number | null)[];
  /** Packets that each handshake lost; absent where none can be. */
  readonly lost?: readonly number[];
  /** Of the first cell and the last: one handshake, packet by packet. */
  readonly sequence?: Sequence;
}

/** What is kept of a recording. */
export interface Recorded {
  /** Of each end, in order. */
  readonly steps: Recording["steps"];
  /** On the wire, by sender. */
  readonly handshakeBytes: Recording["handshakeBytes"];
  /** Against the plan. */
  readonly checked: Checked;
  /** In the order of the wire. */
  readonly flights: readonly FlightSize[];
}

/** Remembers recordings, and the error where there is none. */
export class Recorder {
  readonly #known = new Map<string, Recorded | Error>();
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** @throws the error with which the handshake failed, every time */
  record(cell: Cell): Recorded {
    const key = handshakeKey(cell);
    let found = this.#known.get(key);
    if (found === undefined) {
      found = attempt(() => keep(cell, recordHandshake(cell.handshake, `${this.#seed}/${key}`)));
      this.#known.set(key, found);
    }
    if (found instanceof Error) throw found;
    return found;
  }
}

/** What a cell's handshake is told apart by, as a text. All of its randomness follows from that and the seed. */
export const handshakeKey = ({ values }: Pick<Cell, "values">): string =>
  JSON.stringify(
    handshakeFactors
      // So that handshakes by signature are those of before there was another way
      .filter((name) => values.authentication !== "signature" || !ofKem.has(name))
      .map((name) => values[name]),
  );

const ofKem: ReadonlySet<FactorName> = new Set(["authentication", "kem"]);

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const keep = ({ handshake }: Cell, recording: Recording): Recorded => ({
  steps: recording.steps,
  handshakeBytes: recording.handshakeBytes,
  checked: checkRecording(handshake, recording),
  flights: ledgerOf({ sent: recording.sent }).flights.map(sizeOf),
});

const sizeOf = ({ from, bytes, messages }: Ledger["flights"][number]): FlightSize => ({
  from,
  bytes,
  messages: messages.reduce<Record<string, number>>(
    (sizes, { type, bytes: length }) => ({ ...sizes, [type]: (sizes[type] ?? 0) + length }),
    {},
  ),
});

/** Which cells are run: those whose number leaves the rest `index` when divided by `count`. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  /** At least 1. */
  readonly count: number;
}

/** Which cells of an experiment are run. */
export interface RunOptions {
  /** Default: all cells. */
  readonly shard?: Shard;
  /** Cells that are there already: that many of the shard, from the first. Default: 0. */
  readonly done?: number;
}

const checkShard: check.Check = (value, where) => {
  const table = { index: check.whole(), count: check.whole(1) } satisfies check.OptionTable<Shard>;
  check.complete(table, "write { index, count }", ["index", "count"])(value, where);
  const { index, count } = value as Shard;
  check.whole(0, count - 1)(index, `${where}.index`);
};

const runTable = {
  shard: checkShard,
  done: check.whole(),
} satisfies check.OptionTable<RunOptions>;

/** The cells of a shard, in order. */
export const cellsOf = (
  { cells }: Experiment,
  { shard, done = 0 }: RunOptions = {},
): readonly Cell[] =>
  (shard === undefined
    ? cells
    : cells.filter(({ index }) => index % shard.count === shard.index)
  ).slice(done);

/**
 * Runs cell after cell, each when it is asked for. A cell that fails is a row with its error.
 * @throws TypeError or RangeError for options that cannot be
 */
export function runExperiment(
  experiment: Experiment,
  options: RunOptions = {},
): Generator<CellRow> {
  check.checkOptions("runExperiment", options, runTable);
  return rowsOf(experiment, cellsOf(experiment, options));
}

function* rowsOf(experiment: Experiment, cells: readonly Cell[]): Generator<CellRow> {
  const recorder = new Recorder(experiment.seed);
  for (const cell of cells) yield runCell(experiment, cell, recorder);
}

export function runCell(
  { seed, repetitions, cells }: Experiment,
  cell: Cell,
  recorder: Recorder,
): CellRow {
  const common = { cell: cell.index, values: cell.values, sizeOnly: cell.sizeOnly };
  try {
    const recorded = recorder.record(cell);
    const timed =
      cell.values.transport === "tcp" ? scriptOf(recorded, cell.cpu, cell.values.timer) : undefined;
    const replay = timed ? tcpReplay(cell.network, timed) : quicReplay(recorded, cell);
    const { load } = cell.values;
    const { ms, lost } =
      timed && load !== "none"
        ? waiting(cell.network, timed, load, { repetitions, seed })
        : sample(cell.network, replay, cell.isRandom ? repetitions : 1, seed);
    const floor = floorOf(cell.network, recorded.checked.facts, timed ? 2 : 1);
    const rounds = roundsFor(cell, recorded);
    const { facts, broken } = recorded.checked;
    return {
      ...common,
      broken: [
        ...broken,
        ...checkTimes(ms, {
          floor,
          rounds,
          rtt: cell.network.up.delay + cell.network.down.delay,
          busy: busyTime(recorded, cell.cpu),
        }),
      ],
      facts,
      flights: recorded.flights,
      floor: toMicroseconds(floor),
      ...(rounds !== undefined && { rounds }),
      ms,
      ...(lost && { lost }),
      ...(timed &&
        load === "none" &&
        (cell.index === 0 || cell.index === cells.length - 1) && {
          sequence: sequenceOf(cell.network, timed, ms, seed),
        }),
    };
  } catch (error) {
    return {
      ...common,
      error: error instanceof Error ? error.message : String(error),
      broken: [],
      ms: [],
    };
  }
}

function sample(
  network: Network,
  replay: Replay,
  count: number,
  seed: string,
): { ms: (number | null)[]; lost: number[] | undefined } {
  const mayLose = network.up.loss !== undefined || network.down.loss !== undefined;
  const ms: (number | null)[] = [];
  const lost: number[] = [];
  const path = JSON.stringify(network);
  for (let repetition = 0; repetition < count; repetition++) {
    const outcome = replay(seedFor(seed, path, repetition));
    ms.push(timeOrNull(outcome.ms));
    if (mayLose) lost.push(outcome.lost);
  }
  return { ms, lost: mayLose ? lost : undefined };
}

/** The same arrivals for every algorithm. */
function waiting(
  network: Network,
  timed: TimedScript,
  load: Load,
  { repetitions: handshakes, seed }: Pick<Experiment, "repetitions" | "seed">,
): { ms: (number | null)[]; lost?: undefined } {
  const drawn = `${seed} ${JSON.stringify(network)}`;
  return {
    ms: Array.from(underLoad(network, timed, load, { handshakes, seed: drawn }), timeOrNull),
  };
}

const timeOrNull = (ms: number): number | null => (Number.isNaN(ms) ? null : toMicroseconds(ms));

function tcpReplay(network: Network, { script, until }: TimedScript): Replay {
  const runner = new Runner(network, script, { until });
  const { up, down } = runner.connection;
  return (seed) => {
    const ms = runner.run(seed);
    return { ms, lost: up.lost + down.lost };
  };
}

/** Where windows alone decide: nothing is lost, and no link is slow. */
function roundsFor({ network, values, isRandom }: Cell, { flights }: Recorded): number | undefined {
  const rtt = network.up.delay + network.down.delay;
  const isSlow = [network.up, network.down].some(
    ({ rate }, at) =>
      rate !== undefined &&
      (flights.reduce(
        (sum, { from, bytes }) => sum + ((from === "client") === (at === 0) ? bytes : 0),
        0,
      ) *
        8) /
        (rate * 1000) >
        rtt / 20,
  );
  const isScripted = network.up.loss !== undefined || network.down.loss !== undefined;
  if (
    isRandom ||
    isScripted ||
    isSlow ||
    rtt === 0 ||
    values.timer !== "handshake" ||
    values.transport !== "tcp"
  ) {
    return undefined;
  }
  const { initialWindow, mss } = values;
  const windows =
    typeof initialWindow === "number"
      ? { client: initialWindow, server: initialWindow }
      : initialWindow;
  return handshakeRounds(flights, windows, mss);
}

/** What both ends compute in one handshake, ms. */
const busyTime = ({ steps }: Recorded, cpu: Cell["cpu"]): number =>
  [...steps.client, ...steps.server].reduce(
    (sum, { operations }) => sum + timeOf(operations, cpu),
    (cpu.table?.handshake?.client ?? 0) + (cpu.table?.handshake?.server ?? 0),
  );
