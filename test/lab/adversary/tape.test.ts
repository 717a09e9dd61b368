import { describe, expect, it } from "vitest";
import { createNoble } from "../../../src/crypto/index.ts";
import { createNative } from "../../../src/crypto/native.ts";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { ScenarioError } from "../../../src/lab/adversary/edit.ts";
import { recordAttack, replayTape } from "../../../src/lab/adversary/tape.ts";
import { thrownBy } from "../../support/errors.ts";

const makers = { noble: createNoble, native: createNative };
const makerOf = (name: string) => makers[name as keyof typeof makers];
const scenario = (name: string) => catalogue.find((entry) => entry.name === name)!;
const record = (name: string, provider: keyof typeof makers = "native") =>
  recordAttack(scenario(name), { makeProvider: makers[provider], provider }).tape;
const failure = (tape: string) => thrownBy(ScenarioError, () => replayTape(tape, makerOf)).message;

describe("a tape", () => {
  it.each([
    ["honest", "native"],
    ["honest", "noble"],
    ["retry-twice", "native"],
    ["change-signature", "native"],
    ["replay-early-data", "native"],
  ] as const)("of %s on %s is replayed byte by byte", (name, provider) => {
    const { difference, passages } = replayTape(record(name, provider), makerOf);
    expect(difference).toBeUndefined();
    expect(passages).toBeGreaterThan(1);
  });

  it("has secrets only where they are allowed", () => {
    expect(record("honest")).not.toContain("TRAFFIC_SECRET");
    const { tape } = recordAttack(scenario("honest"), {
      makeProvider: createNative,
      provider: "native",
      secrets: "recorded",
    });
    expect(tape).toContain("CLIENT_TRAFFIC_SECRET_0");
    expect(replayTape(tape, makerOf).difference).toBeUndefined();
  });

  it("says where the run first differs", () => {
    const other = recordAttack(
      { ...scenario("honest"), client: { groups: ["x25519"] } },
      { makeProvider: createNative, provider: "native" },
    ).tape;
    const head = record("honest").split("\n")[0]!;
    const mixed = [head, ...other.split("\n").slice(1)].join("\n");
    // The digest is that of another head
    expect(failure(mixed)).toMatch(/line \d+: a line before was changed/);
    const seeded = recordAttack(scenario("honest"), {
      makeProvider: ({ random }) => createNative({ random: (n) => random(n).fill(7) }),
      provider: "native",
    }).tape;
    expect(replayTape(seeded, makerOf).difference).toMatch(
      /^passage 1 \(connection 0, client to adversary\), byte \d+: 07 in the file, [\da-f]{2} now$/,
    );
  });

  it("that was cut or changed says where", () => {
    const tape = record("honest");
    const lines = tape.split("\n");
    expect(failure(lines.slice(0, 3).join("\n"))).toMatch(/^line 3: .*cut/);
    expect(failure(tape.slice(0, tape.indexOf("\n") + 30))).toMatch(/^line 2: .*not JSON/);
    const changed = lines.with(2, lines[2]!.replace(/(?<="bytes":"..)./, "f"));
    expect(failure(changed.join("\n"))).toMatch(/^line \d+: a line before was changed/);
    const odd = lines.with(2, lines[2]!.replace('"bytes":"', '"bytes":"0'));
    expect(failure(odd.join("\n"))).toBe("line 3: the bytes are not hexadecimal");
    expect(failure(lines.toSpliced(2, 1).join("\n"))).toMatch(/passages were written/);
    expect(failure("{}\n")).toBe("line 1: this is no tape of kemistry");
    expect(failure("")).toMatch(/^line 1/);
  });
});
