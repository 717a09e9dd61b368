/**
 * `npm run webassembly`: handshakes per second of CPU time by noble, and by slots of WebAssembly, in this Node and in
 * Chromium (`CHROMIUM` says where), as a table. All take turns; a ratio is the median of those of the turns.
 */
import { chromium } from "playwright-core";
import { cpuTime } from "../../bench/cpu-time.ts";
import { median } from "../../src/statistics/index.ts";
import { prepare, type SubjectName } from "./webassembly.ts";
import { preparing, servePage } from "./webassembly-page.ts";

/** Where handshakes are made: how many, by whom; gives the microseconds of CPU time that they took. */
interface Place {
  readonly name: string;
  measure(subject: SubjectName, count: number): Promise<number>;
  close(): Promise<void>;
}

const [turns, count] = [15, 20];
const names: readonly SubjectName[] = ["noble", "liboqs", "libsodium", "liboqs and libsodium"];

async function here(): Promise<Place> {
  const subjects = await prepare();
  return {
    name: `Node ${process.versions.node}`,
    async measure(subject, many) {
      const before = cpuTime();
      subjects[subject](many);
      return cpuTime() - before;
    },
    close: async () => {},
  };
}

/** The CPU time is that of the page's process, all threads included. */
async function inChromium(): Promise<Place> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  const { origin, close } = await servePage();
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const page = await browser.newPage();
  await page.goto(origin);
  await page.evaluate(preparing(origin));
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const spent = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1e6 * metrics.find(({ name }) => name === "ProcessTime")!.value;
  };
  return {
    name: `Chromium ${browser.version()}`,
    async measure(subject, many) {
      const before = await spent();
      await page.evaluate(`subjects[${JSON.stringify(subject)}](${many})`);
      return (await spent()) - before;
    },
    async close() {
      await browser.close();
      close();
    },
  };
}

async function rowsOf(place: Place): Promise<string[]> {
  for (const name of names) await place.measure(name, 60);
  const samples = new Map<SubjectName, number[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) samples.get(name)!.push((await place.measure(name, count)) / count);
  }
  await place.close();
  return names.map((name) => {
    const own = samples.get(name)!;
    const ratio = median(samples.get("noble")!.map((cost, turn) => cost / own[turn]!));
    return `| ${place.name} | ${name} | ${Math.round(1e6 / median(own))} | ${ratio.toFixed(2)} |`;
  });
}

console.log("| where | slots by | handshakes per CPU second | times noble's |");
console.log("|---|---|---:|---:|");
for (const open of [here, inChromium]) {
  for (const row of await rowsOf(await open())) console.log(row);
}
