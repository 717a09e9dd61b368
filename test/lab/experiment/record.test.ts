import { describe, expect, it } from "vitest";
import { suites } from "../../../src/crypto/index.ts";
import { groups } from "../../../src/groups/index.ts";
import type { CredentialWithKey, Signer } from "../../../src/identity/index.ts";
import { abridged } from "../../../src/lab/experiment/abridged.ts";
import { checkRecording, checkTimes, floorOf } from "../../../src/lab/experiment/checks.ts";
import { endsOf, type HandshakePlan } from "../../../src/lab/experiment/ends.ts";
import { recordHandshake, type Recording } from "../../../src/lab/experiment/record.ts";
import {
  kemSize,
  merkleProof,
  type SignatureSize,
  signatureSize,
} from "../../../src/lab/sizes/index.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { readTrace } from "../../../src/lab/trace/trace.ts";

const size = (name: string): SignatureSize => signatureSize(name)!;

const plain: HandshakePlan = {
  group: groups.find(({ name }) => name === "X25519MLKEM768")!,
  suite: suites[0]!,
  chain: {
    leaf: size("ed25519"),
    intermediates: [],
    root: size("ed25519"),
    timestamps: [],
    ocsp: false,
    send: "all",
  },
  mutual: false,
  resumed: false,
  earlyData: 0,
  hello: "lean",
  request: 0,
  payload: 0,
};
const withChain = (chain: Partial<HandshakePlan["chain"]>): HandshakePlan => ({
  ...plain,
  chain: { ...plain.chain, ...chain },
});
const operations = (recording: Recording, role: "client" | "server"): string[] =>
  recording.steps[role].flatMap((step) =>
    step.operations.map(({ algorithm, operation }) => `${algorithm} ${operation}`),
  );

describe("a recording", () => {
  it("is the same for the same seed, and another for another", () => {
    const raw = (seed: string) =>
      recordHandshake(plain, seed).sent.flatMap((item) =>
        item.kind === "message" ? [item.raw] : [],
      );
    expect(raw("a")).toEqual(raw("a"));
    expect(raw("a")).not.toEqual(raw("b"));
  });

  it("says what each end computed, and after how many bytes it could", () => {
    const recording = recordHandshake(plain, "a");
    expect(operations(recording, "client")).toEqual([
      "ML-KEM-768 generate",
      "x25519 generate",
      "ML-KEM-768 decapsulate",
      "x25519 decapsulate",
      "ed25519 verify",
      "ed25519 verify",
    ]);
    expect(operations(recording, "server")).toEqual([
      "ML-KEM-768 encapsulate",
      "x25519 encapsulate",
      "ed25519 sign",
    ]);
    const { client, server } = recording.steps;
    expect(server[0]).toMatchObject({ received: client[0]!.write });
    // The shared secret needs no more than the ServerHello
    expect(client[1]!.received).toBeLessThan(server[0]!.write);
    expect(client.at(-1)).toMatchObject({ received: server[0]!.write, mark: "handshake" });
    expect(server.at(-1)).toMatchObject({ received: recording.handshakeBytes.client });
  });

  it("goes on with a request and its answer, in records of the engine's", () => {
    const { steps, handshakeBytes } = recordHandshake(
      { ...plain, request: 100, payload: 20_000 },
      "a",
    );
    // A record has 5 bytes of header, a byte of type and a tag of 16
    expect(steps.client.at(-2)).toMatchObject({ write: 100 + 22, mark: "request" });
    expect(steps.server.at(-1)).toMatchObject({
      received: handshakeBytes.client + 122,
      write: 20_000 + 2 * 22,
    });
    expect(steps.client.at(-1)).toMatchObject({ mark: "response" });
  });

  it("is a trace, in which the request and its answer stand behind the handshake", () => {
    const plan = { ...plain, request: 100, payload: 20_000 };
    const { trace, sent } = recordHandshake(plan, "a");
    expect(recordHandshake(plan, "a").trace).toEqual(trace);
    const items = readTrace(trace);
    expect(items.slice(0, sent.length)).toEqual(sent);
    const data = items
      .slice(sent.length)
      .flatMap((item) => (item.kind === "record" ? [[item.from, item.content?.length]] : []));
    expect(data).toEqual([
      ["client", 100],
      ["server", 16_384],
      ["server", 20_000 - 16_384],
    ]);
  });

  it("of a resumed session has no certificates, and early data in the first flight", () => {
    const recording = recordHandshake({ ...plain, resumed: true, earlyData: 500 }, "a");
    expect(recording.client.negotiated).toMatchObject({ resumed: true, earlyData: "accepted" });
    expect(operations(recording, "client")).not.toContain("ed25519 verify");
    const [first] = recording.steps.client;
    const [same] = recordHandshake({ ...plain, resumed: true }, "a").steps.client;
    expect(first!.write - same!.write).toBeGreaterThan(500);
    const { broken, facts } = checkRecording({ ...plain, resumed: true }, recording);
    expect(broken).toEqual([]);
    // Shares alone: no certificate crossed
    expect(facts.cryptoBytes).toBe(1216 + 1120);
  });

  it("of a retry has two hellos", () => {
    const { client, steps } = recordHandshake({ ...plain, hello: "retry" }, "a");
    expect(client.negotiated?.retried).toBe(true);
    expect(steps.client.filter(({ write }) => write > 0)).toHaveLength(3);
  });

  it("fails as the engine does, with its error", () => {
    const compression = {
      algorithm: 1,
      compress: (data: Uint8Array) => data,
      decompress() {
        throw new Error("damaged");
      },
    };
    expect(() => recordHandshake({ ...plain, compression }, "a")).toThrow(
      expect.objectContaining({ code: "bad_certificate" }),
    );
  });
});

describe("a chain", () => {
  it("has each slot signed with its own algorithm, sizes only among them", () => {
    const plan = withChain({
      leaf: size("Falcon-512"),
      intermediates: [size("mldsa44"), size("Picnic-L1-FS")],
      root: size("ecdsa_secp256r1_sha256"),
    });
    const recording = recordHandshake(plan, "a");
    expect(operations(recording, "client").filter((one) => one.endsWith("verify"))).toEqual([
      "ecdsa_sha256 verify",
      "Picnic-L1-FS verify",
      "ML-DSA-44 verify",
      "Falcon-512 verify",
    ]);
    expect(checkRecording(plan, recording)).toMatchObject({
      broken: [],
      facts: { group: "X25519MLKEM768", signature: "Falcon-512" },
    });
  });

  it("leaves out intermediates that the client has", () => {
    const chain = {
      leaf: size("ed25519"),
      intermediates: [size("mldsa44")],
      root: size("mldsa44"),
    };
    const bytes = (send: "all" | "leaf") => {
      const plan = withChain({ ...chain, send });
      const recording = recordHandshake(plan, "a");
      expect(checkRecording(plan, recording).broken).toEqual([]);
      return recording.handshakeBytes.server;
    };
    expect(bytes("all") - bytes("leaf")).toBeGreaterThan(1312 + 2420);
  });

  it("carries timestamps and a stapled response, each with its signature", () => {
    const without = recordHandshake(plain, "a").handshakeBytes.server;
    const plan = withChain({ timestamps: [size("mldsa44"), size("mldsa44")], ocsp: true });
    const recording = recordHandshake(plan, "a");
    expect(recording.handshakeBytes.server - without).toBeGreaterThan(2 * (47 + 2420) + 64);
    expect(operations(recording, "client").filter((one) => one === "ed25519 verify")).toHaveLength(
      3,
    );
  });

  it("of a Merkle-tree certificate has a proof where a signature would be", () => {
    const plan = withChain({ leaf: size("mldsa44"), root: merkleProof });
    const recording = recordHandshake(plan, "a");
    expect(checkRecording(plan, recording)).toMatchObject({ broken: [] });
    expect(recording.client.negotiated?.peer?.chain[0]?.signature).toHaveLength(736);
  });

  it("is abridged to three bytes for each issuer", () => {
    const chain = { intermediates: [size("mldsa65"), size("mldsa65")], root: size("mldsa65") };
    const plan = withChain(chain);
    const whole = recordHandshake(plan, "a");
    const small = recordHandshake({ ...plan, compression: abridged() }, "a");
    const intermediates = whole.client.negotiated!.peer!.chain.slice(1);
    const saved = intermediates.reduce((sum, { der }) => sum + 3 + der.length + 2 - 3, 0);
    // compressed_certificate has a header of 8 bytes, and both hellos say that it may come
    expect(whole.handshakeBytes.server - small.handshakeBytes.server).toBe(saved - 8);
    expect(checkRecording(plan, small).broken).toEqual([]);
  });

  it("of both ends is there where it is mutual", () => {
    const plan = { ...plain, mutual: true };
    const recording = recordHandshake(plan, "a");
    expect(checkRecording(plan, recording).broken).toEqual([]);
    expect(operations(recording, "client")).toContain("ed25519 sign");
    expect(checkRecording(plan, recordHandshake(plain, "a")).broken).toHaveLength(1);
  });

  it("of SLH-DSA runs, which ends take only where it is asked for", () => {
    const slh = size("slhdsa_sha2_128f");
    const plan = withChain({ leaf: slh });
    const recording = recordHandshake(plan, "a");
    expect(checkRecording(plan, recording)).toMatchObject({
      broken: [],
      facts: { signature: "slhdsa_sha2_128f" },
    });
    expect(operations(recording, "client")).toContain("SLH-DSA-SHA2-128f verify");
  });

  it("of RSA is signed with the laboratory's key", () => {
    const rsa = size("rsa_pss_rsae_sha256");
    const plan = withChain({ leaf: rsa, root: rsa });
    expect(checkRecording(plan, recordHandshake(plan, "a")).broken).toEqual([]);
  });
});

describe("dual chains", () => {
  const second = {
    leaf: size("mldsa44"),
    intermediates: [size("Falcon-512")],
    root: size("mldsa44"),
  };
  const dual = withChain({ second });

  it("are both sent and verified, and both leaves sign", () => {
    const recording = recordHandshake(dual, "a");
    expect(operations(recording, "server").slice(-2)).toEqual(["ed25519 sign", "ML-DSA-44 sign"]);
    expect(operations(recording, "client").filter((one) => one.endsWith("verify"))).toEqual([
      "ed25519 verify",
      "ML-DSA-44 verify",
      "Falcon-512 verify",
      "ed25519 verify",
      "ML-DSA-44 verify",
    ]);
    const exchange = 1216 + 1120;
    const keys = 32 + 1312 + 897;
    expect(checkRecording(dual, recording)).toMatchObject({
      broken: [],
      facts: {
        signature: "ed25519_mldsa44",
        cryptoBytes: exchange + keys + 2 * (64 + 2420) + 666,
      },
    });
  });

  it("take as many bytes as the draft says", () => {
    const one = recordHandshake(plain, "a");
    const both = recordHandshake(dual, "a");
    const added = both.client.negotiated!.peer!.chain.slice(1);
    const alone = recordHandshake({ ...plain, chain: { ...plain.chain, ...second } }, "a");
    const sizeIn = (chain: readonly { readonly der: Uint8Array }[]): number =>
      chain.reduce((sum, { der }) => sum + 3 + der.length + 2, 0);
    // §5.2: three zero bytes between the chains
    expect(sizeIn(added)).toBe(sizeIn(alone.client.negotiated!.peer!.chain) + 3);
    // §5.3: the length of the first signature, and the second
    const expected = sizeIn(added) + 2 + 2420;
    expect(both.handshakeBytes.server - one.handshakeBytes.server).toBe(expected);
    // §5.1: one more code point
    expect(both.handshakeBytes.client - one.handshakeBytes.client).toBe(2);
  });

  it("are verified at both ends where they are mutual", () => {
    const recording = recordHandshake({ ...dual, mutual: true }, "a");
    expect(checkRecording({ ...dual, mutual: true }, recording).broken).toEqual([]);
    expect(operations(recording, "server")).toContain("Falcon-512 verify");
  });

  it("cross no more where a session is resumed", () => {
    const plan = { ...dual, resumed: true };
    const recording = recordHandshake(plan, "a");
    expect(checkRecording(plan, recording).broken).toEqual([]);
    expect(operations(recording, "client").filter((one) => one.endsWith("verify"))).toEqual([]);
  });

  it("leave both leaves as they are where they are abridged", () => {
    const whole = recordHandshake(dual, "a");
    const small = recordHandshake({ ...dual, compression: abridged() }, "a");
    const [, , intermediate] = whole.client.negotiated!.peer!.chain;
    const saved = intermediate!.der.length + 2;
    expect(whole.handshakeBytes.server - small.handshakeBytes.server).toBe(saved - 8);
  });

  it.each([
    ["first", 2],
    ["second", -1],
  ])("are refused where the %s signature is wrong", (_, at) => {
    const { client, server } = endsOf(dual, "a");
    const [credential] = server.credentials as readonly CredentialWithKey[];
    const signer = {
      ...credential!.signer,
      sign(...given: Parameters<Signer["sign"]>) {
        const signature = credential!.signer.sign(...given) as Uint8Array;
        signature[(signature.length + at) % signature.length]! ^= 1;
        return signature;
      },
    };
    const outcome = runHandshake({
      client,
      server: { ...server, credentials: [{ ...credential!, signer }] },
    });
    expect(outcome.error).toMatchObject({ code: "bad_signature" });
  });

  it("are refused where nobody trusts the second", () => {
    const { client, server } = endsOf(dual, "a");
    const others = endsOf(dual, "b").chains.server.credential.chain.slice(1);
    const [credential] = server.credentials as readonly CredentialWithKey[];
    const chain = [credential!.chain[0]!, ...others];
    const outcome = runHandshake({
      client,
      server: { ...server, credentials: [{ ...credential!, chain }] },
    });
    expect(outcome.error).toMatchObject({ code: "unknown_ca" });
  });

  it("are noticed where one was planned, or others", () => {
    const recording = recordHandshake(dual, "a");
    expect(checkRecording(plain, recording).broken.join()).toMatch(/signature.*chain/);
    const other = withChain({ second: { ...second, leaf: size("mldsa65") } });
    expect(checkRecording(other, recording).broken.join()).toMatch(
      /ed25519_mldsa65 with 3375 bytes.*key of 1952/,
    );
    expect(checkRecording(dual, recordHandshake(plain, "a")).broken.join()).toContain(
      "ed25519_mldsa44",
    );
  });
});

describe("the checks of a recording", () => {
  const recording = recordHandshake(plain, "a");

  it("count the bytes of shares, keys and signatures", () => {
    expect(checkRecording(plain, recording)).toEqual({
      broken: [],
      facts: expect.objectContaining({ cryptoBytes: 1216 + 1120 + 32 + 2 * 64 }),
    });
  });

  it.each([
    ["group", { ...plain, group: groups.find(({ name }) => name === "x25519")! }],
    ["signature", withChain({ leaf: size("mldsa44") })],
    ["certificate 0: expected a signature", withChain({ root: size("mldsa44") })],
    ["certificate 0: expected a key", withChain({ leaf: { ...size("ed25519"), publicKey: 33 } })],
    ["chain", withChain({ intermediates: [size("ed25519")] })],
    ["client share", { ...plain, group: { ...plain.group, kems: [kemSize("ML-KEM-1024")!] } }],
    ["signature: a resumed session", { ...plain, resumed: true }],
  ])("notice another %s than was planned", (what, plan) => {
    expect(checkRecording(plan, recording).broken.join("\n")).toContain(what);
  });
});

describe("the checks of times", () => {
  const possible = { floor: 40, rounds: 2, rtt: 20, busy: 3 };

  it.each([
    [[40], []],
    [[43, null], []],
    [[47], []],
    [[39.998], ["latency: 1 of 1 are faster than 40.000 ms, the floor"]],
    [[60], ["rounds: expected 2, took 3.00 round trips"]],
    [[null, 20], ["latency: 1 of 2 are faster than 40.000 ms, the floor"]],
    [[], []],
  ])("of %o find %o", (ms, broken) => {
    expect(checkTimes(ms, possible)).toEqual(broken);
  });

  it("count no rounds where other things than windows decide", () => {
    expect(checkTimes([400], { ...possible, rounds: undefined })).toEqual([]);
  });

  it("have a floor of round trips and of bytes on the wire", () => {
    const link = { delay: 10 };
    const slow = { delay: 10, rate: 1 };
    const bytes = { clientHello: 1000, serverBytes: 2000 };
    expect(floorOf({ up: link, down: link }, bytes, 2)).toBe(40);
    // 1 Mbit/s: a byte takes 8 microseconds, and both flights have to cross
    expect(floorOf({ up: slow, down: slow }, bytes, 2)).toBe(40 + 24);
    expect(floorOf({ up: link, down: link }, bytes, 1)).toBe(20);
    expect(floorOf({ up: link, down: slow }, bytes, 2)).toBe(40 + 16);
    // Jitter shortens a way by what the model draws at most, and never below nothing
    const jittery = (deviation: number, distribution: "normal" | "uniform") => ({
      up: { delay: 10, jitter: { deviation, distribution } },
      down: link,
    });
    expect(floorOf(jittery(1, "normal"), bytes, 2)).toBe(2 * (4 + 10));
    expect(floorOf(jittery(1, "uniform"), bytes, 2)).toBe(2 * (9 + 10));
    expect(floorOf(jittery(5, "normal"), bytes, 2)).toBe(2 * 10);
  });
});
