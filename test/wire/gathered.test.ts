import { expect, it } from "vitest";
import { Gathered } from "../../src/wire/index.ts";
import { expectProportion, workOf } from "../support/work.ts";

it("gives in one piece what came in many, once", () => {
  const gathered = new Gathered();
  const piece = Uint8Array.of(1, 2);
  gathered.add(piece);
  piece.fill(9);
  gathered.add(new Uint8Array(0));
  gathered.add(Uint8Array.of(3));
  expect(gathered.length).toBe(3);
  expect(gathered.take()).toEqual(Uint8Array.of(1, 2, 3));
  expect([gathered.length, gathered.held, gathered.take().length]).toEqual([0, 0, 0]);
});

it("copies in proportion, and takes twice the memory at most", () => {
  const gather = (count: number): void => {
    const gathered = new Gathered();
    for (let at = 1; at <= count; at++) {
      gathered.add(Uint8Array.of(at));
      if (gathered.held > 2 * at) throw new Error(`${gathered.held} bytes for ${at}`);
    }
  };
  expectProportion((size) => workOf(() => gather(size)), 1000);
});
