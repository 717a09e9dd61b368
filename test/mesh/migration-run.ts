/** A fleet's way to post-quantum, drawn on a page: npm run migration -- --agents 50 --seconds 300 --rate 150 */
import { writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadRenderer } from "../../src/report/charts/draw.ts";
import { page } from "../../src/report/page/page.ts";
import { migrationReport, runMigration } from "./migration.ts";

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: { agents: text, seconds: text, rate: text, lifetime: text, poll: text, page: text },
});
const number = (name: "agents" | "seconds" | "rate" | "lifetime" | "poll", standard: number) =>
  Number(values[name] ?? standard);

const programs = dirname(fileURLToPath(import.meta.url));
const outcome = await runMigration({
  agents: number("agents", 10),
  seconds: number("seconds", 90),
  rate: number("rate", 30),
  lifetime: number("lifetime", 20),
  poll: number("poll", 2000),
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
