import { setTimeout as sleep } from "node:timers/promises";
import {
  type ClientAnswer,
  type ClientOrder,
  type ServerAnswer,
  type ServerOrder,
  type ServerState,
  Worker,
} from "../many/messages.ts";
import { pems } from "../subjects/identity.ts";
import type { Figure, Suite, SuiteResult } from "../suite.ts";

interface Size {
  readonly open: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly stalled: number;
}

const full: Size = { open: 5000, perSecond: 200, seconds: 30, stalled: 3000 };
const quick: Size = { open: 500, perSecond: 100, seconds: 5, stalled: 1500 };
/** Of the steady phase, before it: V8 has found its size by then. */
const settling = 0.5;

/** A server of one process holds many connections, takes new ones, and refuses what is too much. */
export const many: Suite = {
  name: "many",
  title: "Many connections at one server process, each after a full hybrid handshake",
  run: (options) => measure(options.rounds < 20 ? quick : full),
};

async function measure({ open, perSecond, seconds, stalled }: Size): Promise<SuiteResult> {
  const server = new Worker<ServerOrder, ServerAnswer>("./server.js");
  const clients = new Worker<ClientOrder, ClientAnswer>("./clients.js");
  try {
    const listening = await server.do({ listen: pems });
    if (!("port" in listening)) throw new Error("the server does not listen");
    await clients.do({ begin: { port: listening.port, ca: pems.ca } });
    await clients.do({ open: 200, atOnce: 8 });
    const empty = await stateOf(server);
    await clients.do({ open: open - 200, atOnce: 8 });
    const filled = await stateOf(server);

    await clients.do({ replace: perSecond, seconds: seconds * settling });
    const before = await stateOf(server);
    const begun = performance.now();
    const steady = await clients.do({ replace: perSecond, seconds });
    const took = performance.now() - begun;
    const after = await stateOf(server);

    const waiting = await clients.do({ stall: stalled });
    const overrun = await stateOf(server);
    // The handshake timeout, and a little
    await sleep(11_000);
    const relieved = await stateOf(server);
    const asked = await clients.do({ ask: true });
    const last = await stateOf(server);

    const kib = (bytes: number): number => bytes / 1024;
    const mib = (bytes: number): number => bytes / 1024 / 1024;
    const timedOut = last.failures["timeout"] ?? 0;
    const figures: Figure[] = [
      { name: "open connections", value: after.open, unit: "", goal: { atLeast: open * 0.99 } },
      {
        name: "new ones a second",
        value: (after.accepted - before.accepted) / (took / 1000),
        unit: "",
        goal: { atLeast: perSecond * 0.95 },
      },
      { name: "errors at the clients", value: asked.failures, unit: "", goal: { atMost: 0 } },
      {
        name: "errors at the server, but for timeouts",
        value: sum(last.failures) - timedOut,
        unit: "",
        goal: { atMost: 0 },
      },
      {
        name: "the server's share of a core",
        value: ((after.cpu - before.cpu) / took) * 100,
        unit: "%",
        goal: { atMost: 100 },
      },
      {
        name: "heap of one open connection",
        value: kib((filled.heap - empty.heap) / (filled.open - empty.open)),
        unit: "KiB",
      },
      {
        name: "resident memory of one open connection",
        value: kib((filled.resident - empty.resident) / (filled.open - empty.open)),
        unit: "KiB",
      },
      {
        name: `heap after ${seconds} s, compared`,
        value: mib(after.heap - before.heap),
        unit: "MiB more",
        goal: { atMost: Math.max(4, Math.round(mib(before.heap) * 0.05)) },
      },
      {
        name: `resident memory after ${seconds} s, compared`,
        value: mib(after.resident - before.resident),
        unit: "MiB more",
        goal: { atMost: Math.max(16, Math.round(mib(before.resident) * 0.1)) },
      },
      { name: "to the first answer, median", value: quantile(steady.latencies, 0.5), unit: "ms" },
      { name: "to the first answer, 99 %", value: quantile(steady.latencies, 0.99), unit: "ms" },
      {
        name: `handshakes that wait, of ${stalled} that stall`,
        value: overrun.pending,
        unit: "",
        goal: { atMost: 1024 },
      },
      {
        name: "refused at once",
        value: waiting.refused,
        unit: "",
        goal: { atLeast: stalled - 1024 },
      },
      {
        name: "heap of one that stalls",
        value: kib((overrun.heap - after.heap) / overrun.pending),
        unit: "KiB",
      },
      {
        name: "handshakes that wait after the timeout",
        value: relieved.pending,
        unit: "",
        goal: { atMost: 0 },
      },
      {
        name: "open connections that still answer",
        value: asked.open,
        unit: "",
        goal: { atLeast: after.open },
      },
    ];
    const notes =
      asked.firstFailure === undefined ? [] : [`the first error: ${asked.firstFailure}`];
    return { measurements: [], ratios: [], figures, notes };
  } finally {
    server.stop();
    clients.stop();
  }
}

async function stateOf(server: Worker<ServerOrder, ServerAnswer>): Promise<ServerState> {
  const answer = await server.do({ report: true });
  if (!("state" in answer)) throw new Error("the server does not say how it is");
  return answer.state;
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
