import { native, noble, type Provider } from "../../src/node.ts";
import { nativePrimitives } from "../floor/native.ts";
import { nothing } from "../floor/nothing.ts";
import { noblePrimitives } from "../floor/noble.ts";
import {
  type FloorGroup,
  fullHandshake,
  type Primitives,
  resumedHandshake,
} from "../floor/script.ts";
import type { Candidate } from "../measure.ts";
import { handshake } from "../subjects/ours.ts";
import { carryOut, type Comparison, type Suite } from "../suite.ts";

const scripts = { full: fullHandshake, resumed: resumedHandshake };
const points = [
  { group: "X25519MLKEM768", mode: "full" },
  { group: "X25519MLKEM768", mode: "resumed" },
  { group: "x25519", mode: "full" },
] as const;

type Goals = Readonly<Partial<Record<keyof typeof scripts, number>>>;

/** How much of a handshake is the engine's own work, and not that of the cryptography. */
export const floor: Suite = {
  run(context) {
    const raw = nativePrimitives();
    const below = raw === undefined ? [] : pairs(native, raw, { full: 1.15, resumed: 1.25 });
    const all = [...below, ...pairs(noble, noblePrimitives(), { full: 1.05 })];
    return carryOut(
      {
        candidates: [...all.flatMap(({ candidates }) => candidates), ...points.map(engineAlone)],
        comparisons: all.map(({ comparison }) => comparison),
        notes: raw === undefined ? ["no native floor: this Node has no ML-KEM"] : [],
      },
      context,
    );
  },
};

/** The engine and its floor; goals are for the hybrid group. */
function pairs(provider: Provider, primitives: Primitives, goals: Goals) {
  return points.map(({ group, mode }) => {
    const name = `${provider.name}, ${group}, ${mode}`;
    const dimensions = { provider: provider.name, group, mode };
    const engine = `engine, ${name}`;
    const under = `floor, ${name}`;
    const atMost = isHybrid(group) ? goals[mode] : undefined;
    const candidates: readonly Candidate[] = [
      {
        name: engine,
        dimensions: { ...dimensions, stack: "kemistry" },
        setUp: () => ({ run: handshake({ provider, group, mode }) }),
      },
      {
        name: under,
        dimensions: { ...dimensions, stack: "floor" },
        setUp: () => ({ run: () => scripts[mode](primitives, group) }),
      },
    ];
    const comparison: Comparison = {
      name: `engine ÷ floor, ${name}`,
      dimensions,
      numerator: engine,
      denominator: under,
      ...(atMost === undefined ? {} : { goal: { atMost } }),
    };
    return { candidates, comparison };
  });
}

/** What is left of a handshake where cryptography costs nothing. */
function engineAlone({ group, mode }: (typeof points)[number]): Candidate {
  return {
    name: `engine, no cryptography, ${group}, ${mode}`,
    dimensions: { group, mode, stack: "no cryptography" },
    setUp: () => ({ run: handshake({ provider: nothing, group, mode }) }),
  };
}

const isHybrid = (group: FloorGroup): boolean => group === "X25519MLKEM768";
