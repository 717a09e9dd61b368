/** T3: mutual TLS with post-quantum keys, and a payload after it. */
import { quantile } from "../../statistics/index.ts";
import { type FlightScript, type Network, Runner, seedFor, symmetric } from "../network/index.ts";
import { type AwsCell, awsCells } from "./aws2025-figures.ts";
import { claim, compared, type Figure, type Study } from "./figure.ts";
import {
  authenticationRecords,
  encryptedExtensions,
  helloRecords,
  messageRecords,
  sum,
} from "./tls-sizes.ts";

const name = "aws2025";
/** Runs a cell: the jitter is all that varies. */
const repetitions = 200;
const serverWindow = 24;
const hash = 48;

/** ML-DSA-87, which the serialisation at 1 Mbit/s shows: leaf and intermediate of each end. */
const chain = [
  { key: 2592, signature: 4627 },
  { key: 2592, signature: 4627 },
];
const authentication = sum(authenticationRecords(chain, 4627, hash));
/** X25519MLKEM768, and a certificate request. */
const hello = 5 + 205 + 4 + 1216 + 32;
const serverFlight =
  sum([...helloRecords(1120), ...encryptedExtensions, ...messageRecords(60)]) + authentication;
const clientFlight = 6 + authentication;
const request = 100;

export function aws2025(): Study {
  const cells = awsCells();
  const cpu = calibrate(cells);
  const figures = cells.map((cell) => figureOf(cell, cpu));
  const claimed = figures.filter(({ group }) => group === "0 and 50 kB");
  return {
    name,
    title: "Mutual TLS and the initial window",
    source:
      "M. Anastasova and others (AWS), mutual TLS with post-quantum keys, 2025; per-connection times published with the study",
    inputs: [
      "Computing time of both ends, one number: from the cell without payload at an RTT of 35 ms, 1 Gbit/s and a window of 24.",
      "Jitter of RTT/90, quick acknowledgements, initial windows of 10 and 24 (server 24), a receive window of 65 535 bytes; the timer ends with the acknowledgement of the client's flight, and the request follows then.",
    ],
    figures,
    claims: [claim(name, "0 and 50 kB at 100 and 1000 Mbit/s, p50 within 1 %", 1, claimed)],
  };
}

/** The calibration's cell. */
const isSource = (cell: AwsCell): boolean =>
  cell.payload === 0 && cell.rate === 1000 && cell.initialWindow === 24 && cell.rtt < 40;

function calibrate(cells: readonly AwsCell[]): number {
  const cell = cells.find(isSource)!;
  return cell.p50 - medianOf(cell, 0);
}

function figureOf(cell: AwsCell, cpu: number): Figure {
  const isSlow = cell.rate === 1;
  const isClaimed = !isSlow && cell.payload <= 50;
  const figure = compared({
    study: name,
    group: isClaimed ? "0 and 50 kB" : isSlow ? "1 Mbit/s" : "150 and 400 kB",
    name: `window ${cell.initialWindow}, RTT ${cell.rtt} ms, ${cell.payload} kB, ${cell.rate} Mbit/s, p50`,
    unit: "ms",
    published: cell.p50,
    ours: medianOf(cell, cpu),
    limit: 0.01,
    class: isClaimed ? "envelope" : "shape",
    ...(!isClaimed && {
      note: isSlow
        ? "bound by serialisation, so by what else was on the wire"
        : "the receive window and its growth decide; at 35 ms and 150 kB the study itself has two modes",
    }),
  });
  return isSource(cell) ? { ...figure, verdict: "calibrated" } : figure;
}

function medianOf(cell: AwsCell, cpu: number): number {
  const runner = new Runner(network(cell), script(cell.payload, cpu), { until: "done" });
  const label = `${cell.rtt} ${cell.rate}`;
  return quantile([...runner.sample(repetitions, (at) => seedFor(name, label, at))], 0.5);
}

function network({ rtt, rate, initialWindow }: AwsCell): Network {
  const base = symmetric({
    rtt,
    rate,
    acks: "quick",
    kernel: "linux-5.15",
    jitter: { deviation: rtt / 90, distribution: "normal" },
    receiveWindow: { initial: 65_535, maximum: 65_535 },
  });
  return {
    ...base,
    client: { ...base.client, initialWindow },
    server: { ...base.server, initialWindow: serverWindow },
  };
}

function script(payload: number, cpu: number): FlightScript {
  const flight = hello + clientFlight;
  // Records of 16 kB
  const answer = Math.round(payload * 1000 * (1 + 22 / 16_384));
  const asks = payload > 0;
  return {
    client: [
      { write: hello },
      { received: serverFlight, cpu: cpu / 2, write: clientFlight },
      { acknowledged: flight, write: asks ? request : 0 },
      { received: serverFlight + answer, mark: "done" },
    ],
    server: [
      { received: hello, cpu: cpu / 2, write: serverFlight },
      ...(asks ? [{ received: flight + request, write: answer }] : []),
    ],
  };
}
