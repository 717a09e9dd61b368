import { type Command, InvalidArgumentError, Option } from "commander";
import {
  checkMeasurable,
  compareWithModel,
  hasCongestionControl,
  type Maker,
  type Measurement,
  measureKernel,
  type Pair,
  whyNoPath,
} from "../../../lab/kernel/index.ts";
import { Progress } from "../../bench/progress.ts";
import { ExitCode, messageOf, UsageError } from "../../errors.ts";
import { printStudy, withErrors } from "../../lab/print-study.ts";
import { readGiven } from "../../lab/source.ts";
import { opensslVersionOf } from "../../openssl.ts";
import { examples, wholeNumber } from "../../options.ts";
import { note, printJson } from "../../output.ts";
import { writeOutput } from "../../write.ts";

interface Options {
  readonly ends: readonly Pair[];
  readonly openssl: string;
  readonly congestion: string;
  readonly repetitions?: number;
  readonly seed?: string;
  readonly output?: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("<experiment>", "a file, YAML or JSON; or a study's name")
    .addOption(
      new Option("--ends <pairs>", "client/server, each ours or openssl; several with commas")
        .argParser(pairs)
        .default([{ client: "ours", server: "ours" }] satisfies readonly Pair[], "ours/ours"),
    )
    .option("--openssl <program>", "the program of OpenSSL", "openssl")
    .option("--congestion <name>", "congestion control of both ends", "cubic")
    .option("-n, --repetitions <n>", "handshakes a cell", wholeNumber(1, 10_000))
    .option("-s, --seed <seed>", "another than the file's")
    .option("-o, --output <file>", "write what was measured, as JSON, after each cell")
    .option("--json", "every figure: the model's, the kernel's, error, verdict")
    .action(act);
  command.addHelpText(
    "after",
    [
      "",
      "Runs an experiment in real time on this machine's own TCP, in two network",
      "namespaces, and holds the model against it. It needs Linux, root and VXLAN, leaves",
      "nothing behind, and takes as long as the handshakes do.",
    ].join("\n"),
  );
  examples(command, [
    ["lab kernel mine.yaml", "the same file as for lab run"],
    ["lab kernel mine.yaml --ends ours/openssl", "our client, OpenSSL's server"],
  ]);
}

function pairs(text: string): readonly Pair[] {
  return text.split(",").map((pair) => {
    const [client, server, ...rest] = pair.split("/");
    if (isMaker(client) && isMaker(server) && rest.length === 0) return { client, server };
    throw new InvalidArgumentError("Give ours/openssl, say, or several such pairs with commas.");
  });
}

const isMaker = (name: string | undefined): name is Maker => name === "ours" || name === "openssl";

async function act(path: string, options: Options): Promise<void> {
  const { ends, openssl, congestion } = options;
  const { experiment, file } = await readGiven(path, options);
  try {
    checkMeasurable(experiment, ends);
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`);
  }
  const reason = whyNoPath();
  if (reason !== undefined) throw new UsageError(`no kernel can be measured here: ${reason}`);
  if (!hasCongestionControl(congestion)) {
    throw new UsageError(`this kernel has no congestion control called ${congestion}`);
  }
  const needsOpenssl = ends.some(({ client, server }) => [client, server].includes("openssl"));
  const progress = new Progress();
  const start = performance.now();
  const { output } = options;
  const keep = (measured: Measurement): void => {
    if (output !== undefined) writeOutput(output, `${JSON.stringify(measured)}\n`);
  };
  const measurement = await measureKernel(experiment, {
    file,
    pairs: ends,
    openssl,
    ...(needsOpenssl && { opensslVersion: opensslVersionOf(openssl) }),
    congestionControl: congestion,
    end: new URL("../../lab/kernel-end.js", import.meta.url),
    // A run that is stopped has measured what it has measured; stdout gets the whole alone
    ...(output !== "-" && { keep }),
    progress: (done, total) => {
      const perCell = (performance.now() - start) / done / 1000;
      const left = done === 0 ? undefined : perCell * (total - done);
      progress.report(experiment.name, done / total, left);
    },
  });
  progress.clear();
  keep(measurement);
  if (output !== undefined) note(output);
  const study = compareWithModel(measurement, experiment);
  if (options.json) printJson(withErrors(study));
  else printStudy(study);
  if (study.claims.some(({ reached, needed }) => reached < needed)) {
    process.exitCode = ExitCode.failed;
  }
}
