import { describe, expect, it } from "vitest";
import {
  checkNetwork,
  checkScript,
  type Network,
  symmetric,
} from "../../../src/lab/network/index.ts";

const good: Network = symmetric({ rtt: 30 });

describe("symmetric", () => {
  it("halves the round trip, and gives both ends the same", () => {
    expect(
      symmetric({ rtt: 31, rate: 100, kernel: "linux-5.4", mss: 1460, unit: "segment" }),
    ).toEqual({
      up: { delay: 15.5, rate: 100 },
      down: { delay: 15.5, rate: 100 },
      client: { kernel: "linux-5.4" },
      server: { kernel: "linux-5.4" },
      mss: 1460,
      unit: "segment",
    });
  });
});

describe("checkNetwork", () => {
  it.each<[string, Network]>([
    ["losses of each kind", symmetric({ rtt: 1, loss: { kind: "bernoulli", probability: 1 } })],
    [
      "a scripted loss",
      symmetric({ rtt: 1, loss: { kind: "scripted", packets: [0, 4], of: "data" } }),
    ],
    ["a queue with its rate", symmetric({ rtt: 1, rate: 1, queue: 0 })],
    [
      "a window that does not grow",
      symmetric({ rtt: 1, receiveWindow: { initial: 65_535, maximum: 65_535 } }),
    ],
  ])("takes %s", (_, network) => {
    expect(() => checkNetwork(network)).not.toThrow();
  });

  it.each<[string, object]>([
    ["up.delay: missing", { ...good, up: {} }],
    ["up.delay: expected a number from 0 to 60000, got -1", { ...good, up: { delay: -1 } }],
    [
      "up.delay: expected a number from 0 to 60000, got NaN",
      { ...good, up: { delay: Number.NaN } },
    ],
    ["down.delai: no such field", { ...good, down: { delay: 1, delai: 2 } }],
    ["down.queue: without a rate nothing waits", { ...good, down: { delay: 1, queue: 5 } }],
    [
      "up.loss.probability: expected a number from 0 to 1, got 3",
      symmetric({ rtt: 1, loss: { kind: "bernoulli", probability: 3 } }),
    ],
    ["up.loss.kind: expected one of", { ...good, up: { delay: 1, loss: { kind: "often" } } }],
    [
      "up.loss.packets[1]: expected a whole number",
      symmetric({ rtt: 1, loss: { kind: "scripted", packets: [1, 1.5] } }),
    ],
    ["up.loss.packets: missing", { ...good, up: { delay: 1, loss: { kind: "scripted" } } }],
    [
      "up.loss.inBad: missing",
      {
        ...good,
        up: { delay: 1, loss: { kind: "gilbert-elliott", toBad: 0, toGood: 1, inGood: 0 } },
      },
    ],
    ["up.jitter.distribution: missing", { ...good, up: { delay: 1, jitter: { deviation: 1 } } }],
    ["client.kernel: expected one of linux-4.15", { ...good, client: { kernel: "linux-2.4" } }],
    ["client.initialWindow: expected a whole number", { ...good, client: { initialWindow: 2.5 } }],
    [
      "server.receiveWindow.maximum: expected a number from 9000",
      { ...good, server: { receiveWindow: { initial: 9000, maximum: 10 } } },
    ],
    ["mss: expected a number from 88 to 65535, got 5", { ...good, mss: 5 }],
    ["ticks: expected one of shared, independent", { ...good, ticks: "both" }],
    ["network.rtt: no such field", { ...good, rtt: 5 }],
    ["down: expected an object, got undefined", { up: { delay: 1 } }],
  ])("refuses: %s", (message, network) => {
    expect(() => checkNetwork(network as Network)).toThrow(message);
  });
});

describe("checkScript", () => {
  it("takes a conversation in which everything comes", () => {
    const client = [
      { write: 10, mark: "hello" },
      { received: 5, acknowledged: 10, cpu: 1 },
    ];
    expect(() => checkScript({ client, server: [{ received: 10, write: 5 }] })).not.toThrow();
  });

  it.each<[string, object[], object[]]>([
    ["client[0].received: expected a number from 0 to 5, got 6", [{ received: 6 }], [{ write: 5 }]],
    [
      "client[1].acknowledged: expected a number from 0 to 7",
      [{ write: 7 }, { acknowledged: 8 }],
      [],
    ],
    ["server[0].write: expected a whole number", [], [{ write: 0.5 }]],
    ["server[0].cpu: expected a number", [], [{ cpu: -1 }]],
    ['server[0].mark: "a" stands twice', [{ mark: "a" }], [{ mark: "a" }]],
    ["client[0].recieved: no such field", [{ recieved: 1 }], []],
  ])("refuses: %s", (message, client, server) => {
    expect(() => checkScript({ client, server })).toThrow(message);
  });
});
