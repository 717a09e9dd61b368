import * as v8 from "node:v8";
import { runInNewContext } from "node:vm";
import { type Connection, native, noble, type Provider } from "../../src/node.ts";
import { median } from "../../src/statistics/index.ts";
import type { Figure } from "../results.ts";
import { handshake, type Pair, pendingHandshake } from "../subjects/ours.ts";
import { onlyFigures, type Suite } from "../suite.ts";

const roles = ["client", "server"] as const;
type Role = (typeof roles)[number];

const group = "X25519MLKEM768";
/** KiB of heap of an idle connection, at most. */
const goals: Readonly<Record<string, number>> = { native: 5, noble: 10 };

/** What connections keep while nothing happens on them, and what handshakes throw away. */
export const memory: Suite = {
  async run({ options, wants, progress, signal }) {
    const figures: Figure[] = [];
    const providers = [native, noble].filter(({ name }) =>
      wants({
        name: `${name}, heap of connections, garbage`,
        dimensions: { provider: name, group },
      }),
    );
    const weighings = providers.flatMap((provider) => {
      const many = provider.name === "native" ? 150 : 40;
      return weighingsOf(provider, options.profile === "quick" ? many : many * 4);
    });
    for (const [at, weigh] of weighings.entries()) {
      figures.push(...weigh());
      progress((at + 1) / weighings.length);
      // A signal gets its turn
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) break;
    }
    return onlyFigures(figures, [
      "an idle connection has had its handshake; its peer is forgotten",
      "garbage is all that a handshake of both ends allocates on the heap",
    ]);
  },
};

function weighingsOf(provider: Provider, count: number): (() => Figure[])[] {
  const make = handshake({ provider, group });
  const begin = pendingHandshake({ provider, group });
  const { name } = provider;
  const figure = (what: string, value: number, more: Partial<Figure> = {}): Figure => ({
    name: `${name}, ${what}`,
    value,
    unit: "KiB",
    ...more,
    dimensions: { provider: name, group, mode: "full", ...more.dimensions },
  });
  const goal = { atMost: goals[name] ?? Number.POSITIVE_INFINITY };
  return [
    () => {
      for (let i = 0; i < 2 * count; i++) make();
      return [];
    },
    ...roles.flatMap((role) => [
      () => {
        const { heap, external } = keptBy(make, role, count);
        return [
          figure(`${role}, idle: heap`, heap, { goal, dimensions: { role } }),
          figure(`${role}, idle: beside the heap`, external, { dimensions: { role } }),
        ];
      },
      () => {
        const { heap } = keptBy(begin, role, count);
        return [figure(`${role} that waits for a flight: heap`, heap, { dimensions: { role } })];
      },
    ]),
    () => [figure("garbage of a handshake, both ends", garbageOf(make, count / 5))],
  ];
}

/**
 * KiB that one connection of that role takes, while its peer is forgotten: what each lot of them adds to
 * those before, in the median. With the first comes compiled code, and others meet its end.
 */
function keptBy(make: () => Pair, role: Role, count: number) {
  const kept: Connection[] = [];
  const lot = Math.ceil(count / 2);
  const usages = Array.from({ length: 4 }, () => {
    for (let i = 0; i < lot; i++) kept.push(make()[role]);
    return collected();
  });
  const each = (sizeOf: (usage: NodeJS.MemoryUsage) => number): number => {
    const sizes = usages.map(sizeOf);
    return median(sizes.slice(1).map((size, at) => size - sizes[at]!)) / 1024 / lot;
  };
  return { heap: each(({ heapUsed }) => heapUsed), external: each(({ external }) => external) };
}

/** KiB of heap that one handshake allocates: the median, since a collection may come in between. */
function garbageOf(make: () => Pair, count: number): number {
  const grown = Array.from({ length: count }, () => {
    const before = v8.getHeapStatistics().used_heap_size;
    make();
    return v8.getHeapStatistics().used_heap_size - before;
  });
  return median(grown) / 1024;
}

/** After as many collections as it takes: V8 forgets compiled code only when it has aged. */
function collected(): NodeJS.MemoryUsage {
  v8.setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  let usage = process.memoryUsage();
  for (let round = 0; round < mostCollections; round++) {
    gc();
    const next = process.memoryUsage();
    const freed = usage.heapUsed - next.heapUsed;
    usage = next;
    if (round >= leastCollections && freed < 1024) break;
  }
  return usage;
}

const leastCollections = 2;
const mostCollections = 8;
