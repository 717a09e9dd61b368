import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "../child.ts";
import type {
  ClientAnswer,
  ClientOrder,
  ServerAnswer,
  ServerOrder,
  ServerState,
} from "../many/messages.ts";
import { pems } from "../subjects/identity.ts";
import type { Figure } from "../results.ts";
import { type Context, type Findings, onlyFigures, type Suite } from "../suite.ts";

interface Size {
  readonly open: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly stalled: number;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
}

const full: Size = {
  open: 5000,
  perSecond: 200,
  seconds: 30,
  stalled: 3000,
  handshakeTimeout: 10_000,
};
const quick: Size = {
  open: 500,
  perSecond: 100,
  seconds: 2,
  stalled: 1500,
  handshakeTimeout: 2000,
};
const dimensions = { provider: "native", group: "X25519MLKEM768" };
/** Of the steady phase, before it: V8 has found its size by then. */
const settling = 0.5;

/** A server of one process holds many connections, takes new ones, and refuses what is too much. */
export const many: Suite = {
  async run(context) {
    if (!context.wants({ name: "many connections", dimensions })) return onlyFigures([]);
    try {
      return await measure(context.options.profile === "quick" ? quick : full, context);
    } catch (error) {
      if (context.signal.aborted) return onlyFigures([]);
      throw error;
    }
  },
};

async function measure(size: Size, { signal, progress }: Context): Promise<Findings> {
  const { open, perSecond, seconds, stalled, handshakeTimeout } = size;
  const moduleOf = (name: string): URL => new URL(`../many/${name}.js`, import.meta.url);
  const server = new Worker<ServerOrder, ServerAnswer>(moduleOf("server"));
  const clients = new Worker<ClientOrder, ClientAnswer>(moduleOf("clients"));
  const stop = (): void => {
    server.stop();
    clients.stop();
  };
  signal.addEventListener("abort", stop);
  try {
    const listening = await server.do({ listen: pems, handshakeTimeout });
    if (!("port" in listening)) throw new Error("the server does not listen");
    await clients.do({ begin: { port: listening.port, ca: pems.ca } });
    await clients.do({ open: 200, atOnce: 8 });
    const empty = await stateOf(server);
    await clients.do({ open: open - 200, atOnce: 8 });
    const filled = await stateOf(server);

    await clients.do({ replace: perSecond, seconds: seconds * settling });
    const before = await stateOf(server);
    progress(0.3);
    const begun = performance.now();
    const steady = await clients.do({ replace: perSecond, seconds });
    const took = performance.now() - begun;
    const after = await stateOf(server);

    const waiting = await clients.do({ stall: stalled });
    const overrun = await stateOf(server);
    progress(0.7);
    await sleep(handshakeTimeout + 1000, undefined, { signal });
    const relieved = await stateOf(server);
    const asked = await clients.do({ ask: true });
    const last = await stateOf(server);

    const kib = (bytes: number): number => bytes / 1024;
    const mib = (bytes: number): number => bytes / 1024 / 1024;
    const timedOut = last.failures["timeout"] ?? 0;
    const figures: Omit<Figure, "dimensions">[] = [
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
    return onlyFigures(
      figures.map((figure) => ({ ...figure, dimensions })),
      notes,
    );
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
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
