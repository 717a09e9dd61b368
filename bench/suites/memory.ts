import * as v8 from "node:v8";
import { runInNewContext } from "node:vm";
import { type Connection, native, noble, type Provider } from "../../src/node.ts";
import type { Figure } from "../results.ts";
import { handshake, type Pair, pendingHandshake } from "../subjects/ours.ts";
import { median } from "../statistics.ts";
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
      const many = provider.name === "native" ? 200 : 50;
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
 * KiB that one connection of that role takes, while its peer is forgotten: what a second lot of them adds
 * to the first, with which compiled code comes, and what it has learnt.
 */
function keptBy(make: () => Pair, role: Role, count: number) {
  const kept: Connection[] = [];
  const withMore = (): NodeJS.MemoryUsage => {
    for (let i = 0; i < count; i++) kept.push(make()[role]);
    return collected();
  };
  const first = withMore();
  const second = withMore();
  const each = (more: number): number => more / 1024 / (kept.length / 2);
  return {
    heap: each(second.heapUsed - first.heapUsed),
    external: each(second.external - first.external),
  };
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

const leastCollections = 6;
const mostCollections = 15;
