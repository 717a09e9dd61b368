/** T5: what the loss of the client's first flight costs. */
import { type Loss, Runner, seedFor, symmetric } from "../network/index.ts";
import { quantile } from "../../statistics/index.ts";
import { claim, compared, type Study } from "./figure.ts";

const name = "first-flight-loss";
/** The timers' ticks vary, so the median of many. */
const repetitions = 1000;
const flight = 1200;

/** What is lost, and what that was measured to cost, in ms by round-trip time. */
const measured = [
  {
    what: "a ClientHello of one segment",
    hello: 300,
    lost: 0,
    ms: { 20: 223, 50: 250, 100: 312, 200: 615 },
  },
  {
    what: "the head of two segments",
    hello: 1800,
    lost: 0,
    ms: { 20: 30, 50: 68, 100: 130, 200: 258 },
  },
  {
    what: "the tail of two segments",
    hello: 1800,
    lost: 1,
    ms: { 20: 246, 50: 310, 100: 418, 200: 821 },
  },
] as const;

export function firstFlightLoss(): Study {
  const figures = measured.flatMap(({ what, hello, lost, ms }) =>
    Object.entries(ms).map(([rtt, published]) =>
      compared({
        study: name,
        group: "delay",
        name: `${what} is lost, RTT ${rtt} ms`,
        unit: "ms",
        published,
        ours: delay(Number(rtt), hello, lost),
        limit: 0.05,
      }),
    ),
  );
  return {
    name,
    title: "The client's first flight, lost",
    source:
      "One-way losses of the first flight of hybrid ClientHellos, measured on Linux: delay added to the handshake",
    inputs: [
      "Linux 6.12 at 250 Hz; a tenth of a millisecond of round trip beside what netem adds.",
    ],
    figures,
    claims: [claim(name, "delay within 5 %", 1, figures)],
  };
}

/** Milliseconds that the loss adds: the median over where in their ticks the kernels are. */
function delay(rtt: number, hello: number, lost: number): number {
  const path = symmetric({ rtt: rtt + 0.1, unit: "segment" });
  const loss: Loss = { kind: "scripted", packets: [lost], of: "data" };
  const script = {
    client: [{ write: hello }, { received: flight, mark: "finished" }],
    server: [{ received: hello, write: flight }],
  };
  const until = { until: "finished" };
  const without = new Runner(path, script, until).run(1);
  const runner = new Runner({ ...path, up: { ...path.up, loss } }, script, until);
  const sample = runner.sample(repetitions, (at): number => seedFor(name, `${rtt}`, at));
  return quantile([...sample], 0.5) - without;
}
