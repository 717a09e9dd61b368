/** A server that promises post-quantum certificates is kept to it: draft-sheffer-tls-pqc-continuity-02. */
import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../../src/connection/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { defaultContinuityType } from "../../src/extensions/index.ts";
import { MemoryContinuityCache } from "../../src/handshake/index.ts";
import {
  createDevelopmentCa,
  createTrustStore,
  issueCertificate,
  KeyPurpose,
} from "../../src/identity/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { newKey } from "../support/delegation.ts";
import { ca, serverCredential, serverName, testTime } from "../support/identities.ts";
import { edit, intercept, type Interceptor } from "../support/interceptor.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";
import { days, type Server } from "../support/sessions.ts";

const pqCa = createDevelopmentCa({ provider: noble, algorithm: "ML-DSA-44", now: testTime });
const postQuantum = pqCa.issue({ names: [serverName] });
/** A classical key, signed by a post-quantum authority. */
const halfway = pqCa.issue({ names: [serverName], algorithm: "ed25519" });
/** Post-quantum keys in both certificates, the upper of which a classical authority signed. */
const underClassical = chainUnder("a post-quantum authority");
/** The same, where the classical authority has the name of its successor, as one that certifies its own next key. */
const underOwnName = chainUnder("a classical root");

function chainUnder(name: string) {
  const [top, upper, own] = [newKey("ed25519"), newKey("ML-DSA-44"), newKey("ML-DSA-44")];
  const common = { notBefore: testTime, notAfter: testTime + days, provider: noble };
  const root = issueCertificate({
    ...common,
    subject: { CN: "a classical root" },
    signingKey: top.privateKey,
    publicKey: top.publicKey,
    ca: {},
  });
  const issuer = issueCertificate({
    ...common,
    subject: { CN: name },
    issuer: root,
    signingKey: top.privateKey,
    publicKey: upper.publicKey,
    ca: {},
  });
  const leaf = issueCertificate({
    ...common,
    subject: { CN: serverName },
    issuer,
    signingKey: upper.privateKey,
    publicKey: own.publicKey,
    names: { dns: [serverName] },
    extendedKeyUsage: [KeyPurpose.serverAuth],
  });
  return { root, credential: { chain: [leaf, issuer], signer: own.signer } };
}
const roots = [pqCa.certificate, ca.certificate, underClassical.root, underOwnName.root];
const trust = createTrustStore(roots);
const day = 86_400;
const key = `0x${defaultContinuityType.toString(16)}` as const;
const section = "draft-sheffer-tls-pqc-continuity-02";

const meet = (
  cache: MemoryContinuityCache,
  server: Server,
  client: Partial<ClientOptions> = {},
  rules: Parameters<typeof intercept>[0] = {},
): Interceptor => intercept(rules, { trust, pqcContinuity: { cache }, ...client }, server);
const promising = (period = day): Server => ({
  credentials: [postQuantum],
  pqcCommitment: { period },
});
const isOpen = ({ client, server }: Interceptor) =>
  client.state === "open" && server.state === "open";
const saidIn = ({ messages }: Interceptor): Uint8Array | undefined => {
  const { raw } = messages.find(({ type }) => type === "certificate")!;
  return decodeMessage("certificate", raw).body.certificateList[0]!.extensions[key];
};
const held = (): MemoryContinuityCache => {
  const cache = new MemoryContinuityCache();
  expect(isOpen(meet(cache, promising()))).toBe(true);
  return cache;
};

describe("a promise", () => {
  it("is asked for, given, and kept under the name of the server", () => {
    const cache = new MemoryContinuityCache();
    const between = meet(cache, promising());
    const { extensions } = decodeMessage("client_hello", between.messages[0]!.raw).body;
    expect(extensions[key]).toEqual(new Uint8Array(0));
    expect(saidIn(between)).toEqual(Uint8Array.of(0, 1, 0x51, 0x80));
    expect(cache.recall(serverName)).toEqual({ until: testTime + day * 1000, scheme: "mldsa44" });
    expect(isOpen(meet(cache, promising()))).toBe(true);
  });

  it("is none without a client that asks, and without a chain that keeps it", () => {
    const silent = intercept({}, { trust }, promising());
    expect(isOpen(silent)).toBe(true);
    expect(saidIn(silent)).toBeUndefined();
    const half = [halfway, underClassical.credential, underOwnName.credential];
    for (const credential of [serverCredential, ...half]) {
      const cache = new MemoryContinuityCache();
      const between = meet(cache, { ...promising(), credentials: [credential] });
      expect(isOpen(between)).toBe(true);
      expect(saidIn(between)).toEqual(new Uint8Array(0));
      expect(cache.recall(serverName)).toBeUndefined();
    }
    const plain = meet(new MemoryContinuityCache(), { credentials: [postQuantum] });
    expect(saidIn(plain)).toBeUndefined();
    expect(isOpen(plain)).toBe(true);
  });

  it("grows, and does not shrink; zero ends it; a client believes no longer than it likes", () => {
    const cache = held();
    meet(cache, promising(2 * day));
    const long = testTime + 2 * day * 1000;
    expect(cache.recall(serverName)?.until).toBe(long);
    meet(cache, promising(60));
    expect(cache.recall(serverName)?.until).toBe(long);
    meet(cache, promising(0));
    expect(cache.recall(serverName)).toBeUndefined();
    const careful = new MemoryContinuityCache();
    meet(careful, promising(2 * day), { pqcContinuity: { cache: careful, longest: 60, key: "a" } });
    expect(careful.recall("a")?.until).toBe(testTime + 60_000);
    expect(careful.recall(serverName)).toBeUndefined();
  });

  it("of which a handshake that fails says nothing", () => {
    const cache = new MemoryContinuityCache();
    const flip = (raw: Uint8Array) => {
      const copy = raw.slice();
      copy[8]! ^= 1;
      return [copy];
    };
    const between = meet(cache, promising(), {}, { server: { finished: flip } });
    expectRefused(between, "client", { code: "bad_finished" });
    expect(cache.recall(serverName)).toBeUndefined();
  });

  it("holds in AuthKEM, too", () => {
    const cache = new MemoryContinuityCache();
    const kem = pqCa.issueKem({ names: [serverName] });
    const between = meet(cache, { ...promising(), credentials: [kem] }, { authKem: {} });
    expect(isOpen(between)).toBe(true);
    expect(cache.recall(serverName)?.scheme).toBe("kem_mlkem768");
    const x25519 = pqCa.issueKem({ names: [serverName], algorithm: "x25519" });
    const weak = meet(cache, { ...promising(), credentials: [x25519] }, { authKem: {} });
    expectRefusedAndTold(weak, "client", { code: "certificate_unknown" });
  });
});

describe("a promise that is broken", () => {
  it.each([
    ["a classical chain", serverCredential],
    ["a classical key in a post-quantum chain", halfway],
    ["a key that a classical root certified as its own next one", underOwnName.credential],
  ])("%s is refused while it holds, and taken after", (_, credential) => {
    const cache = held();
    for (const pqcCommitment of [undefined, { period: day }]) {
      const server = { credentials: [credential], ...(pqcCommitment && { pqcCommitment }) };
      const between = meet(cache, server);
      expectRefusedAndTold(between, "client", {
        code: "certificate_unknown",
        where: "certificate.certificateList",
        section: `${section} §3.2`,
      });
    }
    expect(cache.recall(serverName)).toBeDefined();
    const { events } = meet(cache, { credentials: [credential] });
    expect(events.client).toContainEqual(
      expect.objectContaining({
        finding: expect.objectContaining({ kind: "commitment-broken", severity: "alarm" }),
      }),
    );
    const later = () => testTime + day * 1000;
    expect(isOpen(meet(cache, { credentials: [credential] }, { now: later }))).toBe(true);
    expect(
      isOpen(
        meet(cache, { credentials: [credential] }, { pqcContinuity: { cache, key: "other" } }),
      ),
    ).toBe(true);
  });

  it("is found out by its own words", () => {
    const claim = edit("certificate", ({ certificateList }) => {
      certificateList[0]!.extensions = { [key]: Uint8Array.of(0, 0, 0, 1) };
    });
    const between = meet(
      new MemoryContinuityCache(),
      { credentials: [serverCredential] },
      {},
      { server: { certificate: claim } },
    );
    expectRefusedAndTold(between, "client", { code: "certificate_unknown" });
  });

  it("a client that could take nothing else than classical schemes does not begin", () => {
    const between = meet(held(), promising(), { schemes: ["ed25519"] });
    expect(between.client.error).toMatchObject({
      code: "misuse",
      detail: { section: `${section} §3.5` },
    });
    expect(between.messages).toEqual([]);
  });
});

describe("what is said must be well formed", () => {
  it.each([1, 3, 5])("%i bytes of a server", (length) => {
    const change = edit("certificate", ({ certificateList }) => {
      certificateList[0]!.extensions = { [key]: new Uint8Array(length) };
    });
    const between = meet(
      new MemoryContinuityCache(),
      promising(),
      {},
      { server: { certificate: change } },
    );
    expectRefusedAndTold(between, "client", {
      code: "malformed",
      where: `certificate.certificateList[0].extensions.${key}`,
    });
  });

  it("a client says nothing in it", () => {
    const change = edit("client_hello", ({ extensions }) => {
      extensions[key] = new Uint8Array(1);
    });
    const between = meet(
      new MemoryContinuityCache(),
      promising(),
      {},
      { client: { client_hello: change } },
    );
    expectRefused(between, "server", {
      code: "malformed",
      where: `client_hello.extensions.${key}`,
    });
  });

  it("beside the leaf alone", () => {
    const second = edit("certificate", ({ certificateList }) => {
      certificateList.push({
        certData: pqCa.certificate.der,
        extensions: { [key]: new Uint8Array(4) },
      });
    });
    const between = meet(
      new MemoryContinuityCache(),
      promising(),
      {},
      { server: { certificate: second } },
    );
    expectRefusedAndTold(between, "client", {
      code: "illegal_parameter",
      where: `certificate.certificateList[1].extensions.${key}`,
      section: `${section} §3.3`,
    });
  });

  it("to a client that asked for it", () => {
    const add = edit("certificate", ({ certificateList }) => {
      certificateList[0]!.extensions = { [key]: new Uint8Array(4) };
    });
    const between = intercept(
      { server: { certificate: add } },
      { trust },
      { credentials: [postQuantum] },
    );
    expectRefusedAndTold(between, "client", { code: "unsupported_extension" });
  });
});

describe("its options", () => {
  const cache = new MemoryContinuityCache();

  it("take any number that is nobody's, the same at both ends", () => {
    const own = new MemoryContinuityCache();
    const between = meet(
      own,
      { ...promising(), pqcCommitment: { period: day, type: 0xff77 } },
      { pqcContinuity: { cache: own, type: 0xff77 } },
    );
    expect(isOpen(between)).toBe(true);
    expect(own.recall(serverName)).toBeDefined();
  });

  it.each([
    [{ pqcContinuity: { cache, type: 43 } }, "is that of supported_versions"],
    [{ pqcContinuity: { cache, longest: 0 } }, "longest"],
    [{ pqcContinuity: {} as never }, "cache"],
    [{ pqcContinuity: { cache }, serverName: undefined as never }, "whose promise is it?"],
  ])("refuse %j", (client, message) => {
    expect(() => intercept({}, client, {})).toThrow(message);
  });

  it("a cache holds as many servers as it is told", () => {
    const small = new MemoryContinuityCache({ capacity: 1 });
    small.remember("a", { until: 1, scheme: undefined });
    small.remember("b", { until: 1, scheme: undefined });
    expect([small.recall("a"), small.recall("b")?.until]).toEqual([undefined, 1]);
    expect(() => new MemoryContinuityCache({ capacity: 0 })).toThrow("capacity");
  });
});
