/** The fleet, for a minute with ten agents: npm run mesh. Or npm run mesh -- --agents 50 --seconds 600 --rate 150 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runStorm } from "./storm.ts";

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    agents: text,
    seconds: text,
    rate: text,
    lifetime: text,
    poll: text,
    outage: text,
    revoked: text,
  },
});
const number = (name: keyof typeof values, standard: number): number =>
  Number(values[name] ?? standard);

const seconds = number("seconds", 60);
const outcome = await runStorm({
  agents: number("agents", 10),
  seconds,
  rate: number("rate", 30),
  lifetime: number("lifetime", 20),
  poll: number("poll", 2000),
  outage: number("outage", Math.min(60, seconds / 10)),
  revoked: number("revoked", 3),
  programs: dirname(fileURLToPath(import.meta.url)),
  say: (line) => console.log(line),
});
const { lost, problems, negotiated: _, ...figures } = outcome;
console.log(JSON.stringify({ ...figures, lost: lost.length, problems }, undefined, 2));
process.exitCode = problems.length === 0 ? 0 : 1;
process.exit();
