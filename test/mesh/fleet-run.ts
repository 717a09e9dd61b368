/** The fleet, for a minute with ten agents: npm run mesh. Or npm run mesh -- --agents 50 --seconds 600 --rate 150 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { readArguments } from "../support/arguments.mjs";
import { runStorm } from "./storm.ts";

const text = { type: "string" } as const;
const { values, number } = readArguments("npm run mesh --", {
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

const seconds = number(values.seconds, 60);
const outcome = await runStorm({
  agents: number(values.agents, 10),
  seconds,
  rate: number(values.rate, 30),
  lifetime: number(values.lifetime, 20),
  poll: number(values.poll, 2000),
  outage: number(values.outage, Math.min(60, seconds / 10)),
  revoked: number(values.revoked, 3),
  programs: dirname(fileURLToPath(import.meta.url)),
  say: (line) => console.log(line),
});
const { lost, problems, negotiated: _, ...figures } = outcome;
console.log(JSON.stringify({ ...figures, lost: lost.length, problems }, undefined, 2));
process.exitCode = problems.length === 0 ? 0 : 1;
process.exit();
