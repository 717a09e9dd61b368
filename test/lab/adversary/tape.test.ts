import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { createNoble } from "../../../src/crypto/index.ts";
import { createNative } from "../../../src/crypto/native.ts";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { ScenarioError } from "../../../src/lab/adversary/edit.ts";
import { recordAttack, replayTape } from "../../../src/lab/adversary/tape.ts";
import { toHex, utf8 } from "../../../src/wire/index.ts";
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
    const { difference, transfers } = replayTape(record(name, provider), makerOf);
    expect(difference).toBeUndefined();
    expect(transfers).toBeGreaterThan(1);
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
    const other = recordAttack(scenario("honest"), {
      makeProvider: ({ random }) => createNative({ random: (n) => random(n).fill(7) }),
      provider: "native",
    }).tape;
    expect(replayTape(other, makerOf).difference).toMatch(
      /^transfer 1 \(connection 0, client to adversary\), byte \d+: 07 in the file, [\da-f]{2} now$/,
    );
  });

  it("that was cut or changed says where", () => {
    const tape = record("honest");
    const lines = tape.split("\n");
    expect(failure(lines.slice(0, 3).join("\n"))).toMatch(/^line 3: .*cut/);
    expect(failure(tape.slice(0, tape.indexOf("\n") + 30))).toMatch(/^line 2: it was cut/);
    for (const [from, to] of [
      [/(?<="bytes":"..)./, "f"],
      ['"bytes":"', '"bytes":"0'],
      ['"from":"', '"from":"x'],
    ] as const) {
      const changed = lines.with(2, lines[2]!.replace(from, to));
      expect(failure(changed.join("\n"))).toBe("line 3: it was changed");
    }
    // What follows a line that is gone, or a head that is another
    expect(failure(lines.toSpliced(2, 1).join("\n"))).toBe("line 3: it was changed");
    const head = record("retry-twice").split("\n")[0]!;
    expect(failure(lines.with(0, head).join("\n"))).toBe("line 2: it was changed");
    expect(failure(`${tape}${lines[2]}\n`)).toMatch(/^line \d+: it was changed/);
    expect(failure("{}\n")).toMatch(/^line 1: .* not a line of a tape/);
    expect(failure("")).toMatch(/^line 1: this is not a tape/);
  });

  it("that was made by somebody else is read as carefully as any file", () => {
    const made = (...lines: object[]) => {
      const digest = sha256.create();
      const written = lines.map((line) => {
        const text = JSON.stringify(line);
        digest.update(utf8(`${text}\n`));
        const check = toHex(digest.clone().digest().subarray(0, 4));
        return `${text.slice(0, -1)},"check":"${check}"}`;
      });
      return failure(written.join("\n"));
    };
    const head = {
      kemistry: "tape",
      version: 2,
      kind: "simulated",
      scenario: { name: "a", steps: [] },
      seed: "s",
      provider: "native",
    };
    const transfer = { at: 0, connection: 0, from: "client", to: "adversary", bytes: "00" };
    const end = { done: true };
    expect(made({ ...head, version: 1 }, end)).toMatch(/^line 1: version: expected 2/);
    expect(made({ ...head, kind: "imaginary" }, end)).toMatch(/^line 1: kind: expected one of/);
    expect(made({ ...head, scenario: { name: "a" } }, end)).toMatch(/^a: steps: expected a list/);
    expect(made({ ...head, provider: "other" }, end)).toMatch(/there is no provider other/);
    expect(made(head, { ...transfer, from: "nobody" }, end)).toMatch(
      /^line 2: from: expected one of/,
    );
    expect(made(head, { ...transfer, bytes: "0" }, end)).toMatch(/^line 2: bytes: expected bytes/);
    expect(made(head, { weather: "fine" }, end)).toMatch(
      /^line 2: the line: expected exactly one of kemistry, bytes/,
    );
    expect(made(head, end, transfer)).toMatch(/^line 3: it is after the end/);
    expect(made(transfer, end)).toBe("line 1: this is not a tape of kemistry");
  });
});
