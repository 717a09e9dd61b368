/** `kemistry attack --search`: mutated handshakes, by somebody between the ends or by one of them; or beside OpenSSL. */
import {
  type DifferentialReport,
  search,
  searchDifferences,
  type SearchProgress,
  type SearchReport,
} from "../../lab/adversary/index.ts";
import { ExitCode } from "../errors.ts";
import { note, print, printJson } from "../output.ts";
import { Progress } from "../progress.ts";
import { makers, type Options, save } from "./options.ts";

export function runSearch(options: Options): void {
  const adversary = options.malicious ? "malicious-peer" : "on-path";
  const report = search({
    ...commonOptions(options),
    adversary,
    imitate: options.imitate === true,
  });
  show(report, describe(report), options);
  if (!report.heap.grew) return;
  note("kemistry: memory grew, or an end holds too much");
  process.exitCode = ExitCode.failed;
}

/** `kemistry attack --search --differential`. */
export async function runDifferential(options: Options): Promise<void> {
  const report = await searchDifferences(commonOptions(options));
  show(report, describeDifferences(report), options);
}

const progress = new Progress(1);

const commonOptions = ({ seconds, handshakes, seed, provider }: Options) => ({
  seconds,
  seed,
  makeProvider: makers[provider],
  ...(handshakes === undefined ? {} : { limit: handshakes }),
  onProgress: ({ done, seconds: elapsed, problems }: SearchProgress) =>
    progress.say(
      `${done} handshakes, ${Math.round(elapsed)} of ${seconds} s, ${problems} problems`,
    ),
});

/** Saves and prints what a search has found; a problem fails the command. */
function show(report: SearchReport | DifferentialReport, text: string, options: Options): void {
  progress.clear();
  for (const { scenario } of report.problems) {
    save(`${scenario.name}.json`, `${JSON.stringify(scenario, undefined, 2)}\n`, options);
  }
  if (options.json) printJson(report);
  else print(text);
  if (report.problems.length > 0) process.exitCode = ExitCode.failed;
}

function describeDifferences(report: DifferentialReport): string {
  const { mutations, seconds, cpuSeconds, openssl, same, explained, problems } = report;
  const rate = Math.round((mutations / cpuSeconds) * 60);
  const reasons = Object.entries(explained).toSorted(([, a], [, b]) => b - a);
  return [
    `${mutations} mutations in ${seconds.toFixed(1)} s, ${rate} a minute of processor time`,
    `${same} came out as with OpenSSL ${openssl}; the others:`,
    ...reasons.map(([why, times]) => `  ${times} × ${why}`),
    `${problems.length} differences that nothing explains`,
    ...problems.map(({ what, steps }) => `  ${what}: ${steps}`),
  ].join("\n");
}

function describe({ handshakes, seconds, cpuSeconds, outcomes, problems, heap }: SearchReport) {
  const rate = Math.round((handshakes / cpuSeconds) * 60);
  return [
    `${handshakes} mutated handshakes in ${seconds.toFixed(1)} s, ${rate} a minute of processor time`,
    `${outcomes} different outcomes; ${mebibytes(heap.start)} of heap at the start, ${mebibytes(heap.end)} at the end`,
    ...(heap.perEnd === undefined
      ? []
      : [`an end holds ${Math.round(heap.perEnd / 1024)} KiB when nothing more comes, at most`]),
    `${problems.length} problems`,
    ...problems.map(({ what, steps }) => `  ${what}: ${steps}`),
  ].join("\n");
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
