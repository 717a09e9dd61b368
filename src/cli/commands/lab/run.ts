import { availableParallelism, cpus, platform, release } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { environment } from "../../../../bench/environment.ts";
import {
  type Cell,
  cellCapture,
  type CellRow,
  cellsOf,
  type Experiment,
  parseShard,
  rowLine,
  runExperiment,
  type Shard,
} from "../../../lab/experiment/index.ts";
import { Progress } from "../../bench/progress.ts";
import { writeCaptureFile } from "../../capture.ts";
import { messageOf, UsageError } from "../../errors.ts";
import { linesInPool } from "../../lab/pool.ts";
import { type Changes, readGiven } from "../../lab/source.ts";
import { RowWriter } from "../../lab/store.ts";
import { writeReport } from "../../lab/report.ts";
import { examples, wholeNumber } from "../../options.ts";
import { note } from "../../output.ts";

interface Options extends Changes {
  readonly output?: string;
  readonly shard?: Shard;
  readonly report: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly workers?: number;
  readonly pcap?: string;
  readonly pcapOf: HandshakeNumber;
}

interface HandshakeNumber {
  readonly cell: number;
  readonly handshake: number;
}

export function define(command: Command): void {
  command
    .argument("<experiment>", "a file, YAML or JSON; or a study's name")
    .option("-o, --output <folder>", "for rows and report (default: the experiment's name)")
    .option("--quick", "200 handshakes a cell at most, for a first look")
    .option("-n, --repetitions <n>", "handshakes a cell", wholeNumber(1, 1_000_000))
    .option("-s, --seed <seed>", "another than the file's")
    .option("--shard <i/n>", "a part of the cells: 2/8, auto/8, or auto under Slurm", shardOption)
    .option("--workers <n>", "threads (default: as many as pay)", wholeNumber(1, 1024))
    .option("--measured <file>", "what bench primitives --json wrote, for cpu: measured")
    .option("--with <module>", "JavaScript that exports groups, suites or schemes")
    .option("--csv", "a table with a line for each handshake, beside the rows")
    .option("--no-report", "rows only")
    .option(
      "--pcap <file>",
      "write one handshake, packet by packet, for Wireshark, with its secrets",
    )
    .addOption(
      new Option("--pcap-of <cell:handshake>", "which one, from 0")
        .argParser(handshakeOption)
        .default({ cell: 0, handshake: 0 }, "0:0"),
    )
    .option("--json", "which files were written, and what came of the cells, as data")
    .action(act);
  examples(command, [
    ["lab run paquin2020 --quick", "a study, in less than a minute"],
    ["lab run mine.yaml -o out", "rows, report.html, report.md and figures in out/"],
    ["lab run mine.yaml --pcap one.pcapng --pcap-of 2:7", "the eighth handshake of the third cell"],
    ["lab run mine.yaml --shard auto/8 -o part", "one of eight machines; then lab merge"],
  ]);
}

function shardOption(text: string): Shard {
  try {
    return parseShard(text, process.env);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

function handshakeOption(text: string): HandshakeNumber {
  const [, cell, handshake = "0"] = /^(\d{1,7})(?::(\d{1,7}))?$/.exec(text) ?? [];
  if (cell === undefined) throw new InvalidArgumentError("Give a cell, or cell:handshake.");
  return { cell: Number(cell), handshake: Number(handshake) };
}

/** @throws UsageError for a cell that is not there, or of which no capture can be */
function writeCapture(experiment: Experiment, path: string, which: HandshakeNumber): void {
  const cell = experiment.cells[which.cell];
  if (cell === undefined) {
    throw new UsageError(
      `there is no cell ${which.cell}: they are 0 to ${experiment.cells.length - 1}`,
    );
  }
  let capture: Uint8Array;
  try {
    capture = cellCapture(experiment, cell, which.handshake);
  } catch (error) {
    throw new UsageError(`--pcap: ${messageOf(error)}`);
  }
  writeCaptureFile(path, capture);
}

async function act(path: string, options: Options): Promise<void> {
  const { experiment, title, measured } = await readGiven(path, options);
  if (options.pcap !== undefined) writeCapture(experiment, options.pcap, options.pcapOf);
  const { shard } = options;
  const folder =
    options.output ??
    (shard === undefined ? title : `${title}-${shard.index + 1}-of-${shard.count}`);
  const { version, commit, date, node, cpu, cores } = environment();
  const writer = RowWriter.open(
    folder,
    experiment,
    {
      version,
      ...(commit !== undefined && { commit }),
      ...(measured !== undefined && { measured }),
      machines: [
        { date, node, platform: `${platform()} ${release()}`, cpu, cores: cores || cpus().length },
      ],
    },
    shard,
  );
  const { done } = writer;
  const total = cellsOf(experiment, shard && { shard }).length;
  if (done > 0) note(`${folder}: ${done} of ${total} cells are there already`);
  const progress = new Progress();
  const start = performance.now();
  let at = done;
  const wanted = { done, ...(shard && { shard }) };
  const workers = options.workers ?? usualWorkers(experiment, cellsOf(experiment, wanted));
  const lines =
    workers === 1
      ? linesOf(runExperiment(experiment, wanted))
      : linesInPool(cellsOf(experiment, wanted), { path, changes: changesOf(options) }, workers);
  for await (const line of lines) {
    writer.write(line);
    at++;
    const perCell = (performance.now() - start) / (at - done) / 1000;
    progress.report(experiment.name, at / total, perCell * (total - at));
  }
  writer.close();
  progress.clear();
  note(join(folder, "rows.jsonl"));
  const isWhole = shard === undefined;
  const { report, csv = false, json = false } = options;
  await writeReport(folder, { page: isWhole && report, csv: isWhole && csv, json });
}

function* linesOf(rows: Iterable<CellRow>): Generator<string> {
  for (const row of rows) yield rowLine(row);
}

/** Simulated handshakes that take as long as a thread needs to begin: 0.8 s of CPU time, as measured. */
const worthwhile = 130_000;

/** A thread for each core, as long as each has much more to do than to begin. */
function usualWorkers({ repetitions }: Experiment, cells: readonly Cell[]): number {
  const handshakes = cells.reduce((sum, { isRandom }) => sum + (isRandom ? repetitions : 1), 0);
  return Math.max(1, Math.min(availableParallelism(), Math.floor(handshakes / (4 * worthwhile))));
}

/** What can be sent to a thread. */
const changesOf = ({ repetitions, seed, quick, measured, with: own }: Options): Changes => ({
  ...(repetitions !== undefined && { repetitions }),
  ...(seed !== undefined && { seed }),
  ...(quick && { quick }),
  ...(measured !== undefined && { measured }),
  ...(own !== undefined && { with: own }),
});
