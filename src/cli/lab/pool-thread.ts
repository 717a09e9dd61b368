/** A thread of the pool: it reads the experiment once, and runs the cells that it is given. */
import { parentPort, workerData } from "node:worker_threads";
import { Recorder, rowLine, runCell } from "../../lab/experiment/index.ts";
import type { Answered, Source, Told } from "./pool.ts";
import { readGiven } from "./source.ts";

const { path, changes } = workerData as Source;
const read = readGiven(path, changes).then(({ experiment }) => ({
  experiment,
  recorder: new Recorder(experiment.seed),
}));

parentPort!.on("message", (told: Told) => {
  void read
    .then(({ experiment, recorder }): Answered => ({
      lines: told.map((index) => rowLine(runCell(experiment, experiment.cells[index]!, recorder))),
    }))
    .catch((error: unknown): Answered => ({ error: error as Error }))
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, no window
    .then((answer) => parentPort!.postMessage(answer));
});
