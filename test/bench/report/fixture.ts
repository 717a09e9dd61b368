/** Results as a run might write them, made up from a seed: no machine was measured. */
import {
  type Dimensions,
  type Figure,
  format,
  type Goal,
  type Measurement,
  type Ratio,
  type Results,
  type SuiteResult,
} from "../../../bench/results.ts";
import { cpuByProcess } from "../../../bench/samples.ts";
import { random, ratioOf } from "../../../src/statistics/index.ts";

const rounds = 8;
const processCount = 3;

/** Two runs as they stand side by side in a report. */
export const runOf = (node: "20.20.2" | "24.21.0", changes: Partial<Results> = {}): Results => {
  const draw = random(node === "20.20.2" ? 20 : 24);
  const speed = node === "20.20.2" ? 1.1 : 1;
  return {
    format,
    environment: {
      date: node === "20.20.2" ? "2026-11-20T09:00:00.000Z" : "2026-11-20T10:00:00.000Z",
      cpu: "Some Processor @ 3.00GHz",
      cores: 4,
      memory: "16 GiB",
      platform: "linux 6.1.0 x64",
      node,
      openssl: node === "20.20.2" ? "3.0.17" : "3.5.1",
      v8: "13.6",
      load: 0.12,
      version: "0.1.0",
      commit: "0123456789abcdef0123456789abcdef01234567",
      packages: { "@noble/curves": "2.4.0", tinybench: "6.2.3" },
      slots: {
        native: {
          sha256: "node:crypto",
          mlkem768: node === "20.20.2" ? "@noble/post-quantum" : "node:crypto",
        },
        noble: { sha256: "@noble/hashes", mlkem768: "@noble/post-quantum" },
      },
    },
    options: {
      profile: "default",
      seed: 1,
      suites: ["handshake", "floor", "records", "size", "memory"],
      providers: ["native", "noble"],
      processes: processCount,
      rounds: { least: 8, most: rounds },
      sampleLength: 40,
    },
    complete: true,
    suites: [
      handshakes(draw, speed),
      floors(draw, speed),
      records(draw, speed),
      sizes(),
      memory(speed),
    ],
    ...changes,
  };
};

export const bothRuns = () => [
  { name: "node20.json", results: runOf("20.20.2") },
  { name: "node24.json", results: runOf("24.21.0") },
];

/** Close together, with some that were disturbed. */
function samplesAround(draw: () => number, value: number): number[] {
  return Array.from({ length: rounds }, () => {
    const noise = (draw() + draw() + draw() - 1.5) * 0.04;
    const disturbance = draw() < 0.06 ? draw() * 0.6 : 0;
    return Number((value * (1 + noise + disturbance)).toFixed(3));
  });
}

export function measured(
  draw: () => number,
  name: string,
  dimensions: Dimensions,
  value: number,
  bytes?: number,
): Measurement {
  return {
    name,
    dimensions,
    ...(bytes === undefined ? {} : { bytes }),
    processes: Array.from({ length: processCount }, () => {
      const cpu = samplesAround(draw, value);
      return {
        batch: 8,
        cpu,
        wall: cpu.map((sample) => Number((sample * 0.98).toFixed(3))),
        warmUp: { operations: 400, settled: name !== "noble, x25519, full" },
      };
    }),
  };
}

const suite = (name: string, title: string, content: Partial<SuiteResult>): SuiteResult => ({
  name,
  title,
  seconds: 30,
  measurements: [],
  ratios: [],
  figures: [],
  notes: [],
  ...content,
});

const costs = {
  native: { X25519MLKEM768: 1360, x25519: 980, SecP256r1MLKEM768: 1500, MLKEM768: 900 },
  noble: { X25519MLKEM768: 16_200, x25519: 12_000, SecP256r1MLKEM768: 24_000, MLKEM768: 9000 },
} as const;
const modes = { full: 1, resumed: 0.62, mutual: 1.5, HelloRetryRequest: 1.25 } as const;

function handshakes(draw: () => number, speed: number): SuiteResult {
  const measurements = (["native", "noble"] as const).flatMap((provider) => [
    ...Object.entries(costs[provider]).map(([group, cost]) =>
      measured(
        draw,
        `${provider}, ${group}, full`,
        { provider, group, mode: "full", role: "both" },
        cost * speed,
      ),
    ),
    ...["client", "server"].map((role) =>
      measured(
        draw,
        `${provider}, X25519MLKEM768, full, ${role}`,
        { provider, group: "X25519MLKEM768", mode: "full", role },
        costs[provider].X25519MLKEM768 * speed * 0.5,
      ),
    ),
    ...Object.entries(modes)
      .slice(1)
      .map(([mode, factor]) =>
        measured(
          draw,
          `${provider}, X25519MLKEM768, ${mode}`,
          { provider, group: "X25519MLKEM768", mode, role: "both" },
          costs[provider].X25519MLKEM768 * factor * speed,
        ),
      ),
  ]);
  return suite("handshake", "Whole handshakes in memory, both ends", { measurements });
}

function floors(draw: () => number, speed: number): SuiteResult {
  const goals: Readonly<Record<string, Goal>> = {
    native: { atMost: 1.15 },
    noble: { atMost: 1.05 },
  };
  const measurements: Measurement[] = [];
  const ratios: Ratio[] = [];
  for (const provider of ["native", "noble"] as const) {
    for (const group of ["X25519MLKEM768", "x25519"] as const) {
      const floor = costs[provider][group] * speed * 0.9;
      const below = measured(
        draw,
        `floor, ${provider}, ${group}`,
        { stack: "floor", provider, group },
        floor,
      );
      const engine = measured(
        draw,
        `engine, ${provider}, ${group}`,
        { stack: "engine", provider, group },
        floor * (provider === "native" ? 1.1 : 1.051),
      );
      const goal = goals[provider];
      measurements.push(engine, below);
      ratios.push({
        name: `engine ÷ floor, ${provider}, ${group}${provider === "noble" ? ", chain verified, both ends, in memory" : ""}`,
        dimensions: { provider, group },
        numerator: engine.name,
        denominator: below.name,
        ...ratioOf(cpuByProcess(engine), cpuByProcess(below)),
        pAdjusted: 0.002,
        settled: true,
        ...(goal === undefined || group === "x25519" ? {} : { goal }),
      });
    }
  }
  return suite("floor", "A full handshake, and the floor under it", { measurements, ratios });
}

function records(draw: () => number, speed: number): SuiteResult {
  const base = {
    native: { TLS_AES_128_GCM_SHA256: [6, 9, 19], TLS_CHACHA20_POLY1305_SHA256: [6, 9, 26] },
    noble: { TLS_AES_128_GCM_SHA256: [9, 20, 160], TLS_CHACHA20_POLY1305_SHA256: [10, 18, 175] },
  } as const;
  const measurements = Object.entries(base).flatMap(([provider, suites]) =>
    Object.entries(suites).flatMap(([name, values]) =>
      ([64, 1024, 16_384] as const).flatMap((size, at) =>
        ["seal", "open"].map((operation) =>
          measured(
            draw,
            `${provider}, ${name}, ${size} B, ${operation}`,
            { provider, suite: name, size: String(size), operation },
            (values[at] ?? 0) * speed,
            size,
          ),
        ),
      ),
    ),
  );
  return suite("records", "One record of application data", {
    measurements,
    notes: ["of the native provider"],
  });
}

function sizes(): SuiteResult {
  const shares = { x25519: [32, 32], X25519MLKEM768: [1216, 1120] } as const;
  const signatures = { ecdsa_secp256r1_sha256: [760, 79], mldsa65: [9300, 3317] } as const;
  const figures = Object.entries(shares).flatMap(([group, [client, server]]) =>
    Object.entries(signatures).flatMap(([signature, [certificate, verify]]) => {
      const figure = (what: string, value: number, more: Dimensions): Figure => ({
        name: `${group}, ${signature}: ${what}`,
        dimensions: { group, signature, mode: "full", ...more },
        value,
        unit: "B",
      });
      const flights = [
        ["client", { client_hello: 180 + client }],
        [
          "server",
          {
            server_hello: 90 + server,
            encrypted_extensions: 10,
            certificate,
            certificate_verify: verify,
            finished: 36,
          },
        ],
        ["client", { finished: 36 }],
      ] as const;
      return flights.flatMap(([role, messages], at) => {
        const flight = { flight: String(at + 1), role };
        const sum = Object.values(messages).reduce((total, bytes) => total + bytes, 0);
        return [
          figure(`flight ${at + 1}`, sum + 22, flight),
          ...Object.entries(messages).map(([message, bytes]) =>
            figure(`flight ${at + 1}, ${message}`, bytes, { ...flight, message }),
          ),
        ];
      });
    }),
  );
  return suite("size", "Bytes on the wire, by message and flight", { figures });
}

const memory = (speed: number): SuiteResult =>
  suite("memory", "Heap of one idle connection", {
    figures: [
      {
        name: "native, client: heap",
        dimensions: { provider: "native", role: "client" },
        value: 4.4 * speed,
        unit: "KiB",
        goal: { atMost: 5 },
      },
      {
        name: "noble, client: heap",
        dimensions: { provider: "noble", role: "client" },
        value: 10.9,
        unit: "KiB",
        goal: { atMost: 10 },
      },
    ],
  });
