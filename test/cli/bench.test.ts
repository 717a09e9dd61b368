import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readResults, resultsSchema } from "../../bench/read-results.ts";
import type { Results } from "../../bench/results.ts";
import { suites } from "../../bench/suites.ts";
import { toCsv } from "../../src/cli/bench/csv.ts";
import { duration } from "../../src/cli/bench/progress.ts";
import { withOptional } from "../../src/cli/optional.ts";
import { measuredBy, resultsWith } from "../bench/support.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const read = (name: string): Results => readResults(readFileSync(join(cli.folder, name), "utf8"));
const write = (name: string, results: Results): void =>
  writeFileSync(join(cli.folder, name), JSON.stringify(results));

const run = (level: number): Results => {
  const processes = [0, 1, 2, 3, 4].map((at) => [level + at / 100, level + at / 50]);
  return resultsWith({ measurements: [measuredBy("engine", ...processes)] });
};

const slow = { timeout: 60_000 };

describe("kemistry bench", slow, () => {
  it("measures, prints, and writes what fits the schema", async () => {
    const { code, stdout, stderr } = await cli.run(
      "bench size chains --quick --filter x25519 --json r.json --csv r.csv",
    );
    expect(stderr).toMatch(/^size: about \d+ s left$/m);
    expect(stdout).toMatch(/^x25519, ecdsa_secp256r1_sha256, full +205 +\d+ +64 +\d+$/m);
    expect(code).toBe(0);
    const results = read("r.json");
    expect(new Ajv2020().validate(resultsSchema(), results)).toBe(true);
    expect(results).toMatchObject({
      complete: true,
      options: { profile: "quick", filter: "x25519", suites: ["size", "chains"] },
    });
    expect(results.environment.node).toBe(process.versions.node);
    const csv = readFileSync(join(cli.folder, "r.csv"), "utf8");
    expect(csv).toContain("client_hello");
  });

  it("compares in its samples, and gives all of it on stdout", async () => {
    const { code, stdout } = await cli.run("bench chains --quick --provider native --json -");
    expect(code).toBe(0);
    const [suite] = readResults(stdout).suites;
    expect(suite?.measurements.map(({ name }) => name)).toEqual([
      "native, secp256r1, new",
      "native, secp256r1, seen",
      "native, ML-DSA-65, new",
      "native, ML-DSA-65, seen",
    ]);
    for (const { value, low, high } of suite?.ratios ?? []) {
      expect(value).toBeLessThan(1);
      expect(low).toBeLessThanOrEqual(high);
    }
    expect(suite?.ratios).toHaveLength(2);
  });

  it("crosses what is named, and times single handshakes where tails are asked for", async () => {
    const { code, stdout } = await cli.run(
      "bench handshake --quick --provider native --group x25519,secp256r1 --signature ed25519 --mode full,mutual --json r.json",
    );
    expect(code).toBe(0);
    expect(stdout).not.toContain("goal");
    const wholes = read("r.json").suites[0]!.measurements.filter(
      ({ dimensions }) => dimensions["role"] === "both",
    );
    expect(wholes.map(({ name }) => name)).toEqual([
      "native, x25519, ed25519",
      "native, x25519, ed25519, mutual",
      "native, secp256r1, ed25519",
      "native, secp256r1, ed25519, mutual",
    ]);
    const tails = await cli.run(
      "bench handshake --quick --provider native --group x25519 --mode resumed --tails --json t.json",
    );
    expect(tails.stdout).toMatch(/^µs of single operations +CPU p50 +clock p50 +CPU p95/m);
    expect(tails.stdout).toMatch(/^native, x25519, resumed( +[\d.]+){6}$/m);
    const [measured] = read("t.json").suites[0]!.measurements;
    expect(measured!.processes.map(({ batch }) => batch)).toEqual([1, 1, 1]);
    expect(read("t.json").options).toMatchObject({ modes: ["resumed"], tails: true });
  });

  const patient = { timeout: 300_000 };
  it("measures candidates by their names, and liboqs in the place of others", patient, async () => {
    const at = async (line: string) => {
      const { code } = await cli.run(`bench handshake --quick ${line} --json r.json`);
      expect(code).toBe(0);
      return read("r.json").suites[0]!.measurements.flatMap(({ name, dimensions, processes }) =>
        dimensions["role"] === "both" && processes.length > 0 ? [name] : [],
      );
    };
    expect(await at("--provider native --group x25519_hqc128 --signature mayo2")).toEqual([
      "native, x25519_hqc128, mayo2",
    ]);
    expect(await at("--provider oqs --group MLKEM768 --mode full")).toEqual([
      "native with liboqs, MLKEM768",
    ]);
  });

  it.each([
    ["bench handshake --group bikel1", /BIKE is not in @oqs\/liboqs-js/],
    ["bench handshake --signature rsa", /there is no signature "rsa"/],
    ["bench handshake --cipher AES", /there is no suite "AES"/],
    ["bench handshake --mode half", /there is no mode "half"; there are full, resumed, mutual/],
    ["bench sizes", /there is no benchmark "sizes"; did you mean size\?$/m],
    ["bench size --group x25520", /there is no group "x25520"; did you mean x25519\?/],
    ["bench size --filter nowhere", /nothing to measure with --filter "nowhere" --provider both/],
    ["bench size --seed half", /Give a whole number/],
    ["bench size --provider openssl", /Allowed choices are noble, native, oqs, both/],
    ["bench size --quick --full", /'--quick' cannot be used with option '--full'/],
    ["bench size --json nowhere/r.json", /cannot write nowhere\/r\.json/],
  ])("refuses %s with one line", async (commandLine, message) => {
    const { code, stderr } = await cli.run(commandLine);
    expect(stderr.split("\n").filter((line) => line.startsWith("kemistry: "))).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it("says that the disk is full, after it has shown what it measured", async ({ skip }) => {
    if (!existsSync("/dev/full")) skip("there is no /dev/full here");
    const { code, stdout, stderr } = await cli.run(
      "bench size --quick --filter x25519 --json /dev/full",
    );
    expect(stdout).toContain("x25519, ecdsa_secp256r1_sha256, full");
    expect(stderr).toMatch(/^kemistry: cannot write \/dev\/full: the disk is full$/m);
    expect(code).toBe(2);
  });

  it("keeps what it has when it is interrupted", async () => {
    const running = cli.start("bench size primitives --group x25519 --json cut.json");
    await running.saying(/^primitives: /m);
    // Until some rounds are measured
    await new Promise((resolve) => setTimeout(resolve, 1000));
    running.process.kill("SIGINT");
    const { code, stderr } = await running.outcome;
    expect(stderr).toContain("stopped early; what was measured until then is kept");
    expect(code).toBe(130);
    const results = read("cut.json");
    expect(results.complete).toBe(false);
    expect(results.suites.map(({ name }) => name)).toContain("size");
  });

  it("lists its suites", async () => {
    const { stdout } = await cli.run("bench --help");
    for (const { name, title } of suites) expect(stdout).toContain(`${name.padEnd(11)} ${title}`);
  });
});

describe("kemistry bench compare", slow, () => {
  it("ends with 1 where something is slower, and shows it", async () => {
    write("before.json", run(10));
    write("after.json", run(12));
    const { code, stdout } = await cli.run("bench compare before.json after.json");
    expect(stdout).toMatch(/^floor +engine +10\.0\d +12\.0\d +1\.20 +1\.\d\d to 1\.\d\d +slower$/m);
    expect(stdout).toContain("1 slower, 0 more, 0 faster, 0 less, 0 same");
    expect(code).toBe(1);
  });

  it("ends with 0 where nothing is, or not by as much as is asked for", async () => {
    write("before.json", run(10));
    write("after.json", run(12));
    const faster = await cli.run("bench compare after.json before.json");
    expect(faster.stdout).toContain("1 faster");
    expect(faster.code).toBe(0);
    expect((await cli.run("bench compare before.json after.json -t 1.25")).code).toBe(0);
    const same = await cli.run("bench compare before.json before.json --json");
    expect(JSON.parse(same.stdout)).toMatchObject({ rows: [{ name: "engine", change: "same" }] });
    expect(same.code).toBe(0);
  });

  it("says where processes are too few to tell", async () => {
    const few = (level: number) =>
      resultsWith({ measurements: [measuredBy("engine", [level, level + 0.1])] });
    write("before.json", few(10));
    write("after.json", few(12));
    const { code, stdout } = await cli.run("bench compare before.json after.json");
    expect(stdout).toContain("of the same, 1 differ by more than the threshold");
    expect(code).toBe(0);
  });

  it("says where the two were measured on different machines", async () => {
    write("before.json", run(10));
    const { environment, ...rest } = run(10);
    write("elsewhere.json", { ...rest, environment: { ...environment, cpu: "another" } });
    const { stderr } = await cli.run("bench compare before.json elsewhere.json");
    expect(stderr).toContain("not the same cpu: a processor before, another after");
  });

  it.each([
    ["gone.json", undefined, /cannot read gone\.json: there is no such file/],
    ["cut.json", JSON.stringify(run(1)).slice(0, -9), /cut\.json is not usable .*cut short/],
    ["empty.json", "", /empty\.json is not usable .*cut short/],
    [
      "other.json",
      '{"format":"kemistry-bench-1"}',
      /format: expected kemistry-bench-2, got "kemistry-bench-1"/,
    ],
    ["none.json", JSON.stringify({ ...run(1), suites: [] }), /have nothing in common/],
  ])("ends with 2 for %s", async (name, text, message) => {
    write("before.json", run(10));
    if (text !== undefined) writeFileSync(join(cli.folder, name), text);
    const { code, stderr } = await cli.run(`bench compare before.json ${name}`);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(2);
  });

  it("refuses a threshold that is none", async () => {
    const { code, stderr } = await cli.run("bench compare a.json b.json --threshold 5%");
    expect(stderr).toContain("Give a ratio of 1 or more");
    expect(code).toBe(2);
  });
});

describe("the table of samples", () => {
  it("has a row for each sample, ratio and figure, and a column for each dimension", () => {
    const csv = toCsv(
      resultsWith({
        measurements: [
          {
            name: 'a "quoted", name',
            dimensions: { suite: "TLS_AES_128_GCM_SHA256" },
            bytes: 64,
            processes: [
              { batch: 2, cpu: [1.5, 2.5], wall: [3, 4] },
              { batch: 3, cpu: [1.25], wall: [5] },
            ],
          },
        ],
        figures: [{ name: "heap", dimensions: { role: "client" }, value: 5, unit: "KiB" }],
      }),
    );
    expect(csv.split("\r\n")).toEqual([
      "benchmark,kind,name,process,sample,cpu_us,wall_us,batch,bytes,value,unit,low,high,p,p_adjusted,role,suite",
      'floor,sample,"a ""quoted"", name",1,1,1.5,3,2,64,,,,,,,,TLS_AES_128_GCM_SHA256',
      'floor,sample,"a ""quoted"", name",1,2,2.5,4,2,64,,,,,,,,TLS_AES_128_GCM_SHA256',
      'floor,sample,"a ""quoted"", name",2,1,1.25,5,3,64,,,,,,,,TLS_AES_128_GCM_SHA256',
      "floor,figure,heap,,,,,,,5,KiB,,,,,client,",
      "",
    ]);
  });
});

it("time left is rounded to what one wants to know", () => {
  expect([0.2, 44.6, 89, 91, 700].map(duration)).toEqual([
    "1 s",
    "45 s",
    "89 s",
    "2 min",
    "12 min",
  ]);
});

describe("a package that need not be there", () => {
  it("is asked for by name where it is missing", async () => {
    const gone = (name: string) =>
      Promise.reject(
        Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
          code: "ERR_MODULE_NOT_FOUND",
        }),
      );
    await expect(withOptional(["tinybench"], () => gone("tinybench"))).rejects.toThrow(
      "this needs tinybench, which is not installed: npm install tinybench",
    );
    await expect(withOptional(["tinybench"], () => gone("another"))).rejects.toThrow(
      "Cannot find package 'another'",
    );
    await expect(withOptional(["tinybench"], () => Promise.resolve(1))).resolves.toBe(1);
  });
});
