import { describe, expect, it } from "vitest";
import { namedSchemes } from "../../src/crypto/index.ts";
import type { ClientOptions, ServerOptions } from "../../src/connection/index.ts";
import {
  createDevelopmentCa,
  createTrustStore,
  type Credential,
} from "../../src/identity/index.ts";
import { judgeNegotiated, policies, policyOf } from "../../src/policy/index.ts";
import { MemoryTicketStore, storedTickets } from "../../src/handshake/index.ts";
import { providers } from "../crypto/providers.ts";
import { delegated, delegating } from "../support/delegation.ts";
import { connect } from "../support/ends.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { serverName, testTime } from "../support/identities.ts";

const kindsOf = (events: readonly { readonly type: string }[]): string[] =>
  events.flatMap((event) =>
    event.type === "finding"
      ? [(event as unknown as { finding: { kind: string } }).finding.kind]
      : [],
  );

describe("presets", () => {
  it("are found by name, and a wrong name lists them", () => {
    expect(policyOf("cnsa2")).toBe(policies.cnsa2);
    expect(() => policyOf("strict" as "cnsa2")).toThrow(/strict.*compatible, prefer-post-quantum/);
  });

  it("leave something, or say what they do not leave", () => {
    const policy = "require-post-quantum";
    expect(() => connect({ policy, groups: ["x25519"] })).toThrow(
      new RangeError("the policy require-post-quantum leaves nothing of the groups: x25519"),
    );
    expect(
      connect({ policy, groups: ["x25519", "MLKEM512"] }, { groups: ["MLKEM512"] }).client,
    ).toMatchObject({
      state: "open",
    });
  });
});

describe.each(providers)("a policy with $name", ({ provider }) => {
  const both = (
    client: Partial<ClientOptions>,
    server: Partial<ServerOptions>,
  ): ReturnType<typeof connect> =>
    connect(
      { provider, groups: ["x25519", "X25519MLKEM768"], ...client },
      { provider, groups: ["x25519", "X25519MLKEM768"], ...server },
    );

  it("prefers post-quantum whatever the order, and compatible does not", () => {
    const policy = "prefer-post-quantum";
    expect(both({ policy }, { policy }).client.negotiated).toMatchObject({
      group: "X25519MLKEM768",
      retried: false,
    });
    const plain = both({ policy: "compatible" }, { policy: "compatible", retry: "if-needed" });
    expect(plain.client.negotiated?.group).toBe("x25519");
  });

  it("reports a declined hybrid, and goes on", () => {
    const { client, events } = both({ policy: "prefer-post-quantum" }, { groups: ["x25519"] });
    expect(client.state).toBe("open");
    expect(kindsOf(events.client)).toEqual(["hybrid-declined", "retry-to-weaker"]);
    expect(events.client.at(-1)?.type).toBe("open");
  });

  it("refuses a server without a hybrid where one is required", () => {
    const { client, server } = both({ policy: "require-post-quantum" }, { groups: ["x25519"] });
    expect(server.error?.code).toBe("no_common_group");
    expect(client.state).toBe("failed");
  });

  it("refuses a classical client with insufficient_security (RFC 9846 §6.2)", () => {
    const { client, server } = both({ groups: ["x25519"] }, { policy: "require-post-quantum" });
    expect(server.error).toMatchObject({
      code: "insufficient_security",
      alert: "insufficient_security",
      detail: { rule: "groups", received: "x25519" },
    });
    expect(client.error?.message).toContain("insufficient_security");
  });

  it("does not offer a session with a classical origin", () => {
    const shared = {
      tickets: storedTickets(new MemoryTicketStore(), provider.random),
    };
    const first = both({ groups: ["x25519"] }, shared);
    const sessions = first.events.client.flatMap((event) =>
      event.type === "session" ? [event.session] : [],
    );
    const psks = sessions.slice(0, 1);
    const refused = both({ psks, policy: "require-post-quantum" }, shared);
    expect(refused.client.negotiated).toMatchObject({ resumed: false, postQuantum: true });
    const reported = both({ psks, groups: ["X25519MLKEM768"] }, shared);
    expect(reported.client.negotiated?.resumed).toBe(true);
    expect(kindsOf(reported.events.client)).toEqual(["classical-resumption"]);
  });

  it("does not resume a session with a classical origin on a server either", () => {
    const tickets = storedTickets(new MemoryTicketStore(), provider.random);
    const first = both({ groups: ["x25519"] }, { tickets });
    const [session] = first.events.client.flatMap((event) =>
      event.type === "session" ? [event.session] : [],
    );
    const second = both(
      { psks: [session!], groups: ["X25519MLKEM768"] },
      { tickets, policy: "require-post-quantum" },
    );
    expect(second.server.negotiated).toMatchObject({ resumed: false, postQuantum: true });
  });
});

describe("a policy as judge", () => {
  const policy = {
    ...policies.compatible,
    name: "no ECDSA",
    signatures: ["ed25519"],
    knownSchemes: namedSchemes,
  };

  it("looks at both ends' signatures", () => {
    const negotiated = connect().client.negotiated!;
    expect(() => judgeNegotiated(policy, negotiated)).not.toThrow();
    for (const end of ["signatureScheme", "peerSignatureScheme"]) {
      const error = tlsErrorOf(() =>
        judgeNegotiated(policy, { ...negotiated, [end]: "ecdsa_secp256r1_sha256" }),
      );
      expect(error).toMatchObject({
        code: "insufficient_security",
        detail: { rule: "signatures" },
      });
    }
  });
});

describe("cnsa2", () => {
  const [, { provider }] = providers as [unknown, (typeof providers)[number]];
  const authority = (algorithm: "ML-DSA-87" | "ed25519") =>
    createDevelopmentCa({ provider, algorithm, now: testTime });
  const good = authority("ML-DSA-87");
  const plain = { groups: undefined, suites: undefined } as unknown as Pick<
    ServerOptions,
    "provider"
  >;
  const options = (ca: typeof good, leaf?: "ML-DSA-87") => ({
    client: { ...plain, policy: "cnsa2", trust: createTrustStore([ca.certificate]) } as const,
    server: {
      ...plain,
      groups: ["X25519MLKEM768", "SecP384r1MLKEM1024", "MLKEM1024"],
      credentials: [ca.issue({ names: [serverName], ...(leaf && { algorithm: leaf }) })],
    },
  });

  it("comes to ML-KEM-1024, ML-DSA-87 and AES-256-GCM", () => {
    const { client, server } = options(good);
    const ends = connect(client, server);
    expect(ends.client.negotiated).toMatchObject({
      group: "MLKEM1024",
      cipherSuite: "TLS_AES_256_GCM_SHA384",
      peerSignatureScheme: "mldsa87",
    });
  });

  it("does not sign with what it would not take, and says so when it is made", () => {
    const { client, server } = options(good);
    const classical = authority("ed25519").issue({ names: [serverName] });
    const signing = (...credentials: Credential[]) =>
      connect({ ...client, policy: "compatible" }, { ...server, policy: "cnsa2", credentials });
    expect(() => signing(classical)).toThrow(
      new RangeError("the policy cnsa2 leaves nothing of the signatures: ed25519"),
    );
    // The first would be the default
    const { client: taken, server: given } = signing(classical, ...server.credentials);
    expect(taken.negotiated?.peerSignatureScheme).toBe("mldsa87");
    expect(given.negotiated?.signatureScheme).toBe("mldsa87");
  });

  it("does not sign with a delegated key that it would not take", async () => {
    const name = "ecdsa_secp256r1_sha256";
    const credential = delegating("server");
    const delegation = await delegated(credential, "server");
    const delegatedSchemes = [name];
    const policy = {
      ...policies.compatible,
      name: "no ECDSA",
      signatures: ["ed25519"],
    };
    const scheme = (own: Credential, special: Partial<ServerOptions> = {}) =>
      connect({ delegatedSchemes }, { credentials: [own], ...special }).server.negotiated
        ?.signatureScheme;
    expect(scheme({ ...credential, delegation })).toBe(name);
    expect(scheme({ ...credential, delegation }, { policy })).toBe("ed25519");
    const { chain } = credential;
    expect(scheme({ chain, delegation })).toBe(name);
    expect(() => scheme({ chain, delegation }, { policy })).toThrow(RangeError);
  });

  it("refuses a classical CA above an ML-DSA leaf", () => {
    const { client, server } = options(authority("ed25519"), "ML-DSA-87");
    expect(connect(client, server).client.error).toMatchObject({
      code: "insufficient_security",
      detail: { rule: "chains", received: "a certificate signed with ed25519" },
    });
  });

  it("refuses, as a server, a client that speaks AES-128 only", () => {
    const { client, server } = options(good);
    const ends = connect(
      {
        ...client,
        policy: "compatible",
        suites: ["TLS_AES_128_GCM_SHA256"],
        groups: ["MLKEM1024"],
      },
      { ...server, groups: ["MLKEM1024"], policy: "cnsa2" },
    );
    expect(ends.server.error).toMatchObject({
      code: "insufficient_security",
      detail: { rule: "suites", received: "TLS_AES_128_GCM_SHA256" },
    });
  });
});
