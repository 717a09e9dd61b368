import { describe, expect, it } from "vitest";
import { createNoble } from "../../../src/crypto/index.ts";
import { createNative } from "../../../src/crypto/native.ts";
import { explore } from "../../../src/lab/model/model.ts";
import { movesFrom } from "../../../src/lab/model/moves.ts";
import { properties } from "../../../src/lab/model/properties.ts";
import { importWithFault } from "../../support/with-fault.ts";

const slow = { timeout: 300_000 };

describe("the model", slow, () => {
  it.each(["compatible", "prefer-post-quantum", "require-post-quantum"] as const)(
    "holds for two steps with %s",
    (policy) => {
      const report = explore({ makeProvider: createNative, policy });
      expect(report.violations).toEqual([]);
      // Every move from the first state, and from others
      expect(report.moves).toBeGreaterThan(4 * movesFrom(false).length);
      expect(report.states).toBeGreaterThan(10);
    },
  );

  it("is the same in every run, and on both providers for one step", () => {
    const [one, two, other] = [createNative, createNative, createNoble].map((makeProvider) =>
      explore({ makeProvider, depth: 1 }),
    );
    expect(two).toEqual(one);
    expect(other).toEqual(one);
  });
});

type Model = { readonly explore: typeof explore };

/** Faults of the engine, and what the shortest way to them is. */
describe("a fault falls out of it:", slow, () => {
  const hybrid = "the client offers hybrid and classical";
  const classical = "the client offers classical, and nobody is between";
  const honest = `${hybrid}, and nobody is between`;
  it.each([
    // As it was: whatever the peer seemed to say was an answer
    [
      "alert-is-answer",
      "no silent fallback",
      [`${hybrid}, attacker: answer (handshake_failure)`, classical],
    ],
    [
      "error-is-answer",
      "no silent fallback",
      [`${hybrid}, attacker: answer (handshake_failure)`, classical],
    ],
    ["fallback-never", "no silent fallback", [`${hybrid}, attacker: drop-hello`, classical]],
    [
      "signature-is-not-verified",
      "the server is who it is",
      [`${hybrid}, attacker: impostor (stolen-certificate)`],
    ],
    ["early-guard", "early data once", [honest, `${hybrid}, with its session, attacker: replay`]],
  ] as const)("%s", async (fault, property, trace) => {
    const { explore: broken } = await importWithFault<Model>(fault, "src/lab/model/model.ts");
    const { violations } = broken({ makeProvider: createNative, first: true });
    expect(violations.map((violation) => [violation.property, violation.trace])).toEqual([
      [property, trace],
    ]);
  });

  it("each property can fail", () => {
    const world = {
      now: 0,
      memory: [],
      session: undefined,
      sent: [{ at: 0, offer: "hybrid and classical" }],
    } as const;
    const end = {
      isOpen: true,
      group: "x25519",
      suite: "a",
      findings: [],
      exporter: "1",
      error: undefined,
    };
    const move = { ...movesFrom(false)[0]! };
    const outcome = { client: end, server: { ...end, exporter: "2" }, earlyData: 2 };
    const closed = { client: { ...end, isOpen: false }, server: end, earlyData: 0 };
    const failed = properties.filter(({ broken }) =>
      [outcome, closed].some(
        (each) =>
          broken({ before: world, after: world, move, outcome: each }, "require-post-quantum") !==
          undefined,
      ),
    );
    expect(failed).toEqual(properties);
  });
});
