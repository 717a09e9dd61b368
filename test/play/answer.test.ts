import { describe, expect, it } from "vitest";
import { type Experiment, usual } from "../../src/play/address.ts";
import { answer } from "../../src/play/answer.ts";
import { scriptOf } from "../../src/play/network.ts";

const run = (special: Partial<Experiment> = {}) =>
  answer({ kind: "run", experiment: { ...usual, ...special } });
const steps = (...list: readonly object[]) => JSON.stringify(list);
const hello = { from: "client", on: "client_hello" };

describe("the playground's worker", { timeout: 60_000 }, () => {
  it("runs what is chosen, and explains it", async () => {
    const { html, says, flights, verdict } = await run();
    expect(says).toBe("Client: open. Server: open.");
    expect(html).toContain('id="client_hello.key_share[0].keyExchange.ML-KEM-768"');
    expect(html).toContain("The key log says the same");
    expect(flights[0]?.from).toBe("client");
    expect(verdict).toBeNull();
  });

  it.each<[string, Partial<Experiment>, string]>([
    [
      "a retry",
      { serverGroups: ["secp256r1"], groups: ["x25519", "secp256r1"] },
      'id="hello_retry_request"',
    ],
    ["another share", { shares: ["x25519"], serverGroups: ["x25519"] }, "key exchange, x25519"],
    ["both with certificates", { mutual: true }, 'id="certificate_request"'],
    ["a session that goes on", { resume: true }, "resumed"],
    ["0-RTT data", { earlyData: true }, "0-RTT data accepted"],
    ["post-quantum certificates", { credential: "post-quantum" }, "<li>mldsa44</li>"],
    ["another suite", { suites: ["TLS_AES_256_GCM_SHA384"] }, "TLS_AES_256_GCM_SHA384"],
  ])("honours %s", async (_, special, found) => {
    const { html, says } = await run(special);
    expect(says).toBe("Client: open. Server: open.");
    expect(html).toContain(found);
    expect((await run()).html).not.toContain(found);
  });

  it("says who refuses a swapped hybrid share, with which alert, by which section", async () => {
    const swap = { ...hello, edit: [{ swapParts: "extensions.key_share[0].keyExchange" }] };
    const { says, html, steps: done } = await run({ steps: steps(swap) });
    expect(says).toMatch(
      /Client: told illegal_parameter.*Server: bad_key_share at client_hello.*RFC 10024 §4\.2/,
    );
    expect(html).toContain("changed on the way");
    expect(done).toEqual(["client_hello of the client: edit"]);
  });

  it("flips any bit in flight, also of what is encrypted", async () => {
    const flip = { from: "server", on: "certificate_verify", flip: { byte: 20, mask: 4 } };
    const { says } = await run({ steps: steps(flip) });
    expect(says).toMatch(/Client: bad_signature.*Server: told decrypt_error/);
  });

  it("shows what an attack has put into the page as text", async () => {
    const edit = [{ set: "extensions.server_name[0].name", to: "<img src=x>" }];
    const { html } = await run({ steps: steps({ ...hello, edit }) });
    expect(html).toContain("&#60;img src=x&#62;");
    expect(html).not.toContain("<img");
  });

  it.each<[string, Partial<Experiment>, RegExp]>([
    ["an unknown group", { groups: ["nonsense"] }, /groups\[0\]/],
    ["an unknown suite", { suites: ["nonsense"] }, /suites\[0\]/],
    ["an unknown chain", { credential: "nonsense" }, /credential/],
    ["steps that are no JSON", { steps: "[" }, /JSON/],
    ["an unknown step", { steps: steps({ ...hello, explode: true }) }, /explode|kind/],
    [
      "a step for which nothing came",
      { steps: steps({ ...hello, nth: 7, drop: true }) },
      /nothing came/,
    ],
    ["an unknown attack", { attack: "nonsense" }, /the catalogue has no nonsense/],
  ])("refuses %s, and says why", async (_, special, message) => {
    await expect(run(special)).rejects.toThrow(message);
  });

  it("puts predictions of the catalogue beside outcomes", async () => {
    const attacks = await answer({ kind: "catalogue" });
    expect(attacks.length).toBeGreaterThan(400);
    const name = "strip-tls13";
    expect(attacks.map((attack) => attack.name)).toContain(name);
    const verdict = await answer({ kind: "attack", name });
    expect(verdict).toMatchObject({ asPredicted: true, problems: [] });
    expect(verdict.server).toContain("protocol_version");
    expect((await run({ attack: name })).verdict).toEqual(verdict);
  });
});

describe("the network", () => {
  const flights = [
    { from: "client", bytes: 1400 },
    { from: "server", bytes: 5000 },
    { from: "client", bytes: 60 },
  ] as const;
  const sequence = (special: Partial<Experiment>) =>
    answer({ kind: "network", flights, experiment: { ...usual, ...special } });

  it("lets an end write when all before it has arrived", () => {
    expect(scriptOf(flights)).toEqual({
      client: [{ received: 0, write: 1400 }, { received: 5000, write: 60 }, { received: 5000 }],
      server: [{ received: 1400, write: 5000 }, { received: 1460 }],
    });
  });

  it("takes as long as its round trips", async () => {
    const after = async (special: Partial<Experiment>) =>
      Number(/after ([\d.]+) ms/.exec((await sequence(special)).says)?.[1]);
    expect(await after({ rtt: 100 })).toBeCloseTo(250, -1);
    expect(await after({ rtt: 200 })).toBeCloseTo(500, -1);
    // One segment at first needs further rounds for 5000 bytes
    expect(await after({ rtt: 100, window: 1 })).toBeGreaterThan(400);
  });

  it("draws what is lost, as it is drawn", async () => {
    const lost = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (draw) => (await sequence({ loss: 25, draw })).svg),
    );
    expect(lost.some((svg) => svg.includes(">×<"))).toBe(true);
    expect(new Set(lost).size).toBeGreaterThan(1);
    expect((await sequence({ loss: 0 })).svg).not.toContain(">×<");
  });
});
