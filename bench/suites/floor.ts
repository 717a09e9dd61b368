import { native, noble, type Provider } from "../../src/node.ts";
import { nativePrimitives } from "../floor/native.ts";
import { noblePrimitives } from "../floor/noble.ts";
import { type FloorGroup, floorHandshake, type Primitives } from "../floor/script.ts";
import type { Candidate } from "../measure.ts";
import { handshake } from "../subjects/ours.ts";
import { carryOut, type Comparison, type Suite } from "../suite.ts";

const groups: readonly FloorGroup[] = ["X25519MLKEM768", "x25519"];

/** How much of a handshake is the engine's own work, and not that of the cryptography. */
export const floor: Suite = {
  name: "floor",
  title: "A full handshake in memory, both ends, chain verified, and the floor under it",
  run(options) {
    const candidates: Candidate[] = [];
    const comparisons: Comparison[] = [];
    const notes: string[] = [];
    const add = (primitives: Primitives, provider: Provider, atMost: number): void => {
      for (const group of groups) {
        const engine = `engine, ${provider.name}, ${group}`;
        const below = `floor, ${provider.name}, ${group}`;
        candidates.push(
          { name: engine, run: handshake({ provider, group }) },
          { name: below, run: () => floorHandshake(primitives, group) },
        );
        comparisons.push({
          name: `engine ÷ floor, ${provider.name}, ${group}`,
          numerator: engine,
          denominator: below,
          ...(group === "X25519MLKEM768" ? { goal: { atMost } } : {}),
        });
      }
    };
    const raw = nativePrimitives();
    if (raw === undefined) notes.push("no native floor: this Node has no ML-KEM");
    else add(raw, native, 1.25);
    add(noblePrimitives(), noble, 1.1);
    return carryOut({ candidates, comparisons, notes }, options);
  },
};
