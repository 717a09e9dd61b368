/** `kemistry attack --search`: mutated handshakes, by somebody between the ends or by one of them. */
import { search, type SearchReport } from "../../lab/adversary/index.ts";
import { ExitCode } from "../errors.ts";
import { note, print, printJson } from "../output.ts";
import { makers, type Options, save } from "./options.ts";

export function runSearch(options: Options): void {
  const { seconds, handshakes, seed, provider, json, malicious } = options;
  const report = search({
    seconds,
    seed,
    adversary: malicious ? "malicious-peer" : "on-path",
    makeProvider: makers[provider],
    ...(handshakes === undefined ? {} : { limit: handshakes }),
  });
  for (const { scenario } of report.problems) {
    save(`${scenario.name}.json`, `${JSON.stringify(scenario, undefined, 2)}\n`, options);
  }
  if (json) printJson(report);
  else print(describe(report));
  if (report.heap.grew) note("kemistry: memory grew, or an end holds too much");
  if (report.problems.length > 0 || report.heap.grew) process.exitCode = ExitCode.failed;
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
