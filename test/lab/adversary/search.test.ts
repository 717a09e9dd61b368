import { describe, expect, it } from "vitest";
import { createClientConnection } from "../../../src/connection/index.ts";
import type { RandomSource } from "../../../src/crypto/index.ts";
import { systemRandom } from "../../../src/crypto/native/random.ts";
import { createNative } from "../../../src/crypto/native.ts";
import { createTrustStore } from "../../../src/identity/index.ts";
import { runAttack } from "../../../src/lab/adversary/attack.ts";
import { type Draws, mutateSent, seededDraws, Tried } from "../../../src/lab/adversary/mutate.ts";
import { readScenarios } from "../../../src/lab/adversary/read-scenario.ts";
import { search } from "../../../src/lab/adversary/search.ts";
import { Bench, chooseSetting, scenarioOf } from "../../../src/lab/adversary/trial.ts";
import { recordHeaderLength } from "../../../src/record/index.ts";
import { concat } from "../../../src/wire/index.ts";

describe("the search", { timeout: 180_000 }, () => {
  it("finds many ways to fail, and none that it should not find", () => {
    const options = { seconds: 60, limit: 250, seed: "a test", makeProvider: createNative };
    const report = search(options);
    expect(report.problems).toEqual([]);
    expect(report.heap.grew).toBe(false);
    expect(report.places["client client_hello"]).toBeGreaterThan(10);
    expect(report.handshakes).toBe(250);
    expect(report.outcomes).toBeGreaterThan(40);
    expect(Object.keys(report.codes)).toContain("illegal_parameter");
  });

  it.each(["on-path", "malicious-peer"] as const)(
    "comes to the same each time with imitated cryptography: %s",
    (adversary) => {
      const run = () => {
        const limits = { seconds: 600, limit: 200, seed: "a test" };
        const report = search({ ...limits, adversary, imitate: true, makeProvider: createNative });
        const { handshakes, outcomes, places, codes, problems } = report;
        return { handshakes, outcomes, places, codes, problems };
      };
      const first = run();
      expect(first.problems).toEqual([]);
      expect(first.outcomes).toBeGreaterThan(40);
      expect(run()).toEqual(first);
    },
  );

  it("shrinks and saves what goes wrong: an end whose cryptography breaks", () => {
    const makeProvider = () => {
      const native = createNative();
      // The search begins with an honest handshake
      let left = 16;
      const broken = {
        ...native.aeads["aes-128-gcm"],
        importKey: (key: Uint8Array) => {
          if (left-- > 0) return native.aeads["aes-128-gcm"].importKey(key);
          throw new Error("it broke");
        },
      };
      return { ...native, aeads: { ...native.aeads, "aes-128-gcm": broken } };
    };
    const { problems } = search({ seconds: 60, limit: 10, seed: "f", makeProvider });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toMatchObject({ what: expect.stringMatching(/^untyped error/) as string });
    // Without the broken part it runs like any scenario
    const { scenario } = problems[0]!;
    expect(scenario.steps).toEqual([]);
    expect(runAttack(scenario, { makeProvider: createNative }).name).toBe("search-1");
  });

  it("makes up steps that a file can have", () => {
    const bench = new Bench(createNative());
    const roll = seededDraws("files");
    for (let i = 0; i < 200; i++) {
      const setting = chooseSetting(roll);
      const { steps } = bench.attempt(setting, [], roll);
      const scenario = scenarioOf(setting, steps, "", `search-${i}`);
      const [read] = readScenarios(JSON.stringify(scenario));
      expect(read).toEqual(JSON.parse(JSON.stringify(scenario)));
    }
  });

  it("changes what it has changed least, so that no field of a message is left to chance", () => {
    const client = createClientConnection({
      serverName: "server.example",
      trust: createTrustStore([]),
    });
    client.start();
    const raw = concat(...client.takeOutput()).subarray(recordHeaderLength);
    const changed = (draws: number, triedOf: () => Tried): Set<string> => {
      const roll: Draws = seededDraws("fields");
      const hello = { from: "client", name: "client_hello", raw } as const;
      const steps = Array.from({ length: draws }, () => mutateSent(hello, 1, roll, triedOf()));
      const edits = steps.flatMap(({ edit = [] }) => edit);
      return new Set(
        edits.map((edit) => {
          const [way, path] = Object.entries(edit)[0] as [string, string];
          return `${way} ${path.replaceAll(/\[\d+\]/g, "[]").replace(/\.0x.*/, "")}`;
        }),
      );
    };
    const tried = new Tried();
    const guided = changed(1000, () => tried);
    expect(guided).toContain("insert extensions.key_share");
    expect(guided).toContain("remove extensions.psk_key_exchange_modes[]");
    const byChance = changed(1000, () => new Tried());
    expect(guided.size).toBeGreaterThan(byChance.size);
  });

  it("sees what grows", () => {
    const kept: unknown[] = [];
    const leaky: RandomSource = (length) => {
      kept.push(Array.from({ length: 20_000 }, () => length));
      return systemRandom(length);
    };
    const makeProvider = () => createNative({ random: leaky });
    const { heap } = search({ seconds: 60, limit: 40, seed: "c", makeProvider });
    expect(heap).toMatchObject({ grew: true });
    expect(heap.end - heap.start).toBeGreaterThan(8 * 2 ** 20);
    expect(kept.length).toBeGreaterThan(40);
  });

  it("finds nothing that an honest end accepts of a malicious peer", () => {
    const report = search({
      seconds: 60,
      limit: 200,
      seed: "malicious",
      adversary: "malicious-peer",
      makeProvider: createNative,
    });
    expect(report).toMatchObject({ adversary: "malicious-peer", handshakes: 200, problems: [] });
    expect(Object.keys(report.codes)).toEqual(
      expect.arrayContaining(["open", "illegal_parameter", "unexpected_message", "malformed"]),
    );
    expect(report.codes["open"]).toBeGreaterThan(10);
  });

  it("finds a check that is missing, and saves a scenario of the malicious peer", () => {
    const makeProvider = () => {
      const native = createNative();
      const lax = { ...native.signatures.ed25519, verifier: () => () => true };
      return { ...native, signatures: { ...native.signatures, ed25519: lax } };
    };
    const { problems } = search({
      seconds: 60,
      limit: 1000,
      maxProblems: 1,
      seed: "lax",
      adversary: "malicious-peer",
      makeProvider,
    });
    expect(problems).toHaveLength(1);
    const { what, handshake, scenario } = problems[0]!;
    expect(what).toMatch(/^accepted: certificate_verify with another signature/);
    expect(handshake).toBeGreaterThan(0);
    expect(scenario.steps).toHaveLength(1);
    const [read] = readScenarios(JSON.stringify(scenario));
    const honest = scenario.malicious === "client" ? "server" : "client";
    expect(runAttack(read!, { makeProvider })[honest].agreed).not.toBeNull();
    expect(runAttack(read!, { makeProvider: createNative })[honest].code).toBe("bad_signature");
  });

  it("rolls the same draws for the same seed", () => {
    const rolls = (seed: string) => {
      const roll = seededDraws(seed);
      return Array.from({ length: 8 }, () => roll(1000));
    };
    expect(rolls("1")).toEqual(rolls("1"));
    expect(rolls("1")).not.toEqual(rolls("2"));
    expect(Math.max(...rolls("3"))).toBeLessThan(1000);
  });
});
