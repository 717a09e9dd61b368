import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/crypto/native.ts";
import {
  explanationOf,
  isSame,
  searchDifferences,
} from "../../../src/lab/adversary/differential/differential.ts";
import { knownDifferences } from "../../../src/lab/adversary/differential/known-differences.ts";
import { TwoEnds } from "../../../src/lab/adversary/differential/two-ends.ts";
import type { MaliciousSetting } from "../../../src/lab/adversary/malicious-trial.ts";
import type { Step } from "../../../src/lab/adversary/step.ts";
import { otherRole } from "../../../src/schedule/index.ts";

const ends = new TwoEnds(createNative());
const setting: MaliciousSetting = {
  malicious: "server",
  group: "x25519",
  retry: false,
  kind: "certificate",
  updateKeys: false,
};

async function compare(own: Partial<MaliciousSetting>, ...steps: Step[]) {
  const pair = await ends.attempt({ ...setting, ...own }, steps);
  if (pair === undefined) throw new Error("it was not carried out");
  return pair;
}

describe("the same end with ours and with OpenSSL", { timeout: 120_000 }, () => {
  it.each([
    ["server", "certificate", "ed25519"],
    ["server", "mutual", "ed25519"],
    ["server", "resumed", "a session"],
    // It did not sign
    ["client", "certificate", "nothing"],
    ["client", "mutual", "ed25519"],
    ["client", "resumed", "a session"],
  ] as const)("comes to the same as an honest %s: %s", async (malicious, kind, by) => {
    for (const own of [{ retry: true }, { updateKeys: true }]) {
      const { ours, openssl } = await compare({ malicious, kind, ...own });
      const { outcome } = ours;
      expect(outcome).toMatch(/^open with TLS_AES_128_GCM_SHA256, x25519, h2, /);
      expect(outcome).not.toContain("without data");
      expect(outcome).toContain(by);
      expect({ ours, openssl }).toEqual({ ours, openssl: ours });
    }
  });

  it.each<[string, Partial<MaliciousSetting>, Step]>([
    [
      "illegal_parameter",
      {},
      { from: "server", on: "server_hello", edit: [{ fill: "legacySessionIdEcho", with: 7 }] },
    ],
    [
      "decrypt_error",
      {},
      { from: "server", on: "certificate_verify", edit: [{ flip: "signature", byte: 3 }] },
    ],
    ["unexpected_message", {}, { from: "server", on: "encrypted_extensions", drop: true }],
    [
      "decrypt_error",
      { malicious: "client" },
      { from: "client", on: "finished", edit: [{ flip: "verifyData" }] },
    ],
    [
      "decrypt_error",
      { malicious: "client", kind: "mutual" },
      { from: "client", on: "certificate_verify", edit: [{ flip: "signature", byte: 3 }] },
    ],
    [
      "protocol_version",
      { malicious: "client" },
      {
        from: "client",
        on: "client_hello",
        edit: [{ set: "extensions.supported_versions", to: [0x7f00] }],
      },
    ],
  ])("is refused by both with %s", async (alert, own, step) => {
    const pair = await compare(own, step);
    expect([pair.ours.outcome, pair.openssl.outcome]).toEqual([alert, alert]);
    expect(isSame(pair)).toBe(true);
  });

  it("differs where the list says so, and is a problem where it does not", async () => {
    const pair = await compare(
      {},
      {
        from: "server",
        on: "encrypted_extensions",
        edit: [{ set: "extensions.0xfafa", to: "" }],
      },
    );
    expect(pair.ours.outcome).toBe("unsupported_extension");
    expect(pair.openssl.outcome).toMatch(/^open with /);
    expect(isSame(pair)).toBe(false);
    const known = explanationOf("client", pair);
    expect(known).toMatchObject({ right: "ours", section: "RFC 9846 §4.3" });
    const others = knownDifferences.filter((entry) => entry !== known);
    expect(explanationOf("client", pair, others)).toBeUndefined();
    expect(explanationOf("server", pair)).toBeUndefined();
  });

  it("finds a check that our end leaves out", async () => {
    const native = createNative();
    const lax = { ...native.signatures.ed25519, verifier: () => () => true };
    const signatures = { ...native.signatures, ed25519: lax };
    const step: Step = {
      from: "server",
      on: "certificate_verify",
      edit: [{ flip: "signature", byte: 3 }],
    };
    const pair = (await new TwoEnds({ ...native, signatures }).attempt(setting, [step]))!;
    expect(pair.ours.outcome).toMatch(/^open with /);
    expect(pair.openssl.outcome).toBe("decrypt_error");
    expect(explanationOf(otherRole(setting.malicious), pair)).toBeUndefined();
  });

  it("counts what is the same and what is explained, and finds nothing else", async () => {
    const options = { seconds: 600, limit: 60, seed: "a test", makeProvider: createNative };
    const report = await searchDifferences(options);
    const explained = Object.values(report.explained).reduce((sum, times) => sum + times, 0);
    expect(report).toMatchObject({ mutations: 60, problems: [] });
    expect(report.same + explained).toBe(60);
    expect(report.same).toBeGreaterThan(30);
    expect(explained).toBeGreaterThan(0);
    const reasons = knownDifferences.map(({ why }) => why);
    expect(reasons).toEqual(expect.arrayContaining(Object.keys(report.explained)));
  });
});
