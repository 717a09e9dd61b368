/** A session is judged by what holds now, by both ends, and before a client sends anything. */
import { describe, expect, it } from "vitest";
import {
  acceptAnyCertificate,
  createServerConnection,
  prepareClient,
} from "../../src/connection/index.ts";
import { noble, type Provider, type PublicKeyInfo } from "../../src/crypto/index.ts";
import type { PeerQuestion } from "../../src/handshake/index.ts";
import {
  CertificateCache,
  createDevelopmentCa,
  createTrustStore,
  issueCrl,
  parseCrl,
  type Revoked,
} from "../../src/identity/index.ts";
import { policies } from "../../src/policy/index.ts";
import { type ErrorCode, TlsError } from "../../src/registry/index.ts";
import { Rotating, rotatingTrust } from "../../src/rotation/index.ts";
import { joinInMemory, joinInMemoryAsync } from "../../src/connection/pair.ts";
import { anyProvider, clientOptions, connect, makeEnds, serverOptions } from "../support/ends.ts";
import {
  ca as authority,
  clientCredential,
  serverCredential,
  testTime,
  trust,
} from "../support/identities.ts";
import { intercept } from "../support/interceptor.ts";
import {
  type Client,
  clockAt,
  days,
  helloOf,
  isResumed,
  resumable,
  seconds,
  type Server,
  sessionFrom,
  sessionsFrom,
  typesBy,
} from "../support/sessions.ts";

const other = createDevelopmentCa({ provider: noble, algorithm: "ed448", now: testTime });

describe("a client with a session", () => {
  const early: Server = { earlyData: { maxSize: 100, replayGuard: { firstUse: () => true } } };
  const server = resumable(early);
  const session = sessionFrom(server);
  const { chain } = serverCredential;
  const listOf = (...revoked: Revoked[]) =>
    parseCrl(
      issueCrl({
        issuer: authority.certificate,
        signingKey: authority.privateKey,
        revoked,
        number: 1 + revoked.length,
        thisUpdate: testTime - seconds,
        nextUpdate: testTime + days,
        provider: anyProvider,
      }).der,
    );
  const none = listOf();
  const revoking = listOf({ serialNumber: chain[0]!.serialNumber, revokedAt: testTime - seconds });

  /** What has changed since the session began, and why a full handshake is refused then. */
  const changes: readonly [string, Client, ErrorCode][] = [
    ["its root is not trusted", { trust: createTrustStore([other.certificate]) }, "unknown_ca"],
    ["it was revoked", { revocation: { crls: [revoking] } }, "certificate_revoked"],
    [
      "its chain is not what the policy asks for",
      { policy: { ...policies.compatible, name: "strict", chains: "post-quantum" } },
      "insufficient_security",
    ],
    [
      "its signature is not what the policy asks for",
      { policy: { ...policies.compatible, name: "strict", signatures: ["mldsa65"] } },
      "insufficient_security",
    ],
    [
      "the caller's verifier says no",
      {
        verifyServer: () => {
          throw new TlsError("certificate_revoked", "since yesterday");
        },
      },
      "certificate_revoked",
    ],
  ];

  it.each(changes)(
    "does not go on with a server where %s, nor sends early data",
    (_, now, code) => {
      const common = { psks: [session], earlyData: "safe-to-replay" as const };
      const same = intercept({}, common, server);
      expect(isResumed(same)).toBe(true);
      expect(helloOf(same).extensions.early_data).toBe(true);
      const between = intercept({}, { ...common, ...now }, server);
      const { extensions } = helloOf(between);
      expect([extensions.pre_shared_key, extensions.early_data]).toEqual([undefined, undefined]);
      expect(between.client.error?.code ?? between.server.error?.code).toBe(
        code === "insufficient_security" && between.client.error?.code === "peer_alert"
          ? "peer_alert"
          : code,
      );
    },
  );

  it("goes on where all is as it was, and asks no signature again", () => {
    const revocation = { crls: [none] };
    const cache = new CertificateCache();
    const first = sessionFrom(server, { revocation, cache });
    let verified = 0;
    const signatures = Object.fromEntries(
      Object.entries(anyProvider.signatures).map(([name, algorithm]) => [
        name,
        {
          ...algorithm,
          verifier: (key: PublicKeyInfo) => {
            const verify = algorithm.verifier(key);
            return (...given: Parameters<typeof verify>) => {
              verified++;
              return verify(...given);
            };
          },
        },
      ]),
    ) as unknown as Provider["signatures"];
    const provider = { ...anyProvider, signatures };
    const again = connect({ psks: [first], revocation, cache, provider }, server);
    expect([isResumed(again), verified]).toEqual([true, 0]);
    // Even without a cache, what the session remembers is enough
    const plain = connect({ psks: [session], provider }, server);
    expect([isResumed(plain), verified]).toEqual([true, 0]);
    expect(isResumed(connect({ provider }, server))).toBe(false);
    expect(verified).toBeGreaterThan(0);
  });

  it("asks nobody twice what cannot have changed, and heeds what has", () => {
    const roots = new Rotating(trust, { overlap: 0, now: () => testTime });
    const clock = clockAt();
    const make = prepareClient(clientOptions({ trust: rotatingTrust(roots), now: clock.read }));
    const timed = { ...server, now: clock.read };
    const first = make();
    const { client: events } = joinInMemory(first, createServerConnection(serverOptions(timed)));
    const psks = events.flatMap((event) => (event.type === "session" ? [event.session] : []));
    const resumes = (name?: string) => {
      const own = { psks, ...(name === undefined ? {} : { serverName: name }) };
      const client = make(own);
      joinInMemory(client, createServerConnection(serverOptions(timed)));
      return client;
    };
    expect(resumes().negotiated?.peer?.verified).toBe(first.negotiated?.peer?.verified);
    clock.now = chain[0]!.notAfter + seconds;
    expect(resumes().error?.code).toBe("certificate_expired");
    clock.now = testTime;
    roots.replace(createTrustStore([other.certificate]));
    expect(resumes().error?.code).toBe("unknown_ca");
    roots.replace(trust);
    expect(resumes().negotiated?.resumed).toBe(true);
  });

  it("asks its verifier about the very certificate, before it says a word", () => {
    const questions: PeerQuestion[] = [];
    const verifyServer = (question: PeerQuestion) => {
      questions.push(question);
      return { chain: question.chain, vouchedBy: "the test" };
    };
    const between = intercept({}, { psks: [session], verifyServer }, server);
    expect(isResumed(between)).toBe(true);
    expect(questions).toMatchObject([{ resumed: true, usage: "server", name: "server.example" }]);
    expect(questions[0]!.chain[0]!.der).toEqual(chain[0]!.der);
    expect(between.client.negotiated?.peer?.vouchedBy).toBe("the test");
  });

  it("waits for a verifier that takes its time", async () => {
    const verifyServer = async ({ chain: presented }: PeerQuestion) => ({
      chain: presented,
      vouchedBy: "the test",
    });
    const ends = makeEnds({ psks: [session], verifyServer }, server);
    await joinInMemoryAsync(ends.client, ends.server);
    expect(isResumed(ends)).toBe(true);
  });

  it("ends no later than the certificate that it was known by", () => {
    const clock = clockAt(chain[0]!.notAfter - 60 * seconds);
    const timed = { now: clock.read };
    const last = sessionFrom(resumable(timed), timed);
    expect(last.origin?.lifetime).toBe(60);
    clock.now = chain[0]!.notAfter - seconds + 1;
    expect(sessionsFrom(resumable(timed), timed)).toEqual([]);
    // Whoever verifies by other rules has no longer ones
    const anyone = { ...timed, verifyServer: acceptAnyCertificate };
    clock.now = chain[0]!.notAfter - 60 * seconds;
    expect(sessionFrom(resumable(timed), anyone).origin?.lifetime).toBe(60);
  });
});

describe("a server with a session", () => {
  const client: Client = { credentials: [clientCredential] };
  const asks: Server = { clientAuthentication: "require" };

  it.each([
    [
      "its policy",
      { policy: { ...policies.compatible, name: "x", chains: "post-quantum" as const } },
    ],
    ["its roots", { trust: createTrustStore([other.certificate]) }],
  ])("goes back to a full handshake when %s changed", (_, change) => {
    const server = resumable(asks);
    const psks = [sessionFrom(server, client)];
    expect(isResumed(connect({ ...client, psks }, server))).toBe(true);
    const between = intercept({}, { ...client, psks }, { ...server, ...change });
    expect(between.server.state).toBe("failed");
    expect(typesBy("server", between)).toContain("certificate_request");
  });

  it("gives none that outlives the client's certificate", () => {
    const { notAfter } = clientCredential.chain[0]!;
    const clock = clockAt(notAfter - 60 * seconds);
    const timed = { now: clock.read };
    const server = resumable({ ...asks, ...timed });
    const anyone = { ...client, ...timed, verifyServer: acceptAnyCertificate };
    expect(sessionFrom(server, anyone).origin?.lifetime).toBe(60);
    clock.now = notAfter;
    expect(sessionsFrom(server, anyone)).toEqual([]);
  });
});
