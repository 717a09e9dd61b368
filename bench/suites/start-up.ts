import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Account, type Spent } from "../clock.ts";
import type { Candidate } from "../measure.ts";
import { pems } from "../subjects/identity.ts";
import { carryOut, type Suite } from "../suite.ts";

/** What it takes until there is something to see: each operation is a new process. */
export const startUp: Suite = {
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), "kemistry-bench-"));
    const meter = join(folder, "meter.cjs");
    writeFileSync(meter, meterSource);
    try {
      return await carryOut(
        {
          candidates: [
            whole(meter, bare, "-e", "0"),
            whole(meter, "kemistry --help", built("src/cli/main.js"), "--help"),
            ...["index", "node"].map((face) =>
              whole(
                meter,
                face === "index" ? "import kemistry" : `import kemistry/${face}`,
                built(`src/${face}.js`),
              ),
            ),
            ...["native", "noble"].flatMap((provider) =>
              ["cold", "warm"].map((state) => firstHandshake(provider, state)),
            ),
          ],
          comparisons: [
            {
              name: "kemistry --help ÷ bare node",
              dimensions: {},
              numerator: "kemistry --help",
              denominator: bare,
              goal: { atMost: 2.5 },
            },
          ],
          notes: [
            "each sample is a process of its own; CPU time is that of its main thread and all others, to its end",
            "a first handshake is hybrid, both ends, with keys and certificates read from PEM, and counts from after the import; `warm`: after warmUp()",
          ],
        },
        context,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const bare = "bare node";
const built = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Runs in the measured process before anything else. */
const meterSource = `const { writeSync } = require("node:fs");
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, JSON.stringify({ cpu: user + system, wall: performance.now() * 1000 }));
});
`;

const whole = (meter: string, name: string, ...args: readonly string[]): Candidate =>
  processOf(name, { operation: name }, ["--require", meter, ...args]);

const firstHandshake = (provider: string, state: string): Candidate =>
  processOf(
    `first handshake, ${provider}, ${state}`,
    { operation: "first handshake", provider, group: "X25519MLKEM768", state },
    [built("bench/start-up/first-handshake.js"), provider, state, JSON.stringify(pems)],
  );

/** One operation is one process, which writes on descriptor 3 what it spent. */
const processOf = (
  name: string,
  dimensions: Candidate["dimensions"],
  args: readonly string[],
): Candidate => ({
  name,
  dimensions,
  setUp() {
    const account = new Account();
    return {
      isCold: true,
      run: async () => account.book(await spentBy(args)),
      take: account.take,
    };
  },
});

async function spentBy(args: readonly string[]): Promise<Spent> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const said = await text(child.stdio[3] as Readable);
  if (said === "") throw new Error(`node ${args.join(" ")} ended without saying what it took`);
  return JSON.parse(said) as Spent;
}
