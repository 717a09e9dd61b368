import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/crypto/native.ts";
import { problemOf } from "../../../src/lab/adversary/must-not.ts";
import { seededDraws, Tried } from "../../../src/lab/adversary/mutate.ts";
import { OnPath } from "../../../src/lab/adversary/on-path.ts";
import { brokenRule, changeRecords, recordRules } from "../../../src/lab/adversary/records.ts";
import type { Injection, Step } from "../../../src/lab/adversary/step.ts";
import { Bench, type Setting } from "../../../src/lab/adversary/trial.ts";
import { toHex } from "../../../src/wire/index.ts";

const bench = new Bench(createNative());
const setting: Setting = {
  kind: "certificate",
  group: "x25519",
  retry: false,
  updateKeys: false,
  keys: "traffic",
};
const place = { from: "server", on: "application_data" } as const;
const zeros = (length: number): string => "00".repeat(length);
const data = (content: string, trailer?: string): Injection => ({
  record: "application_data",
  content,
  ...(trailer === undefined ? {} : { trailer }),
});

/** In the order of the rules. */
const broken: readonly Injection[] = [
  data("", "0000"),
  data("00", "63"),
  data("01", "14"),
  { record: "change_cipher_spec", content: "01", times: 40 },
  { record: "alert", content: "015a00" },
  { record: "handshake", content: "" },
  { record: "application_data", content: "", times: 40 },
  data("00", `17${zeros(2 ** 14)}`),
];
const allowed: readonly Injection[] = [
  data("00", "1700"),
  data("00", `17${zeros(2 ** 14 - 1)}`),
  { record: "alert", content: "015a" },
  { record: "application_data", content: "", times: 3 },
];

describe("records that no end may take", { timeout: 30_000 }, () => {
  it.each(recordRules.map((rule, index) => [rule.what, rule, broken[index]!] as const))(
    "%s",
    (_, rule, injection) => {
      expect(brokenRule(injection)).toBe(rule);
      const step: Step = { ...place, before: [injection] };
      const { ends, problem } = bench.attempt(setting, [step]);
      expect(problem).toBeUndefined();
      expect(ends.client.error).toBeDefined();
      // An end that goes on nevertheless
      const honest = bench.attempt(setting, []).ends;
      const judged = problemOf(honest, new OnPath({ steps: [] }), setting, [step]);
      expect(judged).toBe(`accepted: the client goes on after ${rule.what} (${rule.section})`);
      expect(problemOf(honest, new OnPath({ steps: [] }), setting, [])).toBeUndefined();
    },
  );

  it.each(allowed.map((injection) => [JSON.stringify(injection).slice(0, 60), injection] as const))(
    "are not: %s",
    (_, injection) => {
      expect(brokenRule(injection)).toBeUndefined();
      const { ends, problem } = bench.attempt(setting, [{ ...place, before: [injection] }]);
      expect([problem, ends.client.error]).toEqual([undefined, undefined]);
      expect(ends.client.state).toBe("open");
    },
  );

  it("are looked at nowhere behind the end", () => {
    const closing: Setting = { ...setting, kind: "closing" };
    const { ends } = bench.attempt(closing, []);
    const step: Step = { ...place, after: [broken[0]!] };
    expect(problemOf(ends, new OnPath({ steps: [] }), closing, [step])).toBeUndefined();
  });
});

describe("what is done to records", { timeout: 60_000 }, () => {
  const raw = Uint8Array.of(8, 0, 0, 2, 0, 0);
  const unit = { from: "server", name: "encrypted_extensions", raw } as const;
  const waysOf = (name: typeof unit.name | "sealed", draws: number, tried: Tried) => {
    const roll = seededDraws("records");
    return Array.from({ length: draws }, () => changeRecords({ ...unit, name }, 1, roll, tried));
  };
  const actionOf = (step: Step): string => Object.keys(step).slice(2).join();

  it("is everything in turn", () => {
    const steps = waysOf("encrypted_extensions", 60, new Tried());
    const actions = new Set(steps.map(actionOf));
    expect([...actions].toSorted()).toEqual(
      ["after", "back", "before", "cut", "instead", "join", "split"].toSorted(),
    );
  });

  it("is nothing that takes the content, where that cannot be read", () => {
    const actions = new Set(waysOf("sealed", 60, new Tried()).map(actionOf));
    for (const action of ["split", "join", "instead"]) expect(actions).not.toContain(action);
  });

  it("leaves content as it was where it pads", () => {
    const padded = waysOf("encrypted_extensions", 60, new Tried()).flatMap(
      ({ instead = [] }) => instead,
    );
    expect(padded.length).toBeGreaterThan(0);
    for (const injection of padded) {
      expect(injection).toMatchObject({
        record: "handshake",
        content: toHex(raw),
        trailer: expect.stringMatching(/^16(00)+$/) as string,
      });
    }
  });

  it.each<[string, Omit<Step, "from" | "on">]>([
    ["pieces", { split: [1, 1, 1] }],
    ["one record with the next", { join: true }],
  ])("leaves a handshake as it was: %s", (_, action) => {
    const step: Step = { from: "server", on: "encrypted_extensions", ...action };
    const { ends, problem } = bench.attempt(setting, [step]);
    expect(problem).toBeUndefined();
    expect([ends.client.state, ends.server.state]).toEqual(["open", "open"]);
  });
});
