/** What stays in memory, in bytes: heap and what buffers hold beside it. */
import * as v8 from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";

v8.setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

function used(): number {
  for (let round = 0; round < 4; round++) gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes that one of those takes which `make` gives, in the mean of so many. */
export function retainedBy(make: (index: number) => unknown, count: number): number {
  // What is compiled, cached or allocated once is not counted
  make(0);
  const kept: unknown[] = Array.from({ length: count }, () => undefined);
  const before = used();
  for (let index = 0; index < count; index++) kept[index] = make(index + 1);
  const size = (used() - before) / count;
  kept.length = 0;
  return size;
}

/** The most that so many bytes on the wire may make anybody keep. */
export const mostFor = (wire: number): number => 8 * wire + 4096;

/** @param retained by so many bytes on the wire */
export function expectSmall(what: string, wire: number, retained: number): void {
  report(what, wire, retained);
  expect(retained).toBeLessThan(mostFor(wire));
}

/** `RETAINED=1` prints what was measured. */
function report(what: string, wire: number, retained: number): void {
  if (process.env["RETAINED"] === undefined) return;
  const ratio = (retained / wire).toFixed(1);
  process.stdout.write(`${what}: ${wire} bytes, ${Math.round(retained)} retained, × ${ratio}\n`);
}
