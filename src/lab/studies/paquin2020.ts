/**
 * T1: Paquin, Stebila and Tamvada 2020. Percentiles of the handshake against loss, at three round-trip times, for
 * four key exchanges and four signatures.
 */
import * as check from "../../registry/check.ts";
import { quantileRanks, random } from "../../statistics/index.ts";
import {
  Cores,
  type FlightScript,
  type Network,
  Runner,
  runLoad,
  seedFor,
  symmetric,
} from "../network/index.ts";
import { claim, compared, type Figure, type Study } from "./figure.ts";
import { opensslWrites } from "./openssl-writes.ts";
import {
  type PaquinRow,
  type PaquinSeries,
  paquinSeries,
  percentiles,
} from "./paquin2020-figures.ts";
import { authenticationRecords, encryptedExtensions, helloRecords } from "./tls-sizes.ts";

const name = "paquin2020";
/** Handshakes a cell, as in the study. */
const repetitions = 5000;
/** A ClientHello with one group, beside its key share. */
const clientHello = 195;
/** SHA-384's, since the study's suite is TLS_AES_256_GCM_SHA384. */
const hash = 48;
/** The parallel clients of the study, and the worker processes of its server. */
const clients = 40;
const workers = 21;

/** Key shares of the client and of the server: P-256's 65 bytes, and the KEM's of the second round. */
const groups: Readonly<Record<string, readonly [client: number, server: number]>> = {
  prime256v1: [65, 65],
  p256_kyber512_90s: [65 + 800, 65 + 736],
  p256_frodo640aes: [65 + 9616, 65 + 9720],
  p256_sikep434: [65 + 330, 65 + 346],
};

/** Public key and signature, of the second round. */
const signatures: Readonly<Record<string, readonly [key: number, signature: number]>> = {
  ecdsap256: [65, 72],
  dilithium2: [1184, 2044],
  qteslapi: [14_880, 2592],
  picnicl1fs: [33, 34_036],
};

/** What the two ends say: the signatures were measured with P-256 and Kyber512, the key exchanges with ECDSA. */
export function paquinScript(varies: "kex" | "sig", algorithm: string, cpu: number): FlightScript {
  const [client, server] = groups[varies === "kex" ? algorithm : "p256_kyber512_90s"]!;
  const [key, signature] = signatures[varies === "sig" ? algorithm : "ecdsap256"]!;
  const writes = opensslWrites([
    ...helloRecords(server),
    ...encryptedExtensions,
    ...authenticationRecords([{ key, signature }], signature, hash),
  ]);
  const hello = 5 + clientHello + client;
  const flight = writes.reduce((total, write) => total + write, 0);
  const [first, ...rest] = writes;
  return {
    client: [{ write: hello }, { received: flight, cpu: cpu / 2, mark: "finished" }],
    server: [{ received: hello, cpu: cpu / 2, write: first! }, ...rest.map((write) => ({ write }))],
  };
}

/** Both hosts were namespaces of one machine, joined by netem at 1 Gbit/s; loss in percent. */
export const paquinNetwork = (rtt: number, loss: number): Network =>
  symmetric({
    rtt,
    rate: 1000,
    kernel: "linux-4.15",
    ticks: "shared",
    ...(loss > 0 && { loss: { kind: "bernoulli", probability: loss / 100 } }),
  });

/** How many handshakes a study makes, and who is told of its progress. */
export interface PaquinOptions {
  /** Handshakes a cell. Default 5000. */
  readonly repetitions?: number;
  /** Told after each series. */
  readonly progress?: (done: number, total: number) => void;
}

export const paquinTable = {
  repetitions: check.whole(1),
  progress: check.callable,
} satisfies check.OptionTable<PaquinOptions>;

export function paquin2020(options: PaquinOptions = {}): Study {
  const series = paquinSeries();
  const count = options.repetitions ?? repetitions;
  const figures = series.flatMap((one, index) => {
    const ofOne = figuresOf(calibrated(one, series), count);
    options.progress?.(index + 1, series.length);
    return ofOne;
  });
  const of = (group: string): Figure[] => figures.filter((figure) => figure.group === group);
  return {
    name,
    title: "Handshake time against loss",
    source:
      "C. Paquin, D. Stebila, G. Tamvada: Benchmarking Post-Quantum Cryptography in TLS, PQCrypto 2020; percentiles published with the paper",
    inputs: [
      "Computing time of each algorithm and its spread: from the row without loss at a round trip of 31 ms; at 5.6 ms the time is that of the median there, since caches and clocks are warmer. Everything at 195 ms and every row with loss is predicted.",
      "SIKE computes for so long that 40 clients wait for cores: its time is taken at 195 ms, where they hardly do, and all 40 run at once on as many cores as the study's server had workers (21).",
      "Sizes of keys, ciphertexts and signatures of the second round of NIST's process; netem at 1 Gbit/s between two namespaces of one machine, TCP_NODELAY, one certificate, Kyber512 beside the signatures: from the study's scripts.",
    ],
    figures,
    claims: [
      claim(name, "without loss, RTT above 31 ms, p50 within 0.5 %", 1, of("p50 without loss")),
      claim(name, "loss to 5 %, p50 within 5 % or the interval", 0.95, of("p50 to 5 %")),
      claim(name, "loss to 5 %, p75 within 5 % or the interval", 0.95, of("p75 to 5 %")),
      claim(name, "loss to 5 %, p95 within 5 % or the interval", 0.85, of("p95 to 5 %")),
    ],
  };
}

/** A series, and the computing time that is taken from a row without loss. */
interface Calibrated {
  readonly series: PaquinSeries;
  /** Milliseconds of both ends. */
  readonly cpu: number;
  /** How far each handshake of a row without loss is from the median: a value for each percentile. */
  readonly spread: readonly number[];
  /** Whether its own row without loss gave the time. */
  readonly isSource: boolean;
  /** Whether the clients wait for cores. */
  readonly isQueued: boolean;
  /** Why its times are more than network and computing; undefined: they are not. */
  readonly bound: string | undefined;
}

function calibrated(series: PaquinSeries, all: readonly PaquinSeries[]): Calibrated {
  const isQueued = series.algorithm === "p256_sikep434";
  const isSource = (other: PaquinSeries): boolean =>
    isQueued ? other.rtt > 100 : other.rtt > 30 && other.rtt < 32;
  const source = all.find((other) => other.algorithm === series.algorithm && isSource(other))!;
  const idle = (of: PaquinSeries): number =>
    new Runner(paquinNetwork(of.rtt, 0), paquinScript(of.varies, of.algorithm, 0), finished).run(1);
  const left = (of: PaquinSeries): number => Math.max(0, at(of.rows[0]!, 50) - idle(of));
  const isNear = series.rtt < 30;
  const isFar = at(series.rows[0]!, 50) > 1.05 * (idle(series) + left(source));
  const bound = isQueued && source !== series ? queueNote : isFar ? loadNote : undefined;
  const isOwn = source === series || (isNear && bound === undefined);
  return {
    series,
    cpu: left(isOwn ? series : source),
    spread: source.rows[0]!.ms.map((value) => value - at(source.rows[0]!, 50)),
    isSource: isOwn,
    isQueued,
    bound,
  };
}

const queueNote =
  "40 clients wait for cores; the model's cores do one piece of work after the other and are all alike, the machine's share time and pipelines";
const loadNote =
  "without loss it already takes half as long again as network and computing at 31 ms explain: it is bound by the load of 40 clients";

const finished = { until: "finished" };
const at = (row: PaquinRow, p: (typeof percentiles)[number]): number =>
  row.ms[percentiles.indexOf(p)]!;

function figuresOf(one: Calibrated, count: number): Figure[] {
  const { series } = one;
  const place = `${series.algorithm}, RTT ${series.rtt} ms`;
  return series.rows.flatMap((row) => {
    const sample = sampleOf(one, row, count);
    if (row.loss === 0) return [withoutLoss(place, one, row, sample)];
    return ([50, 75, 95] as const).map((p) => withLoss(one, row, p, sample));
  });
}

/** Handshakes of a cell, in order: what the network makes of them, and the spread of the computing time. */
function sampleOf(one: Calibrated, row: PaquinRow, count: number): Float64Array {
  const { series, cpu } = one;
  const network = paquinNetwork(series.rtt, row.loss);
  const script = paquinScript(series.varies, series.algorithm, cpu);
  const times = one.isQueued
    ? runQueued(network, script, count)
    : new Runner(network, script, finished).sample(count, (repetition) =>
        seedFor(name, `${series.rtt} ${row.loss}`, repetition),
      );
  const next = random(1);
  return times.map((ms) => ms + spreadAt(one.spread, 100 * next())).toSorted();
}

function runQueued(network: Network, script: FlightScript, handshakes: number): Float64Array {
  const cores = new Cores(workers);
  return runLoad(network, script, {
    arrivals: { parallel: clients },
    handshakes,
    seed: name,
    path: "shared",
    processors: { client: cores, server: cores },
    ...finished,
  });
}

/** Between the published percentiles, linear; beyond them, as they are. */
function spreadAt(spread: readonly number[], p: number): number {
  const above = percentiles.findIndex((known) => known >= p);
  if (above === 0) return spread[0]!;
  if (above < 0) return spread.at(-1)!;
  const [low, high] = [percentiles[above - 1]!, percentiles[above]!];
  const share = (p - low) / (high - low);
  return spread[above - 1]! + share * (spread[above]! - spread[above - 1]!);
}

function withoutLoss(place: string, one: Calibrated, row: PaquinRow, sample: Float64Array): Figure {
  const figure = compared({
    study: name,
    group: one.isSource ? "calibration" : one.bound ? "bound by load" : "p50 without loss",
    name: `${place}, no loss, p50`,
    unit: "ms",
    published: at(row, 50),
    ours: sample[sample.length >> 1]!,
    limit: 0.005,
    ...shownIf(one.bound),
  });
  return one.isSource ? { ...figure, verdict: "calibrated" } : figure;
}

function withLoss(
  { series, bound }: Calibrated,
  row: PaquinRow,
  p: 50 | 75 | 95,
  sample: Float64Array,
): Figure {
  const range = row.loss <= 5 ? "to 5 %" : "above 5 %";
  const published = at(row, p);
  const figure = compared({
    study: name,
    group: bound === undefined ? `p${p} ${range}` : "bound by load",
    name: `${series.algorithm}, RTT ${series.rtt} ms, loss ${row.loss} %, p${p}`,
    unit: "ms",
    published,
    ours: sample[Math.floor((p / 100) * sample.length)]!,
    limit: 0.05,
    class: row.loss <= 5 ? "envelope" : "shape",
    ...shownIf(bound),
  });
  if (figure.verdict !== "differs" || !isInside(sample, p / 100, published)) return figure;
  return { ...figure, verdict: "within interval" };
}

/** What is bound by more than the model has is shown, with the reason. */
const shownIf = (bound: string | undefined): { class?: "shape"; note?: string } =>
  bound === undefined ? {} : { class: "shape", note: bound };

/** Whether the percentile of another sample, as large as ours, may be that of the same distribution. */
function isInside(sample: Float64Array, p: number, published: number): boolean {
  // The difference of two finite samples is as wide as if there were one, half as large
  const half = sample.length >> 1;
  const [low, high] = quantileRanks(half, p);
  const edge = (rank: number): number => sample[Math.min(2 * rank, sample.length - 1)]!;
  return low >= 0 && edge(low) <= published && published <= edge(high);
}
