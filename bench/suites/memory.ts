import * as v8 from "node:v8";
import { runInNewContext } from "node:vm";
import { type Connection, native, noble, type Provider } from "../../src/node.ts";
import { handshake } from "../subjects/ours.ts";
import type { Figure, Suite } from "../suite.ts";

type Role = "client" | "server";

/** What an established connection keeps while nothing happens on it. */
export const memory: Suite = {
  name: "memory",
  title: "Heap of one idle established connection, after a full hybrid handshake",
  run(options) {
    const figures: Figure[] = [];
    for (const provider of [native, noble]) {
      const count = Math.min(provider === native ? 1000 : 200, options.warmUpOperations * 4);
      for (const role of ["client", "server"] as const) {
        const { heap, external } = weigh(provider, role, count);
        const name = `${provider.name}, ${role}`;
        figures.push(
          { name: `${name}: heap`, value: heap, unit: "KiB", goal: { atMost: 12 } },
          { name: `${name}: beside the heap`, value: external, unit: "KiB" },
        );
      }
    }
    return Promise.resolve({ measurements: [], ratios: [], figures, notes: [] });
  },
};

/** KiB that one connection of that role takes, while its peer is forgotten. */
function weigh(provider: Provider, role: Role, count: number) {
  const make = handshake({ provider, group: "X25519MLKEM768" });
  for (let i = 0; i < 50; i++) make();
  const kept: Connection[] = [];
  const before = collected();
  for (let i = 0; i < count; i++) kept.push(make()[role]);
  const after = collected();
  const each = (total: number): number => total / 1024 / kept.length;
  return {
    heap: each(after.heapUsed - before.heapUsed),
    external: each(after.external - before.external),
  };
}

function collected(): NodeJS.MemoryUsage {
  v8.setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) gc();
  return process.memoryUsage();
}
