/** Runs the cells of an experiment on this machine's kernel. */
import { availableParallelism, loadavg, release } from "node:os";
import { otherRole, type Role } from "../../schedule/index.ts";
import { median } from "../../statistics/index.ts";
import type { Cell, Experiment } from "../experiment/resolve.ts";
import { handshakeKey } from "../experiment/run.ts";
import type { ExperimentFile } from "../experiment/schema.ts";
import { type Network, seedFor } from "../network/index.ts";
import { pause } from "../../peers/process.ts";
import { EndProcess, favour } from "./end-process.ts";
import { Flow } from "./flow.ts";
import {
  checkMeasurable,
  type Computing,
  type Lateness,
  type Maker,
  type MeasuredCell,
  type Measurement,
  type Pair,
  type SeenHandshake,
} from "./measurement.ts";
import { addDevices, carriersOf, clientAddress, removeDevices, setPath } from "./path.ts";
import { Relay } from "./relay.ts";

/** How a kernel is measured. */
export interface MeasureOptions {
  /** As it was written: the ends read it too. */
  readonly file: ExperimentFile;
  /** Who speaks to whom. */
  readonly pairs: readonly Pair[];
  /** The program. */
  readonly openssl: string;
  readonly opensslVersion?: string;
  readonly congestionControl: string;
  /** The module of an end's process. */
  readonly end: URL;
  readonly progress?: (done: number, total: number) => void;
  /** Is given what was measured until now, after each cell. */
  readonly keep?: (measurement: Measurement) => void;
}

/** Of each kind of handshake the first ones are slow, and not counted. */
const unmeasured = 4;
/** Handshakes of a cell in which nothing is drawn; and in each cell handshakes of which computing is measured. */
const fewer = 25;
/** A kernel's timers go by so many ms, in steps of 4 or 32: handshakes begin anywhere between. */
const ticks = 64;
const goldenRatio = (Math.sqrt(5) - 1) / 2;
/** Longer than two lost SYNs and a lost flight. */
const patience = 20_000;
/** ms of one way when computing is measured: enough that caches are as cold as later. */
const calm = 5;
const calmPath: Network = { up: { delay: calm }, down: { delay: calm } };

/**
 * @throws RangeError for an experiment that cannot be measured, Error where the system refuses, or a handshake fails
 */
export async function measureKernel(
  experiment: Experiment,
  options: MeasureOptions,
): Promise<Measurement> {
  checkMeasurable(experiment, options.pairs);
  const session = await Session.open(options);
  const measured = (seen: Pick<Measurement, "cells" | "handshakes">): Measurement => ({
    kernel: release(),
    congestionControl: options.congestionControl,
    node: process.versions.node,
    ...(options.opensslVersion !== undefined && { openssl: options.opensslVersion }),
    date: new Date().toISOString().slice(0, 10),
    load: Math.round(10 * loadavg()[0]!) / 10,
    cores: availableParallelism(),
    experiment: options.file,
    ...seen,
  });
  try {
    return measured(await session.run(experiment, (seen) => options.keep?.(measured(seen))));
  } finally {
    session.close();
  }
}

class Session {
  readonly #options: MeasureOptions;
  readonly #relay: Relay;
  readonly #client: EndProcess;
  readonly #server: EndProcess;
  #connections = 0;
  #port = 0;

  private constructor(
    options: MeasureOptions,
    relay: Relay,
    { client, server }: Readonly<Record<Role, EndProcess>>,
  ) {
    this.#options = options;
    this.#relay = relay;
    this.#client = client;
    this.#server = server;
  }

  static async open(options: MeasureOptions): Promise<Session> {
    favour(process.pid);
    const carriers = carriersOf(process.pid);
    const client = new EndProcess("client", options.end);
    const server = new EndProcess("server", options.end);
    try {
      for (const end of [client, server]) {
        await end.ready();
        addDevices(end.role, end.pid, carriers[end.role]);
        await end.do({ do: "read", experiment: options.file, openssl: options.openssl });
      }
      return new Session(options, await Relay.open(carriers), { client, server });
    } catch (error) {
      for (const end of [client, server]) remove(end);
      throw error;
    }
  }

  close(): void {
    for (const end of [this.#client, this.#server]) remove(end);
    this.#relay.close();
  }

  async run(
    experiment: Experiment,
    keep: (seen: Pick<Measurement, "cells" | "handshakes">) => void,
  ): Promise<Pick<Measurement, "cells" | "handshakes">> {
    const { pairs, progress } = this.#options;
    const handshakes: SeenHandshake[] = [];
    const cells: MeasuredCell[] = [];
    const kinds = groupBy(experiment.cells, handshakeKey);
    const total = experiment.cells.length * pairs.length;
    for (const ofKind of kinds) {
      for (const pair of pairs) {
        await this.#listen(ofKind[0]!, pair.server);
        const seen = await this.#look(ofKind[0]!, pair);
        handshakes.push(seen);
        for (const cell of ofKind) {
          progress?.(cells.length, total);
          const sample = await this.#sample(cell, experiment, seen);
          cells.push({ cell: cell.index, handshake: handshakes.length - 1, ...sample });
          keep({ cells, handshakes });
        }
      }
    }
    const overrun = this.#relay.overrun();
    if (overrun > 0) {
      throw new Error(
        `the machine was too busy: ${overrun} packets did not fit the relay's buffer`,
      );
    }
    return { cells, handshakes };
  }

  async #listen(cell: Cell, maker: Maker): Promise<void> {
    const { port } = await this.#server.do({ do: "listen", cell: cell.index, maker });
    this.#port = port!;
  }

  /** What both ends send, as the relay sees it where nothing is lost. */
  async #look(cell: Cell, pair: Pair): Promise<SeenHandshake> {
    this.#setPath(cell);
    let flow = new Flow(calmPath, 0);
    for (let at = 0; at < unmeasured; at++) {
      flow = new Flow(calmPath, 0);
      await this.#handshake(cell, pair.client, flow);
      if (flow.ms === undefined) throw new Error("a handshake without loss did not end");
    }
    const turns = flow.turns.map(({ from, records }) => ({ from, records }));
    return { ...pair, turns, before: flow.before };
  }

  async #sample(
    cell: Cell,
    experiment: Experiment,
    seen: SeenHandshake,
  ): Promise<Pick<MeasuredCell, "computing" | "late" | "ms">> {
    this.#setPath(cell);
    const path = JSON.stringify(cell.network);
    const count = cell.isRandom ? experiment.repetitions : Math.min(fewer, experiment.repetitions);
    const ms: (number | null)[] = [];
    const flows: Flow[] = [];
    const calmly: Flow[] = [];
    for (let at = 0; at < count; at++) {
      const flow = new Flow(cell.network, seedFor(experiment.seed, path, at), seen.before);
      await this.#handshake(cell, seen.client, flow);
      flows.push(flow);
      ms.push(flow.ms === undefined ? null : round(flow.ms));
      // Throughout the cell: a busy machine is not equally busy all the time
      if (at % Math.ceil(count / fewer) !== 0) continue;
      calmly.push(new Flow(calmPath, 0, seen.before));
      await this.#handshake(cell, seen.client, calmly.at(-1)!);
    }
    return { computing: computingOf(calmly), late: latenessOf(flows), ms };
  }

  async #handshake(cell: Cell, maker: Maker, flow: Flow): Promise<void> {
    await pause(ticks * ((this.#connections * goldenRatio) % 1));
    const address = clientAddress(this.#connections++);
    this.#relay.announce(address, flow);
    const [from, port] = [address, this.#port];
    await this.#client.do({ do: "connect", cell: cell.index, maker, from, port });
    await within(flow.ended(), patience);
    await this.#client.do({ do: "leave" });
  }

  #setPath({ values }: Cell): void {
    const { initialWindow, mss, acks } = values;
    const windows =
      typeof initialWindow === "number"
        ? { client: initialWindow, server: initialWindow }
        : initialWindow;
    const { congestionControl } = this.#options;
    const options = { mss, initialWindow: windows, quickAcks: acks === "quick", congestionControl };
    for (const { role, pid } of [this.#client, this.#server]) setPath(role, pid, options);
  }
}

/**
 * What both ends computed: three parts, whose sum is the median of the sums. Times of a busy machine have long tails, of
 * which three medians together would have less than one.
 */
export function computingOf(flows: readonly Flow[]): Computing {
  // What waits at the relay is not computed: both ways before the first turn, and one before each other
  const { up, down } = latenessOf(flows);
  const held = { client: calm + up, server: calm + down };
  const waits = flows
    .filter(({ ms }) => ms !== undefined)
    .map(({ turns }) =>
      turns.map(({ from, waited }, at) =>
        at === 0 ? waited - held.client - held.server : waited - held[otherRole(from)],
      ),
    );
  if (waits.length === 0) throw new Error("no handshake without loss ended in time");
  const middle = (of: (wait: readonly number[]) => number): number =>
    Math.max(0, median(waits.map(of)));
  const sum = (wait: readonly number[]): number => wait.reduce((total, one) => total + one, 0);
  const [hello, finish] = [middle((wait) => wait[0]!), middle((wait) => wait.at(-1)!)];
  const server = middle((wait) => sum(wait.slice(1, -1)));
  const scale = middle(sum) / (hello + server + finish || 1);
  return {
    hello: round(scale * hello),
    server: round(scale * server),
    finish: round(scale * finish),
  };
}

function latenessOf(flows: readonly Flow[]): Lateness {
  const middle = (role: Role): number => {
    const all = flows.flatMap(({ late }) => late[role]);
    return all.length === 0 ? 0 : round(median(all));
  };
  return { up: middle("client"), down: middle("server") };
}

function remove(end: EndProcess): void {
  removeDevices(end.pid);
  end.stop();
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}

/** Goes on after so many ms, too. */
async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}

/** To the microsecond. */
const round = (ms: number): number => Math.round(ms * 1000) / 1000;
