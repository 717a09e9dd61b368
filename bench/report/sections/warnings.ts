/** What a reader must know before they believe a number. */
import type { Results } from "../../results.ts";
import { isSettled } from "../../samples.ts";
import { joined, plural } from "../../../src/report/numbers.ts";
import type { Run } from "../runs.ts";

export function warningsOf(runs: readonly Run[]): string[] {
  const found = runs.map(({ label, results }) => ({ label, reasons: reasons(results) }));
  const all = [...new Set(found.flatMap((run) => run.reasons))];
  return [
    ...all.map((reason) => {
      const saying = found.filter((run) => run.reasons.includes(reason));
      return `${joined(saying.map(({ label }) => label))}: ${reason}`;
    }),
    ...differences(runs),
  ];
}

function reasons({ complete, environment, options, suites }: Results): string[] {
  const { cores, load, commit } = environment;
  const all = suites.flatMap(({ measurements }) => measurements);
  const unsettled = all.filter((measurement) => !isSettled(measurement));
  return [
    ...(complete ? [] : [`this run was stopped early; it holds ${stoppedWith(options, suites)}.`]),
    ...(load > cores / 2
      ? [
          `the machine was busy when the run began (load ${load.toFixed(1)} on ${plural(cores, "core")}): intervals are wide, and times may be too long.`,
        ]
      : []),
    ...(options.profile === "quick"
      ? ["a quick run, with few and short samples: for a first look, not for a claim."]
      : []),
    ...(commit?.endsWith(" with changes") === true
      ? ["the files were not as committed, so that nobody can run the same again."]
      : []),
    ...(unsettled.length === 0
      ? []
      : [
          `the warm-up of ${unsettled.length} of ${plural(all.length, "measurement")} was not seen to be over (marked †).`,
        ]),
  ];
}

function stoppedWith(options: Results["options"], suites: Results["suites"]): string {
  const missing = options.suites.filter((name) => !suites.some((suite) => suite.name === name));
  const begun = `${suites.length} of ${plural(options.suites.length, "suite")}`;
  return missing.length === 0 ? begun : `${begun}, and nothing of ${joined(missing)}`;
}

function differences(runs: readonly Run[]): string[] {
  const differ = (of: (environment: Results["environment"]) => string | undefined): boolean =>
    new Set(runs.map(({ results }) => of(results.environment))).size > 1;
  return [
    ...(differ(({ cpu, cores }) => `${cpu} ${cores}`)
      ? ["The runs are from different machines: compare ratios, not times."]
      : []),
    ...(differ(({ commit }) => commit) ? ["The runs are of different commits."] : []),
  ];
}
