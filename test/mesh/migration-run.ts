/** A fleet's way to post-quantum, drawn on a page: npm run migration -- --agents 50 --seconds 300 --rate 150 */
import { writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { loadRenderer } from "../../src/report/charts/draw.ts";
import { page } from "../../src/report/page/page.ts";
import { readArguments } from "../support/arguments.mjs";
import { migrationReport, runMigration } from "./migration.ts";

const text = { type: "string" } as const;
const { values, number } = readArguments("npm run migration --", {
  options: { agents: text, seconds: text, rate: text, lifetime: text, poll: text, page: text },
});

const programs = dirname(fileURLToPath(import.meta.url));
const outcome = await runMigration({
  agents: number(values.agents, 10),
  seconds: number(values.seconds, 90),
  rate: number(values.rate, 30),
  lifetime: number(values.lifetime, 20),
  poll: number(values.poll, 2000),
  programs,
  say: (line) => console.log(line),
});
const file = values.page ?? relative(".", join(programs, "migration.html"));
writeFileSync(file, page(migrationReport(outcome), await loadRenderer()));
const { lost, problems, negotiated: _, steps: __, ...figures } = outcome;
console.log(JSON.stringify({ ...figures, lost: lost.length, problems }, undefined, 2));
console.log(`${file} shows what was negotiated over time`);
process.exitCode = problems.length === 0 ? 0 : 1;
process.exit();
