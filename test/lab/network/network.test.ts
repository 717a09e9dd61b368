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

  it.each<[string, object]>([
    ["symmetric has no option rate_; did you mean rate?", { rtt: 1, rate_: 1 }],
    ["symmetric lacks rtt; write { rtt }", { rate: 1 }],
    ["symmetric: rtt must be from 0 to 120000 milliseconds, not -1", { rtt: -1 }],
    ["symmetric: loss.kind must be one of", { rtt: 1, loss: { kind: "often" } }],
    ["symmetric: queue: without a rate nothing waits", { rtt: 1, queue: 5 }],
  ])("refuses: %s", (message, options) => {
    expect(() => symmetric(options as { rtt: number })).toThrow(message);
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
    ["network: up lacks delay; write { delay }", { ...good, up: {} }],
    [
      "network: up.delay must be from 0 to 60000 milliseconds, not -1",
      { ...good, up: { delay: -1 } },
    ],
    [
      "network: up.delay must be from 0 to 60000 milliseconds, not NaN",
      { ...good, up: { delay: Number.NaN } },
    ],
    [
      "network: down has no option delai; did you mean delay?",
      { ...good, down: { delay: 1, delai: 2 } },
    ],
    ["down.queue: without a rate nothing waits", { ...good, down: { delay: 1, queue: 5 } }],
    [
      "up.loss.probability must be from 0 to 1, not 3",
      { ...good, up: { delay: 1, loss: { kind: "bernoulli", probability: 3 } } },
    ],
    ["up.loss.kind must be one of", { ...good, up: { delay: 1, loss: { kind: "often" } } }],
    [
      "up.loss.packets[1] must be a whole number",
      { ...good, up: { delay: 1, loss: { kind: "scripted", packets: [1, 1.5] } } },
    ],
    ["up.loss lacks packets", { ...good, up: { delay: 1, loss: { kind: "scripted" } } }],
    [
      "up.loss lacks inBad",
      {
        ...good,
        up: { delay: 1, loss: { kind: "gilbert-elliott", toBad: 0, toGood: 1, inGood: 0 } },
      },
    ],
    ["up.jitter lacks distribution", { ...good, up: { delay: 1, jitter: { deviation: 1 } } }],
    ['client.kernel must be one of "linux-4.15"', { ...good, client: { kernel: "linux-2.4" } }],
    ["client.initialWindow must be a whole number", { ...good, client: { initialWindow: 2.5 } }],
    [
      "server.receiveWindow.maximum must be a whole number from 9000",
      { ...good, server: { receiveWindow: { initial: 9000, maximum: 10 } } },
    ],
    ["mss must be a whole number from 88 to 65535 bytes, not 5", { ...good, mss: 5 }],
    ['ticks must be one of "shared", "independent"', { ...good, ticks: "both" }],
    ["network has no option rtt", { ...good, rtt: 5 }],
    ["network lacks down", { up: { delay: 1 } }],
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
    [
      "client[0].received must be a whole number from 0 to 5 bytes, which the other end writes, not 6",
      [{ received: 6 }],
      [{ write: 5 }],
    ],
    [
      "client[1].acknowledged must be a whole number from 0 to 7 bytes",
      [{ write: 7 }, { acknowledged: 8 }],
      [],
    ],
    ["server[0].write must be a whole number", [], [{ write: 0.5 }]],
    ["server[0].cpu must be from 0", [], [{ cpu: -1 }]],
    ['server[0].mark: "a" stands twice', [{ mark: "a" }], [{ mark: "a" }]],
    ["client[0] has no option recieved; did you mean received?", [{ recieved: 1 }], []],
  ])("refuses: %s", (message, client, server) => {
    expect(() => checkScript({ client, server })).toThrow(message);
  });
});
