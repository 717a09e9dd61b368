/**
 * Damages captures for as long as it is told to, and says what came of it:
 *
 *     npm run fuzz:captures -- FILES FIRST-SEED
 *
 * A problem is an error that does not say what is wrong with the file, a file that takes more than two seconds of
 * processor time, and memory that grows. Exits with 1 if there is one.
 */
import { memoryMeter } from "../../../src/lab/adversary/retained.ts";
import { processorTime } from "../../../src/lab/adversary/trial.ts";
import { readArguments } from "../../support/arguments.mjs";
import { damage, isTyped, targets } from "./fuzz.ts";

/** Milliseconds of processor time. */
const patience = 2000;
/** Bytes. */
const maxGrowth = 16 * 2 ** 20;

const { positionals, number } = readArguments("npm run fuzz:captures -- [FILES [FIRST-SEED]]", {
  allowPositionals: true,
});
const files = number(positionals[0], 100_000);
const first = number(positionals[1], 1_000_000);
const memoryInUse = memoryMeter();
const counts = targets.map(({ name }) => ({ name, read: 0, refused: 0 }));
const problems: string[] = [];
const total = processorTime();
let start = memoryInUse();
let slowest = 0;
const rounds = Math.ceil(files / targets.length);
for (let round = 0; round < rounds && problems.length < 20; round++) {
  const seed = first + round;
  const took = processorTime();
  targets.forEach(({ name, intact, read }, index) => {
    const count = counts[index]!;
    try {
      read(damage(intact, seed));
      count.read++;
    } catch (error) {
      count.refused++;
      if (!isTyped(error)) problems.push(`${name}, seed ${seed}: ${String(error)}`);
    }
  });
  const time = took();
  if (time > patience) problems.push(`seed ${seed}: ${time} ms`);
  slowest = Math.max(slowest, time);
  if (round === 1000) start = memoryInUse();
}
const end = memoryInUse();
if (end - start > maxGrowth) problems.push(`memory grew from ${start} to ${end} bytes`);
const cpuSeconds = Math.round(total() / 1000);
const damaged = rounds * targets.length;
console.log(JSON.stringify({ first, damaged, cpuSeconds, slowest, start, end, counts, problems }));
if (problems.length > 0) process.exitCode = 1;
