import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { exampleExperiment } from "../../src/lab/experiment/example.ts";
import { readExperiment } from "../../src/lab/experiment/read.ts";
import { resolveExperiment } from "../../src/lab/experiment/resolve.ts";
import { root } from "../architecture/tree.ts";
import { itWith } from "../interop/peers.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
  writeFileSync(path("small.yaml"), small);
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const small = `name: small
repetitions: 30
factors: { group: [x25519, x25519+HQC-1], signature: ed25519, rtt: [10, 20], loss: [0, 0.1] }
`;
const none = { generate: 0, encapsulate: 0, decapsulate: 0, sign: 0, verify: 0 };
const free = { x25519: none, "HQC-1": none, ed25519: none, "Picnic-L1-FS": none };
const path = (name: string): string => join(cli.folder, name);
const read = (name: string): string => readFileSync(path(name), "utf8");
const slow = { timeout: 120_000 };

describe("lab", slow, () => {
  it("writes an experiment that can be run, once", async () => {
    expect(await cli.run("lab init mine.yaml")).toMatchObject({ code: 0 });
    expect(read("mine.yaml")).toBe(exampleExperiment());
    expect(resolveExperiment(readExperiment(read("mine.yaml"))).cells).toHaveLength(60);
    const again = await cli.run("lab init mine.yaml");
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("is there already")]);
    expect(JSON.parse((await cli.run("lab init --schema")).stdout)).toMatchObject({
      type: "object",
    });
  });

  it("says what a file asks for, and what is wrong with it", async () => {
    const { stdout } = await cli.run("lab check small.yaml");
    expect(stdout).toContain("small: 8 cells, 124 handshakes, seed 1");
    expect(stdout).toContain("size only: HQC-1");
    expect(JSON.parse((await cli.run("lab check small.yaml --json")).stdout)).toHaveLength(8);
    writeFileSync(path("wrong.yaml"), "name: a\nfactors:\n  groop: x25519\n");
    expect(await cli.run("lab check wrong.yaml")).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'kemistry: wrong.yaml: line 3, column 10, factors.groop: expected no such member, got "x25519"; did you mean group?\n',
    });
  });

  it("lists studies, links and sizes", async () => {
    const { stdout } = await cli.run("lab list");
    for (const name of ["paquin2020", "lte-m", "X25519MLKEM768", "FrodoKEM-640", "size only"]) {
      expect(stdout).toContain(name);
    }
    const { signatures } = JSON.parse((await cli.run("lab list --json")).stdout) as {
      signatures: { name: string; runs: boolean }[];
    };
    expect(signatures.find(({ name }) => name === "mldsa65")?.runs).toBe(true);
    expect(signatures.find(({ name }) => name === "MAYO-1")?.runs).toBe(false);
  });

  it("runs an experiment, with a report of all parts", async () => {
    const outcome = await cli.run("lab run small.yaml --csv");
    expect(outcome.code).toBe(0);
    expect(read("small/rows.jsonl").split("\n")).toHaveLength(9);
    expect(read("small/rows.csv").split("\n")).toHaveLength(1 + 124 + 1);
    expect(JSON.parse(read("small/manifest.json"))).toMatchObject({ cells: 8, seed: "1" });
    const page = read("small/report.html");
    for (const id of [
      "loss",
      "bytes",
      "flights",
      "hello",
      "differences",
      "ecdf",
      "sequence",
      "cells",
      "method",
    ]) {
      expect(page).toContain(`<section id="${id}">`);
    }
    const links = [...read("small/report.md").matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(6);
    for (const [, link = ""] of links) expect(read(join("small", link))).toMatch(/^<svg /);
  });

  it("goes on where a run was stopped, in the middle of a line", async () => {
    const whole = read("small/rows.jsonl");
    await cli.run("lab run small.yaml -o stopped --no-report");
    const half = whole.split("\n").slice(0, 3).join("\n").length;
    truncateSync(path("stopped/rows.jsonl"), half + 20);
    const { stderr } = await cli.run("lab run small.yaml -o stopped --no-report");
    expect(stderr).toContain("stopped: 3 of 8 cells are there already");
    expect(read("stopped/rows.jsonl")).toBe(whole);
    expect(existsSync(path("stopped/report.html"))).toBe(false);
  });

  it("writes the same by several threads, and goes on where they stopped", async () => {
    await cli.run("lab run small.yaml -o threads --no-report --workers 3");
    expect(read("threads/rows.jsonl")).toBe(read("small/rows.jsonl"));
    const half = read("small/rows.jsonl").split("\n").slice(0, 3).join("\n").length;
    truncateSync(path("threads/rows.jsonl"), half + 20);
    const { code } = await cli.run("lab run small.yaml -o threads --no-report --workers 2");
    expect(code).toBe(0);
    expect(read("threads/rows.jsonl")).toBe(read("small/rows.jsonl"));
    await cli.run("lab run small.yaml -o part --no-report --workers 2 --shard 2/3");
    const lines = read("small/rows.jsonl").split("\n");
    expect(read("part/rows.jsonl").split("\n").slice(0, 3)).toEqual([lines[1], lines[4], lines[7]]);
  });

  it("does not mix rows of two experiments", async () => {
    const { code, stderr } = await cli.run("lab run small.yaml -o stopped --seed 2");
    expect([code, stderr]).toEqual([2, expect.stringContaining("configuration was")]);
    appendFileSync(path("stopped/rows.jsonl"), read("stopped/rows.jsonl").split("\n")[0] + "\n");
    expect((await cli.run("lab run small.yaml -o stopped")).stderr).toContain(
      "expected cell none, got cell 0",
    );
  });

  it.skipIf(process.platform !== "linux")("loses no row on a full disk", () => {
    // A limit on the size of files is what a full disk looks like to a program, and needs no root
    const limited = (kilobytes: number) =>
      spawnSync(
        "sh",
        [
          "-c",
          `trap "" XFSZ; ulimit -f ${kilobytes}; exec "$0" "$@"`,
          process.execPath,
          path("package/dist/src/cli/main.js"),
          "lab",
          "run",
          "small.yaml",
          "-o",
          "full",
          "--no-report",
        ],
        { cwd: cli.folder, encoding: "utf8" },
      );
    const { status, stderr } = limited(8);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("run the same again, and it goes on"),
    ]);
    const kept = read("full/rows.jsonl");
    expect(kept.endsWith("\n")).toBe(true);
    expect(read("small/rows.jsonl").startsWith(kept)).toBe(true);
    expect(limited(100_000).status).toBe(0);
    expect(read("full/rows.jsonl")).toBe(read("small/rows.jsonl"));
  });

  it("merges shards to what one machine writes, and refuses strangers", async () => {
    for (const at of [1, 2, 3]) await cli.run(`lab run small.yaml --shard ${at}/3 -o part-${at}`);
    const merged = await cli.run("lab merge part-3 part-1 part-2 -o merged --no-report");
    expect(merged.code).toBe(0);
    expect(read("merged/rows.jsonl")).toBe(read("small/rows.jsonl"));
    const few = await cli.run("lab merge part-1 part-2 -o few");
    expect([few.code, few.stderr]).toEqual([2, "kemistry: shard 3/3 is missing\n"]);
    await cli.run("lab run small.yaml --seed 9 --shard 3/3 -o stranger");
    const mixed = await cli.run("lab merge part-1 part-2 stranger -o mixed");
    expect(mixed.stderr).toContain('part-1 and stranger differ in seed: "1", and "9"');
    expect((await cli.run("lab merge nowhere -o x")).stderr).toContain("nowhere holds no run");
  });

  it("says as data what it has written", async () => {
    const files = ["rows.jsonl", "manifest.json", "report.md", "figures", "report.html"];
    const whole = { cells: 8, handshakes: 124, failed: 0, broken: 0 };
    const json = async (line: string): Promise<unknown> =>
      JSON.parse((await cli.run(`${line} --json`)).stdout);
    expect(await json("lab run small.yaml")).toEqual({
      folder: "small",
      files: files.map((name) => join("small", name)),
      ...whole,
    });
    expect(await json("lab report small")).toMatchObject({ folder: "small", ...whole });
    expect(await json("lab merge part-1 part-2 part-3 -o merged --no-report")).toEqual({
      folder: "merged",
      files: files.slice(0, 2).map((name) => join("merged", name)),
      ...whole,
    });
    expect(await json("lab init data.yaml")).toEqual({ file: "data.yaml" });
    expect(await json("lab init -")).toMatchObject({ error: { kind: "usage" } });
  });

  it("says that a file is empty, and that a capture cannot be a folder", async () => {
    writeFileSync(path("empty.yaml"), "\n");
    const empty = await cli.run("lab check empty.yaml");
    expect([empty.code, empty.stderr]).toEqual([
      2,
      "kemistry: empty.yaml is empty; kemistry lab init writes an experiment to begin with\n",
    ]);
    const folder = await cli.run("lab run small.yaml --pcap small");
    expect([folder.code, folder.stderr]).toEqual([
      2,
      "kemistry: cannot write small: it is a folder\n",
    ]);
  });

  it("makes a report of a run that is not complete, and says so", async () => {
    await cli.run("lab report part-1");
    expect(read("part-1/report.md")).toContain("5 of 8 cells were not run yet");
  });

  // What differs most between engines: numbers, sorting, and the order of members
  const everywhere = {
    name: "everywhere",
    repetitions: 20,
    cpuTables: { mine: { handshake: { client: 0.3, server: 0.7 }, operations: free } },
    factors: { group: ["x25519", "x25519+HQC-1"], signature: ["ed25519", "Picnic-L1-FS"], rtt: 30 },
    cases: [
      { loss: [0, 0.05], jitter: [0, 2], chain: ["intermediate", "dual"] },
      { loss: { kind: "gilbert-elliott", toBad: 0.05, toGood: 0.3, inGood: 0.001, inBad: 0.4 } },
      { transport: "quic", loss: [0, 0.05], rate: 10 },
      {
        cpu: "mine",
        load: [
          { perSecond: 300, cores: 1 },
          { parallel: 9, cores: 2, of: "both" },
        ],
      },
    ],
  };

  it("writes the rows of this version of Node, which others compare", async () => {
    writeFileSync(path("everywhere.yaml"), JSON.stringify(everywhere));
    expect(await cli.run("lab run everywhere.yaml --no-report")).toMatchObject({ code: 0 });
    const rows = read("everywhere/rows.jsonl").trim().split("\n");
    expect(rows).toHaveLength(52);
    for (const row of rows) expect(JSON.parse(row)).toMatchObject({ broken: [] });
    expect(rows.filter((row) => row.includes('"error"'))).toEqual([]);
  });

  for (const name of ["node22", "node24", "node26"] as const) {
    itWith(
      name,
      `writes the same rows on ${name}`,
      ({ path: node }) => {
        const main = path("package/dist/src/cli/main.js");
        const given = ["lab", "run", "everywhere.yaml", "-o", name, "--no-report"];
        const { status, stderr } = spawnSync(node, [main, ...given], {
          cwd: cli.folder,
          encoding: "utf8",
        });
        expect([status, stderr]).toEqual([0, expect.any(String)]);
        expect(read(`${name}/rows.jsonl`)).toBe(read("everywhere/rows.jsonl"));
      },
      120_000,
    );
  }

  it("takes along a group of one's own", async () => {
    writeFileSync(
      path("mine.mjs"),
      `const bytes = (length) => new Uint8Array(length).fill(1);
      const kem = { name: "toy", backend: "toy", publicKeyLength: 500, ciphertextLength: 700, sharedSecretLength: 32,
        postQuantum: true, generate: () => ({ publicKey: bytes(500), decapsulate: () => bytes(32), wipe() {} }),
        encapsulate: () => ({ ciphertext: bytes(700), sharedSecret: bytes(32) }) };
      export const groups = [{ name: "mine", code: 0xfe40, kems: ["x25519", kem] }];`,
    );
    writeFileSync(path("own.yaml"), "name: own\nfactors: { group: mine, signature: ed25519 }\n");
    expect(await cli.run("lab run own.yaml --with mine.mjs --no-report")).toMatchObject({
      code: 0,
    });
    expect(JSON.parse(read("own/rows.jsonl"))).toMatchObject({
      sizeOnly: [],
      broken: [],
      facts: { group: "mine", cryptoBytes: 532 + 732 + 32 + 2 * 64 },
      ms: [60],
    });
    expect((await cli.run("lab check own.yaml")).stderr).toContain(
      'no group or KEM is called "mine"',
    );
    expect((await cli.run("lab check own.yaml --with small.yaml")).stderr).toContain("cannot load");
  });

  it("takes times from a benchmark, and nothing else", async () => {
    writeFileSync(path("timed.yaml"), "name: timed\nfactors: { cpu: measured, rtt: 10 }\n");
    expect((await cli.run("lab run timed.yaml")).stderr).toContain("--measured FILE");
    expect((await cli.run("lab run timed.yaml --measured small.yaml")).stderr).toContain(
      "not usable as results of a benchmark",
    );
  });
});

describe("job files", slow, () => {
  const job = (name: string): string =>
    readFileSync(join(root, "docs/examples/jobs", name), "utf8");
  const kubernetes = parse(job("kubernetes.yaml")) as {
    spec: { completions: number; template: { spec: { containers: { args: string[] }[] } } };
  };
  const batch = JSON.parse(job("aws-batch.json")) as {
    arrayProperties: { size: number };
    containerOverrides: { command: string[] };
  };

  it.each([
    {
      name: "Slurm",
      script: job("slurm.sh"),
      count: Number(/--array=1-(\d+)/.exec(job("slurm.sh"))?.[1]),
      environment: (at: number, count: number) => ({
        SLURM_ARRAY_TASK_ID: String(at + 1),
        SLURM_ARRAY_TASK_MIN: "1",
        SLURM_ARRAY_TASK_STEP: "1",
        SLURM_ARRAY_TASK_COUNT: String(count),
      }),
    },
    {
      name: "Kubernetes",
      script: kubernetes.spec.template.spec.containers[0]!.args[0]!,
      count: kubernetes.spec.completions,
      environment: (at: number) => ({ JOB_COMPLETION_INDEX: String(at) }),
    },
    {
      name: "AWS Batch",
      script: batch.containerOverrides.command[2]!,
      count: batch.arrayProperties.size,
      environment: (at: number) => ({ AWS_BATCH_JOB_ARRAY_INDEX: String(at) }),
    },
  ])(
    "for $name run all shards, which merge to the whole",
    async ({ name, script, count, environment }) => {
      const folder = `job-${name.replace(" ", "")}`;
      const main = path("package/dist/src/cli/main.js");
      writeFileSync(path("experiment.yaml"), small);
      // The scheduler's part: a command called kemistry, an index, and nothing else
      const shards = 2;
      const command = script
        .replace("npx kemistry", "kemistry")
        .replace("exec kemistry", `exec ${process.execPath} ${main}`)
        .replaceAll("part-", `${folder}-`)
        .replace(`auto/${count}`, `auto/${shards}`);
      for (let at = 0; at < shards; at++) {
        const { status, stderr } = spawnSync("sh", ["-c", command], {
          cwd: cli.folder,
          encoding: "utf8",
          env: { PATH: process.env["PATH"], ...environment(at, shards) },
        });
        expect([status, stderr]).toEqual([0, expect.stringContaining("rows.jsonl")]);
      }
      expect(count).toBe(8);
      const first = name === "Slurm" ? 1 : 0;
      const parts = Array.from({ length: shards }, (_, at) => `${folder}-${at + first}`);
      expect(await cli.run(`lab merge ${parts.join(" ")} -o ${folder} --no-report`)).toMatchObject({
        code: 0,
      });
      await cli.run("lab run experiment.yaml -o one --no-report");
      expect(read(`${folder}/rows.jsonl`)).toBe(read("one/rows.jsonl"));
      rmSync(path("one"), { recursive: true });
    },
  );
});
