import * as fc from "fast-check";

/**
 * Checks a property on the same cases in every run. `FC_SEED` gives others, `FC_RUNS` more of them.
 */
export function check<T extends [unknown, ...unknown[]]>(
  property: fc.IProperty<T>,
  runs = 50,
): void {
  fc.assert(property, {
    seed: Number(process.env["FC_SEED"] ?? 9846),
    numRuns: Number(process.env["FC_RUNS"] ?? runs),
  });
}
