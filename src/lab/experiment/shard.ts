/** Which part of an experiment this machine runs. */
import type { Shard } from "./run.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where schedulers say which of many alike jobs this is. */
const schedulers: readonly {
  readonly name: string;
  readonly index: string;
  /** The lowest index, its step, and how many there are, where the scheduler says so. */
  readonly first?: string;
  readonly step?: string;
  readonly count?: string;
}[] = [
  {
    name: "Slurm",
    index: "SLURM_ARRAY_TASK_ID",
    first: "SLURM_ARRAY_TASK_MIN",
    step: "SLURM_ARRAY_TASK_STEP",
    count: "SLURM_ARRAY_TASK_COUNT",
  },
  { name: "Kubernetes", index: "JOB_COMPLETION_INDEX" },
  { name: "AWS Batch", index: "AWS_BATCH_JOB_ARRAY_INDEX", count: "AWS_BATCH_JOB_ARRAY_SIZE" },
];

/**
 * @param text `2/8`, from 1; `auto/8`, where a scheduler says which; `auto`, where it also says how many
 * @throws RangeError that says what to write
 */
export function parseShard(text: string, environment: Environment): Shard {
  const [, which = "", total] = /^(\d+|auto)(?:\/(\d+))?$/.exec(text) ?? [];
  if (which === "" || (which !== "auto" && total === undefined)) {
    throw new RangeError(`expected 2/8, auto/8 or auto, got ${JSON.stringify(text)}`);
  }
  const { index, count } =
    which === "auto"
      ? fromScheduler(environment, total)
      : { index: Number(which) - 1, count: Number(total) };
  if (!(count >= 1 && count <= 1_000_000))
    throw new RangeError(`expected 1 to 1000000 shards, got ${count}`);
  if (!(index >= 0 && index < count)) {
    throw new RangeError(`there is no shard ${index + 1} of ${count}: they are counted from 1`);
  }
  return { index, count };
}

function fromScheduler(environment: Environment, total: string | undefined): Shard {
  const found = schedulers.filter(({ index }) => (environment[index] ?? "") !== "");
  const [scheduler] = found;
  if (scheduler === undefined) {
    const names = schedulers.map(({ index }) => index).join(", ");
    throw new RangeError(
      `auto needs one of ${names}, and none is set: write 1/${total ?? "8"} and so on`,
    );
  }
  if (found.length > 1) {
    throw new RangeError(
      `${found.map(({ name }) => name).join(" and ")} both say which shard this is: write it yourself`,
    );
  }
  const numberIn = (name: string | undefined): number | undefined => {
    const value = name === undefined ? undefined : environment[name];
    if (value === undefined || value === "") return undefined;
    if (!/^\d{1,9}$/.test(value))
      throw new RangeError(`${name}: expected a whole number, got ${JSON.stringify(value)}`);
    return Number(value);
  };
  const index =
    (numberIn(scheduler.index)! - (numberIn(scheduler.first) ?? 0)) /
    (numberIn(scheduler.step) ?? 1);
  const count = total === undefined ? numberIn(scheduler.count) : Number(total);
  if (count === undefined) {
    throw new RangeError(`${scheduler.name} does not say how many shards there are: write auto/8`);
  }
  if (!Number.isInteger(index)) throw new RangeError(`${scheduler.index} is not on its own step`);
  return { index, count };
}
