import { describe, expect, it } from "vitest";
import { Flow } from "../../../src/lab/kernel/flow.ts";
import { computingOf } from "../../../src/lab/kernel/measure.ts";
import { symmetric } from "../../../src/lab/network/index.ts";

/** A handshake over the calm path of 10 ms, in which the ends computed so long. */
function flowOf([hello, server, finish]: readonly [number, number, number]): Flow {
  const flow = new Flow(symmetric({ rtt: 10 }), 0, 10);
  const empty = new Uint8Array();
  const packet = (isSyn: boolean, sequence: number, payload: Uint8Array) => ({
    source: "",
    destination: "",
    size: 66 + payload.length,
    isSyn,
    sequence,
    payload,
  });
  const at = [0, 10 + hello, 15 + hello + server, 20 + hello + server + finish];
  const data = new Uint8Array(10).fill(22);
  flow.take("client", packet(true, 0, empty), 0);
  flow.take("server", packet(true, 0, empty), 5e6);
  flow.take("client", packet(false, 1, data), at[1]! * 1e6);
  flow.take("server", packet(false, 1, data), at[2]! * 1e6);
  flow.take("client", packet(false, 11, data), at[3]! * 1e6);
  return flow;
}

describe("what both ends compute", () => {
  it("is what is left of their waits", () => {
    expect(computingOf([flowOf([1, 2, 3])])).toEqual({ hello: 1, server: 2, finish: 3 });
  });

  it("is in all the median of the sums, however skewed the parts are", () => {
    const skewed = [flowOf([9, 1, 1]), flowOf([1, 9, 1]), flowOf([1, 1, 9])];
    const { hello, server, finish } = computingOf(skewed);
    expect(hello + server + finish).toBeCloseTo(11, 2);
    expect(hello).toBe(server);
  });

  it("is not what the relay held packets for too long", () => {
    const late = flowOf([1, 2, 3]);
    late.late.client.push(0.5);
    late.late.server.push(0.25);
    expect(computingOf([late])).toEqual({ hello: 0.25, server: 1.5, finish: 2.75 });
  });

  it("is unknown where no handshake ended", () => {
    expect(() => computingOf([new Flow(symmetric({ rtt: 10 }), 0)])).toThrow("no handshake");
  });
});
