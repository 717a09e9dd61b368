/** Holds folders of the IETF Hackathon's certificates, one for each implementation, against ours: `npm run hackathon -- FOLDER…`. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { native } from "../../src/crypto/native.ts";
import { readArguments } from "../support/arguments.mjs";
import { judge, type Row } from "./hackathon.ts";

const { positionals } = readArguments("npm run hackathon -- FOLDER…", { allowPositionals: true });
const results = ["right", "wrong", "skipped"] as const;
const totals = { right: 0, wrong: 0, skipped: 0 };
for (const folder of positionals) {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const contents = names
    .filter((name) => /\.(der|bin)$/.test(name))
    .map((name) => [basename(name), new Uint8Array(readFileSync(join(folder, name)))] as const);
  const rows = judge(new Map(contents), native);
  const counts = results.map((result) => {
    const count = rows.filter((row) => row.result === result).length;
    totals[result] += count;
    return `${count} ${result}`;
  });
  console.log(`${basename(folder)}: ${counts.join(", ")}`);
  for (const [reason, which] of grouped(rows)) console.log(`  ${reason}: ${which.join(" ")}`);
}
console.log(results.map((result) => `${totals[result]} ${result}`).join(", "));
if (totals.right === 0) process.exitCode = 2;

/** Files by what is wrong with them; of what is skipped the number. */
function grouped(rows: readonly Row[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { file, result, reason = "" } of rows) {
    if (result === "right") continue;
    const key = `${result}, ${reason}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return new Map(
    [...groups].map(([key, files]) => [
      key,
      key.startsWith("skipped") ? [`${files.length}`] : files,
    ]),
  );
}
