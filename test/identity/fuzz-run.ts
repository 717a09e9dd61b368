/**
 * Damages what is read from DER for as long as it is told to, and says what came of it:
 *
 *     npm run fuzz -- SECONDS FIRST-SEED
 *
 * A problem is an error that does not say place and rule, readings of one seed that take more than two seconds of
 * processor time, and memory that grows. Exits with 1 if there is one.
 */
import { memoryMeter } from "../../src/lab/adversary/retained.ts";
import { processorTime } from "../../src/lab/adversary/trial.ts";
import { readArguments } from "../support/arguments.mjs";
import { mutate } from "../support/mutate.ts";
import { saysAll, targets } from "./fuzz.ts";

/** Milliseconds of processor time. */
const patience = 2000;
/** Bytes. */
const maxGrowth = 8 * 2 ** 20;

const { positionals, number } = readArguments("npm run fuzz -- [SECONDS [FIRST-SEED]]", {
  allowPositionals: true,
});
const seconds = number(positionals[0], 60);
const first = number(positionals[1], 1_000_000);
const memoryInUse = memoryMeter();
const counts = targets.map(([name]) => ({ name, taken: 0, refused: 0 }));
const problems: string[] = [];
const until = performance.now() + seconds * 1000;
const total = processorTime();
let start = memoryInUse();
let slowest = 0;
let rounds = 0;
for (let seed = first; performance.now() < until && problems.length < 20; seed++) {
  const took = processorTime();
  targets.forEach(([name, intact, read], index) => {
    const count = counts[index]!;
    const damaged = mutate(intact, seed);
    try {
      read(damaged);
      count.taken++;
    } catch (error) {
      count.refused++;
      if (!saysAll(error)) problems.push(`${name}, seed ${seed}: ${String(error)}`);
    }
  });
  const time = took();
  if (time > patience) problems.push(`seed ${seed}: ${time} ms`);
  slowest = Math.max(slowest, time);
  if (++rounds === 1000) start = memoryInUse();
}
const end = memoryInUse();
if (end - start > maxGrowth) problems.push(`memory grew from ${start} to ${end} bytes`);
const damaged = rounds * targets.length;
const cpuSeconds = Math.round(total() / 1000);
console.log(
  JSON.stringify({ first, rounds, damaged, cpuSeconds, slowest, start, end, counts, problems }),
);
if (problems.length > 0) process.exitCode = 1;
