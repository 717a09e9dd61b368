import { describe, expect, it } from "vitest";
import { experimentOf } from "../../../src/lab/experiment/read.ts";
import { resolveExperiment } from "../../../src/lab/experiment/resolve.ts";
import { compareWithModel } from "../../../src/lab/kernel/compare.ts";
import {
  checkMeasurable,
  type Measurement,
  type Pair,
} from "../../../src/lab/kernel/measurement.ts";

const ours: Pair = { client: "ours", server: "ours" };
const foreign: Pair = { client: "ours", server: "openssl" };

/** Two cells: without loss 2 round trips and 3 ms of computing; with the ClientHello lost 200 ms and more besides. */
const measurement = (ms: readonly [number, number | null]): Measurement => ({
  kernel: "6.18.1",
  congestionControl: "cubic",
  node: "24.0.0",
  date: "2026-11-30",
  load: 0.5,
  cores: 2,
  experiment: {
    name: "two",
    factors: {
      group: "x25519",
      signature: "ed25519",
      provider: "native",
      unit: "segment",
      kernel: "linux-6.12",
      rtt: 50,
      loss: [0, { up: { kind: "scripted", packets: [0], of: "data" }, down: 0 }],
    },
  },
  handshakes: [
    {
      ...ours,
      before: 216,
      turns: [
        { from: "client", records: [210] },
        { from: "server", records: [127, 6, 600] },
        { from: "client", records: [6, 58] },
      ],
    },
  ],
  cells: ms.map((time, cell) => ({
    cell,
    handshake: 0,
    computing: { hello: 1, server: 1, finish: 1 },
    late: { up: 0, down: 0 },
    ms: [time],
  })),
});

const judged = (measured: Measurement) => {
  const { figures, claims } = compareWithModel(measured);
  return {
    verdicts: figures.map(({ group, verdict }) => `${group}: ${verdict}`),
    reached: claims.map(({ reached }) => reached),
    ours: figures.map((figure) => figure.ours),
  };
};

describe("what was measured on a kernel", () => {
  it("is equal to the model where it is within 3 %", () => {
    const { verdicts, reached, ours: times } = judged(measurement([103, 357]));
    expect(verdicts).toEqual(["no loss: equal", "round trips: equal", "scripted loss: equal"]);
    expect(reached).toEqual([1, 1]);
    expect(times.slice(0, 2)).toEqual([103, 2]);
  });

  it("differs where it is not, or takes another round trip, or failed", () => {
    expect(judged(measurement([108, 357])).verdicts).toEqual([
      "no loss: differs",
      "round trips: equal",
      "scripted loss: equal",
    ]);
    const { verdicts, reached } = judged(measurement([153, null]));
    expect(verdicts).toEqual([
      "no loss: differs",
      "round trips: differs",
      "scripted loss: differs",
    ]);
    expect(reached).toEqual([0, 0]);
  });

  it("is known no better than the interval of its median", () => {
    const exact = measurement([103, 357]);
    const spread = (ms: readonly number[]) => ({
      ...exact,
      cells: exact.cells.map((cell, at) => (at === 0 ? { ...cell, ms } : cell)),
    });
    const around = [99, 100, 101, 102, 104, 107, 108, 109, 110];
    expect(judged(spread(around)).verdicts[0]).toBe("no loss: equal");
    const wide = [99, 100, 101, 102, 108, 109, 109, 110, 110];
    expect(judged(spread(wide)).verdicts[0]).toBe("no loss: within interval");
    // Which the claim makes no use of: of two medians one is within 3 %
    expect(judged(spread(wide)).reached).toEqual([1, 0.5]);
    const narrow = [107, 107, 107, 107, 108, 109, 109, 110, 110];
    expect(judged(spread(narrow)).verdicts[0]).toBe("no loss: differs");
  });

  it("says so where the machine was busy", () => {
    const busy = (load: number) => compareWithModel({ ...measurement([103, 357]), load }).inputs;
    expect(busy(2.1)[0]).toBe(
      "The machine was busy (load 2.1 on 2 cores), which lengthens short handshakes most.",
    );
    expect(busy(1.9)[0]).toMatch(/^How much longer/);
  });

  it("is given the path that the relay really made", () => {
    const exact = measurement([103, 357]);
    const late = { up: 1, down: 2 };
    const longer = { ...exact, cells: exact.cells.map((cell) => ({ ...cell, late })) };
    expect(judged(longer).ours.slice(0, 2)).toEqual([109, 2]);
  });

  it("is made anew from what was seen, where the ends were others", () => {
    const theirs = measurement([103, 357]);
    const [seen] = theirs.handshakes;
    // A flight that needs a second window
    const turns = [
      seen!.turns[0]!,
      { from: "server" as const, records: [127, 16_406] },
      seen!.turns[2]!,
    ];
    const longer = { ...theirs, handshakes: [{ ...seen!, ...foreign, turns }] };
    expect(judged(longer).ours.slice(0, 2)).toEqual([153, 3]);
    expect(judged({ ...longer, handshakes: [{ ...seen!, ...foreign }] }).ours[1]).toBe(2);
  });
});

describe("an experiment that cannot be measured", () => {
  const check = (factors: object, pair = ours) =>
    checkMeasurable(
      resolveExperiment(experimentOf({ name: "a", factors: { signature: "ed25519", ...factors } })),
      [pair],
    );

  it.each([
    [{ transport: "quic", kernel: "linux-6.1" }, "transport can only be tcp"],
    [{ timer: "server-handshake" }, "timer can only be handshake"],
    [{ resumed: true }, "resumed can only be false"],
    [{ acks: "delayed" }, "acks can only be kernel or quick"],
    [{ request: 10 }, "request and payload can only be 0"],
    [{ loss: 0.1 }, "unit can only be segment"],
    [{ provider: "mine" }, "provider can only be noble or native"],
  ])("%j is refused", (factors, reason) => {
    expect(() => check(factors)).toThrow(reason);
  });

  it.each([
    [{ group: "x25519+HQC-1" }, "no algorithm can be one by size only: HQC-1"],
    [{ hello: "browser" }, "hello can only be lean"],
    [{ chain: { ocsp: true } }, "chains have neither ocsp nor timestamps"],
  ])("%j is refused with OpenSSL alone", (factors, reason) => {
    expect(() => check(factors)).not.toThrow();
    expect(() => check(factors, foreign)).toThrow(reason);
  });
});
