import { describe, expect, it } from "vitest";
import { createNoble } from "../../../src/crypto/index.ts";
import { createNative } from "../../../src/crypto/native.ts";
import { runPlan } from "../../../src/lab/adversary/attack.ts";
import { PlanError, readPlan } from "../../../src/lab/plan/schema.ts";
import { readTrace, type Trace } from "../../../src/lab/trace/trace.ts";
import { wireFacts } from "../../../src/lab/trace/wire-facts.ts";
import { decodeMessage, messageType, type MessageType } from "../../../src/messages/index.ts";
import type { Role } from "../../../src/schedule/index.ts";
import { toHex } from "../../../src/wire/index.ts";
import { thrownBy } from "../../support/errors.ts";

const json = (plan: object): string => JSON.stringify({ name: "a", ...plan });

const messagesOf = <T extends MessageType>(trace: Trace, role: Role, type: T) =>
  readTrace(trace).flatMap((item) =>
    item.kind === "message" && item.from === role && messageType(item.raw) === type
      ? [decodeMessage(type, item.raw).body]
      : [],
  );

describe("a plan", () => {
  it("is read as it was written", () => {
    const plan = {
      name: "one",
      both: { groups: ["x25519"], suites: ["TLS_AES_256_GCM_SHA384"], alpn: ["h2"] },
      client: { shares: ["x25519"], policy: { retry: "never" } },
      server: { tickets: "sealed", credential: "ecdsa", earlyData: 100 },
      earlier: { clockOffset: -1000 },
    };
    expect(readPlan(JSON.stringify(plan))).toEqual(plan);
  });

  it.each([
    ["{", /^not JSON/],
    ["[]", /^the plan: expected an object/],
    ["{}", /^name: expected text, got nothing/],
    [json({ name: "../a" }), /^name: expected letters/],
    [json({ steps: [] }), /^steps: expected no such member/],
    [
      json({ both: { groups: ["x25518"] } }),
      /^both\.groups\[0\]: expected one of .*, got "x25518"/,
    ],
    [json({ client: { early: 1 } }), /^client\.early: expected no such member, got 1/],
    [json({ server: { policy: { refuse: [1] } } }), /^server\.policy\.refuse\[0\]: expected/],
    [json({ server: { chain: ["ed25519"] } }), /^server\.chain: /],
    [json({ server: { chain: ["ed25519", "ML-KEM-768"] } }), /^server\.chain: .*certify nothing/],
    [json({ server: { chain: ["rsa", "ed25519"] } }), /^server\.chain\[0\]: expected one of/],
    [json({ both: { authKem: false } }), /^both\.authKem: /],
    [json({ earlier: false }), /^earlier: expected true, or an object, got false/],
  ])("is refused with its place: %s", (text, reason) => {
    expect(thrownBy(PlanError, () => readPlan(text)).message).toMatch(reason);
  });
});

describe.each([
  ["noble", createNoble],
  ["native", createNative],
] as const)("a plan that is run on %s", (_, makeProvider) => {
  const run = (plan: object, seed = "one") => runPlan(readPlan(json(plan)), { makeProvider, seed });

  it("leads to what it says, and leaves a trace that says so", () => {
    const { client, server, trace } = run({
      both: { groups: ["SecP256r1MLKEM768"], suites: ["TLS_CHACHA20_POLY1305_SHA256"] },
      server: { credential: "ecdsa", clientAuthentication: "require" },
    });
    expect([client.outcome, server.outcome]).toEqual(["open", "open"]);
    expect(wireFacts(readTrace(trace))).toEqual({
      version: "TLS 1.3",
      cipherSuite: "TLS_CHACHA20_POLY1305_SHA256",
      group: "SecP256r1MLKEM768",
      serverSignature: "ecdsa_secp256r1_sha256",
      clientSignature: "ed25519",
      retried: false,
      resumed: false,
      earlyData: "not offered",
    });
  });

  it("shows a chain of the keys that it names, and trusts its root", () => {
    const { client, trace } = run({ server: { chain: ["ML-DSA-65", "ed448", "secp384r1"] } });
    expect(client.outcome).toBe("open");
    expect(wireFacts(readTrace(trace)).serverSignature).toBe("mldsa65");
    const [certificate] = messagesOf(trace, "server", "certificate");
    // The root is not sent
    expect(certificate?.certificateList).toHaveLength(2);
  });

  it("authenticates by keys that encapsulate where both ends take them, and else not", () => {
    const server = { chain: ["ML-KEM-768", "ed25519"], clientAuthentication: "require" };
    const both = run({ both: { authKem: true }, server });
    expect([both.client.outcome, both.server.outcome]).toEqual(["open", "open"]);
    for (const role of ["client", "server"] as const) {
      expect(messagesOf(both.trace, role, "kem_encapsulation")).toHaveLength(1);
    }
    expect(run({ server }).client.outcome).not.toBe("open");
  });

  it("resumes what came earlier, with early data", () => {
    const { trace, server } = run({
      both: { groups: ["x25519"], earlyData: 1000 },
      server: { tickets: true },
      earlier: true,
    });
    expect(wireFacts(readTrace(trace))).toMatchObject({ resumed: true, earlyData: "accepted" });
    expect(server.data).toBe(1);
  });

  it("is the same bytes for the same seed, and others for another", () => {
    const bytes = (seed: string) =>
      run({ both: { groups: ["x25519"] } }, seed).trace.events.map((event) =>
        event.kind === "bytes" ? toHex(event.bytes) : event.kind,
      );
    expect(bytes("one")).toEqual(bytes("one"));
    expect(bytes("two")).not.toEqual(bytes("one"));
  });
});
