/** The model against the kernel of the machine that runs the tests, where that can be. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compareWithModel } from "../../src/lab/kernel/compare.ts";
import type { Measurement } from "../../src/lab/kernel/measurement.ts";
import { whyNoPath } from "../../src/lab/kernel/path.ts";
import { renderValidation } from "../../src/lab/studies/render.ts";
import { findPeer } from "../interop/peers.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const path = (name: string): string => join(cli.folder, name);
const reason = whyNoPath();

const factors = `
  group: x25519
  signature: ed25519
  provider: native
  unit: segment
  kernel: linux-6.12
`;

describe("lab kernel", { timeout: 120_000 }, () => {
  it("refuses what cannot be measured, and says what it would take", async () => {
    writeFileSync(path("timer.yaml"), `name: a\nfactors: { timer: server-handshake }\n`);
    const { code, stderr } = await cli.run("lab kernel timer.yaml");
    expect([code, stderr]).toEqual([
      2,
      "kemistry: timer.yaml: on a kernel timer can only be handshake: the relay sees nothing else\n",
    ]);
    expect((await cli.run("lab kernel timer.yaml --ends ours")).stderr).toContain("ours/openssl");
  });

  it("says why there is no path here", async ({ skip }) => {
    if (reason === undefined) skip("a kernel can be measured here");
    writeFileSync(path("small.yaml"), `name: a\nfactors: ${factors}`);
    const { code, stderr } = await cli.run("lab kernel small.yaml");
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason!)]);
  });

  it("finds round trips and losses as the model has them", async ({ skip }) => {
    if (reason !== undefined) skip(`no kernel can be measured: ${reason}`);
    // A flight of one window, and one of two; the ClientHello lost
    writeFileSync(
      path("real.yaml"),
      `name: real
repetitions: 5
factors: ${factors}
cases:
  - { rtt: 100, signature: [ed25519, Picnic-L1-FS] }
  - { rtt: 100, loss: { up: { kind: scripted, packets: [0], of: data }, down: 0 } }
`,
    );
    const { stdout, stderr } = await cli.run("lab kernel real.yaml -o out.json --json");
    expect(stderr).toContain("out.json");
    const { figures } = JSON.parse(stdout) as {
      figures: { group: string; published: number; ours: number; verdict: string }[];
    };
    const rounds = figures.filter(({ group }) => group === "round trips");
    expect(rounds.map(({ published, ours }) => [published, ours])).toEqual([
      [2, 2],
      [4, 4],
    ]);
    // The machine that runs tests is busy, so times are not judged; but a lost ClientHello costs its timer
    const [lost] = figures.filter(({ group }) => group === "scripted loss");
    expect(lost!.published).toBeGreaterThan(400);
    const { cells } = JSON.parse(readFileSync(path("out.json"), "utf8")) as {
      cells: { ms: number[] }[];
    };
    expect(cells.map(({ ms }) => ms.length)).toEqual([5, 5, 5]);
    expect(cells[0]!.ms.every((ms) => ms >= 200)).toBe(true);
  });

  it("keeps what it has measured when it is stopped, and says that it was measured", async ({
    skip,
  }) => {
    if (reason !== undefined) skip(`no kernel can be measured: ${reason}`);
    const rtt = "rtt: [100, 101, 102, 103, 104, 105, 106, 107, 108, 109]";
    writeFileSync(path("long.yaml"), `name: long\nrepetitions: 3\nfactors: ${factors}  ${rtt}\n`);
    const { process, outcome } = cli.start("lab kernel long.yaml -o kept.json");
    await vi.waitFor(() => expect(existsSync(path("kept.json"))).toBe(true), 100_000);
    process.kill("SIGKILL");
    await outcome;
    const kept = JSON.parse(readFileSync(path("kept.json"), "utf8")) as Measurement;
    expect(kept.cells.length).toBeGreaterThan(0);
    expect(kept.cells.length).toBeLessThan(10);
    const study = compareWithModel(kept);
    expect(study).toMatchObject({ reference: "measured" });
    expect(renderValidation([study])).toContain("| figure | measured | ours |");
  });

  it("takes OpenSSL as either end", async ({ skip }) => {
    if (reason !== undefined) skip(`no kernel can be measured: ${reason}`);
    const openssl = findPeer("openssl35");
    if (openssl === undefined) skip("no OpenSSL 3.5");
    writeFileSync(path("two.yaml"), `name: two\nrepetitions: 2\nfactors: ${factors}  rtt: 50\n`);
    const { stdout } = await cli.run(
      `lab kernel two.yaml --ends ours/openssl,openssl/ours --openssl ${openssl!.path} --json`,
    );
    const { figures, source } = JSON.parse(stdout) as {
      figures: { name: string; unit: string; published: number }[];
      source: string;
    };
    expect(source).toContain("OpenSSL 3");
    const rounds = figures.filter(({ unit }) => unit === "round trips");
    expect(rounds.map(({ name, published }) => [name.split(",")[0], published])).toEqual([
      ["ours to openssl", 2],
      ["openssl to ours", 2],
    ]);
  });
});
