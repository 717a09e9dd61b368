import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { experimentOf } from "../../../src/lab/experiment/read.ts";
import { ownScheme } from "../../support/own-parts.ts";
import {
  type Experiment,
  resolveExperiment,
  studyOf,
} from "../../../src/lab/experiment/resolve.ts";
import { studies } from "../../../src/lab/experiment/presets.ts";
import { handshakeRounds, roundsOf } from "../../../src/lab/experiment/rounds.ts";
import {
  countDone,
  csvLines,
  manifestOf,
  type Manifest,
  mergeParts,
  type Part,
  readManifest,
  readRow,
  rowLine,
  wholeLines,
} from "../../../src/lab/experiment/rows.ts";
import { type CellRow, runExperiment, type Shard } from "../../../src/lab/experiment/run.ts";

const experiment = (more: object = {}): Experiment =>
  resolveExperiment(
    experimentOf({
      name: "test",
      seed: 7,
      repetitions: 40,
      factors: {
        group: ["x25519", "X25519MLKEM768"],
        signature: "ed25519",
        rtt: [20, 50],
        loss: [0, 0.1],
      },
      ...more,
    }),
  );
const run = (of: Experiment): CellRow[] => [...runExperiment(of)];
const one = (factors: object, more: object = {}): CellRow =>
  run(experiment({ factors: { signature: "ed25519", ...factors }, ...more }))[0]!;

/** Of a table in which only whole handshakes take time. */
const zeroes = {
  x25519: { generate: 0, encapsulate: 0, decapsulate: 0 },
  secp256r1: { generate: 0, encapsulate: 0, decapsulate: 0 },
  ed25519: { sign: 0, verify: 0 },
};

/** Every factor of the handshake, each time with another value. */
const ways = [
  {},
  { signature: "mldsa44" },
  { chain: "intermediate" },
  { chain: "dual" },
  { mutual: true },
  { resumed: true },
  { resumed: true, earlyData: 100 },
  { compression: "abridged", chain: "intermediate" },
  { authentication: "kem" },
  { authentication: "kem", kem: "ML-KEM-512" },
  { authentication: "kem", kem: "ML-KEM-512", mutual: true },
  { hello: "browser" },
  { group: "secp256r1" },
];

describe("an experiment", () => {
  const whole = run(experiment());

  it("has a cell for each combination, the last factor fastest", () => {
    expect(whole.map(({ values }) => [values.group, values.rtt, values.loss])).toEqual([
      ["x25519", 20, 0],
      ["x25519", 20, 0.1],
      ["x25519", 50, 0],
      ["x25519", 50, 0.1],
      ["X25519MLKEM768", 20, 0],
      ["X25519MLKEM768", 20, 0.1],
      ["X25519MLKEM768", 50, 0],
      ["X25519MLKEM768", 50, 0.1],
    ]);
  });

  it("repeats only cells in which draws decide", () => {
    expect(whole.map(({ ms }) => ms.length)).toEqual([1, 40, 1, 40, 1, 40, 1, 40]);
    expect(whole[1]?.lost?.some((lost) => lost > 0)).toBe(true);
  });

  it("takes two round trips where nothing is lost, and holds every check", () => {
    expect(whole[0]).toMatchObject({ ms: [40], floor: 40, rounds: 2, broken: [], sizeOnly: [] });
    for (const { broken, error } of whole) expect([broken, error]).toEqual([[], undefined]);
  });

  it("gives the same lines for the same seed, and others for another", () => {
    const text = (of: CellRow[]) => of.map(rowLine).join("");
    expect(text(run(experiment()))).toBe(text(whole));
    expect(text(run(experiment({ seed: 8 })))).not.toBe(text(whole));
    // What came out once, on any machine and any version of Node
    const times = JSON.stringify(whole.map(({ ms, lost }) => [ms, lost]));
    expect(createHash("sha256").update(times).digest("hex").slice(0, 16)).toMatchInlineSnapshot(
      `"827b00d6c332a6bb"`,
    );
  });

  it("draws the same for every algorithm", () => {
    const slower = whole[5]!.ms.map((ms, at) => ms! - whole[1]!.ms[at]!);
    expect(slower.filter((difference) => difference === 0).length).toBeGreaterThan(20);
  });

  it("replaces factors in each case, and those of a preset", () => {
    const cases = experiment({ cases: [{ rtt: 1 }, { loss: 0, group: "x448" }] });
    expect(cases.cells.map(({ values }) => [values.group, values.rtt, values.loss])).toEqual([
      ["x25519", 1, 0],
      ["x25519", 1, 0.1],
      ["X25519MLKEM768", 1, 0],
      ["X25519MLKEM768", 1, 0.1],
      ["x448", 20, 0],
      ["x448", 50, 0],
    ]);
    const preset = resolveExperiment(
      experimentOf({ name: "a", preset: "wiggers2024", factors: { rtt: 5, rate: 1000 } }),
    );
    expect(preset.cells).toHaveLength(18);
    expect(new Set(preset.cells.map(({ values }) => values.rtt))).toEqual(new Set([5]));
  });

  it.each(Object.keys(studies))("of the study %s resolves", (name) => {
    expect(resolveExperiment(studyOf(name)).cells.length).toBeGreaterThan(5);
  });

  it("of a study with jitter breaks no check", () => {
    const study = {
      name: "a",
      preset: "aws2025",
      repetitions: 20,
      factors: { rtt: 35, rate: 100 },
    };
    const rows = run(resolveExperiment(experimentOf(study)));
    expect(rows.map(({ broken, ms }) => [broken, ms.length])).toEqual(
      Array.from({ length: 8 }, () => [[], 20]),
    );
  });

  it("counts what a table says that computing takes", () => {
    const cpuTables = {
      mine: {
        operations: {
          x25519: { generate: 1, encapsulate: 2, decapsulate: 4 },
          ed25519: { sign: 8, verify: 16 },
        },
      },
    };
    // Both signatures are verified by the client: that of the leaf, and of the handshake
    const factors = { group: "x25519", rtt: 20, cpu: "mine" };
    expect(one(factors, { cpuTables }).ms).toEqual([40 + 1 + 2 + 4 + 8 + 2 * 16]);
    const { sign: _, ...without } = cpuTables.mine.operations.ed25519;
    const holed = { mine: { operations: { ...cpuTables.mine.operations, ed25519: without } } };
    expect(one(factors, { cpuTables: holed })).toMatchObject({
      ms: [],
      error: 'the CPU table "mine" has no time for ed25519 sign',
    });
  });

  describe("under load", () => {
    const cpuTables = { mine: { handshake: { server: 2 }, operations: zeroes } };
    const rowsAt = (load: unknown, factors: object = {}): CellRow[] =>
      run(
        experiment({
          repetitions: 4000,
          cpuTables,
          factors: {
            group: "x25519",
            signature: "ed25519",
            rtt: 20,
            cpu: "mine",
            load,
            ...factors,
          },
        }),
      );
    const mean = ({ ms }: CellRow): number =>
      ms.reduce<number>((sum, each) => sum + each!, 0) / ms.length;
    const median = ({ ms }: CellRow): number =>
      ms.map(Number).toSorted((a, b) => a - b)[ms.length >> 1]!;

    it("waits for the server's cores as queueing theory says (M/D/1)", () => {
      const [alone, few, many] = rowsAt([
        "none",
        ...[50, 400].map((perSecond) => ({ perSecond, cores: 1 })),
      ]);
      expect(alone).toMatchObject({ ms: [42], broken: [] });
      // 2 ms of work each, at a tenth and at four fifths of what the core can do
      expect(Math.abs(mean(few!) - 42 - 0.111)).toBeLessThan(0.05);
      expect(Math.abs(mean(many!) - 42 - 4)).toBeLessThan(1);
      expect(many).toMatchObject({ broken: [] });
      expect(many!.sequence).toBeUndefined();
    });

    it("is faster with loss where both ends share few cores, as studies saw", () => {
      const load = { parallel: 40, cores: 1, of: "both" };
      const [calm, lossy] = rowsAt(load, { loss: [0, 0.02] });
      // Each handshake has 2 ms of one core: forty at once take 80
      expect(median(calm!)).toBeCloseTo(80, 0);
      expect(median(lossy!)).toBeLessThan(0.95 * median(calm!));
    });

    it("waits for packets too where the path is shared", () => {
      const given = (path: string) => rowsAt({ perSecond: 300, cores: 100, path }, { rate: 2 })[0]!;
      expect(mean(given("shared"))).toBeGreaterThan(mean(given("own")) + 10);
    });

    it("has the same arrivals for every algorithm", () => {
      const load = { perSecond: 400, cores: 1 };
      const [first, other] = rowsAt(load, { group: ["x25519", "secp256r1"] });
      expect(other!.ms).toEqual(first!.ms);
    });
  });

  it("stops the clock where it is asked to", () => {
    const at = (timer: string, more: object = {}) => one({ rtt: 20, timer, ...more }).ms[0];
    const payload = { request: 100, payload: 30_000 };
    expect(at("handshake")).toBe(40);
    expect(at("server-handshake")).toBe(50);
    expect(at("acknowledged", { acks: "quick" })).toBe(60);
    expect(at("request", payload)).toBe(40);
    expect(at("first-byte", payload)).toBe(60);
    expect(at("last-byte", payload)).toBe(80);
  });

  it("runs each cell's own handshake, whatever ran before it", () => {
    const rows = run(
      experiment({ factors: { group: "x25519", signature: "ed25519", rtt: 20 }, cases: ways }),
    );
    const alone = ways.map((way) => one({ group: "x25519", rtt: 20, ...way }));
    expect(rows.map(({ facts, flights, ms }) => [facts, flights, ms])).toEqual(
      alone.map(({ facts, flights, ms }) => [facts, flights, ms]),
    );
    expect(new Set(rows.map(({ facts }) => JSON.stringify(facts))).size).toBe(ways.length);
  });

  it("refuses two chains of one name, of which one would be replayed for both", () => {
    const chain = ["mldsa44", "mldsa65"].map((log) => ({ timestamps: [log] }));
    expect(() => experiment({ factors: { chain } })).toThrow(
      'factors.chain[1]: two chains are called "same < same, 1 timestamps": give each a name',
    );
    const named = chain.map((slots, at) => ({ ...slots, name: `log ${at}` }));
    const factors = { chain: named, signature: "ed25519", rtt: 1 };
    const sent = run(experiment({ factors })).map(({ facts }) => facts!.serverBytes);
    expect(sent[1]! - sent[0]!).toBe(3309 - 2420);
  });

  it("signs with a scheme of one's own, in the handshake and in the chain, and counts it", () => {
    const cpuTables = {
      mine: {
        operations: {
          x25519: { generate: 0, encapsulate: 0, decapsulate: 0 },
          ed25519: { sign: 1, verify: 2 },
          [ownScheme.name]: { sign: 10, verify: 100 },
        },
      },
    };
    const rowsWith = (factors: object) =>
      run(
        resolveExperiment(
          experimentOf({
            name: "own",
            cpuTables,
            factors: { group: "x25519", rtt: 20, cpu: "mine", ...factors },
          }),
          { schemes: [ownScheme] },
        ),
      );
    const [all, leaf, root, mutual] = [
      { signature: ownScheme.name },
      { signature: ownScheme.name, chain: { root: "ed25519" } },
      { signature: "ed25519", chain: { root: ownScheme.name } },
      { signature: ownScheme.name, mutual: true },
    ].map((factors) => rowsWith(factors)[0]!);
    expect(all).toMatchObject({ broken: [], sizeOnly: [] });
    expect(all!.facts).toMatchObject({
      signature: ownScheme.name,
      cryptoBytes: 64 + 3 * 64 - 32,
    });
    expect([all, leaf, root].map((row) => row!.ms)).toEqual([
      [40 + 10 + 2 * 100],
      [40 + 10 + 100 + 2],
      [40 + 1 + 2 + 100],
    ]);
    expect(mutual).toMatchObject({ broken: [], ms: [40 + 2 * 10 + 2 * 100] });
    expect(() => rowsWith({ signature: "not mine" })).toThrow("no signature is called");
  });

  it("goes over QUIC's flights, where the limit of amplification costs what a window would", () => {
    const over = (transport: string, signature: string) =>
      run(experiment({ factors: { group: "x25519", signature, rtt: 20, transport } }))[0]!;
    // A round trip less, since hellos and connection are one
    expect(over("tcp", "ed25519").ms).toEqual([40]);
    const small = over("quic", "ed25519");
    expect(small).toMatchObject({ ms: [20], floor: 20, broken: [] });
    expect(small.rounds).toBeUndefined();
    expect(small.sequence).toBeUndefined();
    // 3600 bytes may leave before the client's address is known (RFC 9000 §8.1)
    expect(over("tcp", "mldsa44").ms).toEqual([40]);
    expect(over("quic", "mldsa44").ms[0]).toBeGreaterThanOrEqual(40);
  });

  it.each<[object, string]>([
    [{ shrad: { index: 0, count: 2 } }, "did you mean shard?"],
    [{ shard: { index: 2, count: 2 } }, "shard.index must be a whole number from 0 to 1"],
    [{ shard: { index: 0 } }, "count"],
    [{ done: -1 }, "done"],
  ])("refuses %j before anything is run", (options, message) => {
    expect(() => runExperiment(experiment(), options)).toThrow(message);
  });

  it("has a row with its error for a cell that fails, and goes on", () => {
    const broken = experiment();
    const [first, ...others] = broken.cells;
    const compression = {
      algorithm: 1,
      compress: (data: Uint8Array) => data,
      decompress() {
        throw new Error("damaged");
      },
    };
    const cells = [{ ...first!, handshake: { ...first!.handshake, compression } }, others[4]!];
    const rows = run({ ...broken, cells });
    expect(rows.map(({ error, ms }) => [error?.slice(0, 20), ms.length])).toEqual([
      [expect.any(String), 0],
      [undefined, 40],
    ]);
  });

  it("marks a cell whose handshake is not what was planned", () => {
    const honest = experiment();
    const cell = honest.cells[0]!;
    const lying = {
      ...cell,
      handshake: {
        ...cell.handshake,
        chain: { ...cell.handshake.chain, root: { ...cell.handshake.chain.root, signature: 99 } },
      },
    };
    expect(run({ ...honest, cells: [lying] })[0]?.broken).toEqual([
      expect.stringContaining("certificate 0: expected a signature of 99 bytes, got 64"),
    ]);
  });

  it("shows a handshake of its first and last cell, packet by packet", () => {
    const { sequence, ms } = whole.at(-1)!;
    const upper = ms.map(Number).toSorted((a, b) => a - b)[29]!;
    expect(ms[sequence!.repetition]).toBe(upper);
    expect(sequence!.moments.find(({ label }) => label === "handshake")?.at).toBe(upper);
    expect(sequence!.packets.some(({ arrives }) => arrives === undefined)).toBe(true);
    expect(whole[0]?.sequence?.packets.map(({ from, kind }) => `${from} ${kind}`)).toEqual([
      "client syn",
      "server syn-ack",
      "client data",
      "server data",
      "client data",
    ]);
    expect(whole[1]?.sequence).toBeUndefined();
  });
});

describe("sizes of published studies", () => {
  const rows = run(
    resolveExperiment(
      experimentOf({ name: "a", preset: "wiggers2024", factors: { rtt: 30.9, rate: "unlimited" } }),
    ),
  );

  it("are those of Wiggers' thesis to the byte, and so are the rounds", () => {
    const found = rows
      .filter(({ values }) => values.signature !== "rsa_pss_rsae_sha256")
      .map(({ facts, rounds, ms }) => [facts?.cryptoBytes, rounds, Math.floor(ms[0]! / 30.9)]);
    expect(found).toEqual([
      [7720, 2, 2],
      [11_452, 2, 2],
      [10_810, 2, 2],
      [16_055, 3, 3],
      [3797, 2, 2],
      [5360, 2, 2],
      [6625, 2, 2],
      [9698, 2, 2],
      [5966, 2, 2],
      [7529, 2, 2],
      [8797, 2, 2],
      [11_870, 2, 2],
      [35_776, 3, 3],
      [52_896, 4, 4],
      [73_648, 4, 4],
      [109_360, 5, 5],
    ]);
    for (const { broken } of rows) expect(broken).toEqual([]);
  });
});

describe("rounds counted by hand", () => {
  it("step where a window ends", () => {
    const rounds = (bytes: number) => roundsOf(bytes, 10, 1448);
    expect([14_480, 14_481, 43_440, 43_441, 101_360, 101_361].map(rounds)).toEqual([
      1, 2, 2, 3, 3, 4,
    ]);
  });

  it("count each flight that is answered", () => {
    const flight = (from: "client" | "server", bytes: number) => ({ from, bytes, messages: {} });
    const windows = { client: 10, server: 10 };
    const last = flight("client", 90_000);
    expect(
      handshakeRounds([flight("client", 300), flight("server", 900), last], windows, 1448),
    ).toBe(2);
    expect(
      handshakeRounds([flight("client", 15_000), flight("server", 50_000), last], windows, 1448),
    ).toBe(5);
  });
});

describe("rows", () => {
  const about = {
    version: "0",
    machines: [{ date: "d", node: "20", platform: "p", cpu: "c", cores: 1 }],
  };
  const partOf = (of: Experiment, shard?: Shard, more: Partial<Manifest> = {}): Part => ({
    name: shard === undefined ? "whole" : `part ${shard.index + 1}`,
    manifest: { ...manifestOf(of, shard), ...about, ...more },
    lines: [...runExperiment(of, shard && { shard })].map((row) => rowLine(row).trimEnd()),
  });
  const small = experiment({ factors: { signature: "ed25519", rtt: [1, 2, 3], loss: [0, 0.2] } });
  const shards = [2, 0, 3, 1].map((index) => partOf(small, { index, count: 4 }));

  it("of shards merge to the whole, byte for byte, in any order", () => {
    const whole = partOf(small);
    const merged = mergeParts(shards);
    expect(merged.lines).toEqual(whole.lines);
    expect({ ...merged.manifest, machines: [] }).toEqual({ ...whole.manifest, machines: [] });
    expect(merged.manifest.machines).toHaveLength(4);
  });

  const other = (more: Partial<Manifest>): Part[] => [
    ...shards.slice(1),
    { ...shards[0]!, manifest: { ...shards[0]!.manifest, ...more } },
  ];

  it.each([
    ["another seed", other({ seed: "9" }), 'differ in seed: "7", and "9"'],
    ["another version", other({ version: "1" }), 'differ in version: "0", and "1"'],
    ["another commit", other({ commit: "abc" }), 'differ in commit: none, and "abc"'],
    ["another configuration", other({ configuration: "abc" }), "differ in configuration"],
    ["another benchmark", other({ measured: "abc" }), "differ in measured"],
    [
      "another number of shards",
      other({ shard: { index: 2, count: 5 } }),
      "one of 4 shards, part 3 one of 5",
    ],
    ["a shard too few", shards.slice(1), "shard 3/4 is missing"],
    ["a shard twice", [...shards, shards[0]!], "part 3 and part 3 are the same shard, 3/4"],
    [
      "a shard that was stopped",
      other({}).map((part, at) => (at === 3 ? { ...part, lines: [] } : part)),
      "part 3 is not complete",
    ],
    ["no shards", [], "there are no shards"],
  ])("are refused with %s", (_, parts, reason) => {
    expect(() => mergeParts(parts)).toThrow(reason);
  });

  it("say how far a run came, and that they are another's", () => {
    const { lines } = partOf(small);
    expect(countDone(lines.slice(0, 2), small)).toBe(2);
    expect(countDone(shards[0]!.lines, small, { index: 2, count: 4 })).toBe(
      shards[0]!.lines.length,
    );
    expect(() => countDone(lines.slice(1), small)).toThrow("line 1: expected cell 0, got cell 1");
  });

  it("end where a line ends", () => {
    expect(wholeLines('{"a":1}\n{"b":2}\n{"c"')).toEqual(['{"a":1}', '{"b":2}']);
    expect(wholeLines("{")).toEqual([]);
    expect(() => readRow('{"cell":1}')).toThrow("values: expected an object, got nothing");
    expect(() => readManifest('{"format":"other"}')).toThrow("kemistry-experiment-1");
  });

  it("become a table with a line for each handshake, without formulas", () => {
    const [row] = runExperiment(small);
    const bad: CellRow = { ...row!, error: '=1+"2",3', ms: [null], lost: [4] };
    expect([...csvLines(["rtt"], [row!, bad])]).toEqual([
      "cell,rtt,repetition,ms,lost,sizeOnly,broken,error\n",
      "0,1,0,2,,,,\n",
      `0,1,0,,4,,,"'=1+""2"",3"\n`,
    ]);
  });
});
