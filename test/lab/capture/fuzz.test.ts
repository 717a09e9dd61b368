import { describe, expect, it } from "vitest";
import { damage, isTyped, targets } from "./fuzz.ts";

describe("damaged captures", () => {
  it.each(targets)("$name: intact they are read", ({ intact, read }) => {
    const read1 = read(intact) as {
      connections?: readonly { proofs: unknown[] }[];
      proofs?: unknown[];
    };
    const proofs = read1.connections?.[0]?.proofs ?? read1.proofs;
    expect(proofs?.length).toBeGreaterThanOrEqual(2);
  });

  it.each(targets)("$name: are read, or refused with a reason", ({ intact, read }) => {
    for (let seed = 0; seed < 150; seed++) {
      try {
        read(damage(intact, seed));
      } catch (error) {
        if (!isTyped(error)) throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
});
