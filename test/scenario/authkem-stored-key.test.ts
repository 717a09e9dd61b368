/** AuthKEM where the client knows the server's key before: draft-wiggers-tls-authkem-psk-05. */
import { describe, expect, it } from "vitest";
import type { StoredKey } from "../../src/handshake/index.ts";
import {
  createDevelopmentCa,
  issueCertificate,
  type KemCredential,
} from "../../src/identity/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { MemoryContinuityCache } from "../../src/handshake/index.ts";
import { policies } from "../../src/policy/index.ts";
import { providers } from "../crypto/providers.ts";
import { connect } from "../support/ends.ts";
import { ca, serverCredential, serverName, testTime } from "../support/identities.ts";
import { drop, edit, intercept, type Interceptor } from "../support/interceptor.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";
import {
  type Client,
  resumable,
  type Server,
  sessionFrom,
  isResumed,
} from "../support/sessions.ts";

const kemServer = ca.issueKem({ names: [serverName] });
const kemClient = ca.issueKem({ names: ["client@example.org"], usage: "client" });
const stranger = ca.issueKem({ names: [serverName] });

const knowing = (storedKey: StoredKey = kemServer): Client => ({ authKem: { storedKey } });
const known: [Client, Server] = [knowing(), { credentials: [kemServer] }];
const mutual: [Client, Server] = [
  { authKem: { storedKey: kemServer, presentEarly: true }, credentials: [kemClient] },
  { credentials: [kemServer], authKem: {}, clientAuthentication: "require" },
];
const impostor = (real: KemCredential, own: KemCredential): KemCredential => ({
  ...real,
  decapsulator: own.decapsulator,
});
const draft = (part: string): string => `draft-wiggers-tls-authkem-psk-05 §${part}`;
const isOpen = ({ client, server }: Interceptor): boolean =>
  client.state === "open" && server.state === "open";
const wayOf = ({ messages }: Interceptor): string[] =>
  messages.map(({ by, type }) => `${by} ${type}`);

describe("a server whose key is known", () => {
  it("shows nothing, and is proven a round trip earlier", () => {
    const between = intercept({}, ...known);
    expect(isOpen(between)).toBe(true);
    expect(wayOf(between)).toEqual([
      "client client_hello",
      "server server_hello",
      "server encrypted_extensions",
      "server finished",
      "client finished",
    ]);
    expect(between.client.negotiated).toMatchObject({
      authentication: "kem",
      storedKey: true,
      peerSignatureScheme: "kem_mlkem768",
      postQuantumAuthentication: true,
    });
    expect(between.client.negotiated?.peer?.verified?.leaf.der).toEqual(kemServer.chain[0]!.der);
    expect(between.server.negotiated).toMatchObject({
      authentication: "kem",
      storedKey: true,
      signatureScheme: "kem_mlkem768",
      peer: undefined,
    });
  });

  it("and both ends have the same exporter, data flows, and a session is left that counts more", () => {
    const server = resumable(known[1]);
    const { client: one, server: other, events } = connect(known[0], server);
    const secrets = [one, other].map((end) =>
      end.exportKeyingMaterial("EXPERIMENTAL", new Uint8Array(), 32),
    );
    expect(secrets[0]).toEqual(secrets[1]);
    expect(events.client.some(({ type }) => type === "session")).toBe(true);
    const session = sessionFrom(server, known[0]);
    const resumed = intercept({}, { ...known[0], psks: [session] }, server);
    expect(isResumed(resumed)).toBe(true);
    expect(resumed.client.negotiated).not.toHaveProperty("storedKey");
  });

  it("by what an earlier connection says of its peer", () => {
    const first = intercept({}, { authKem: {} }, known[1]).client.negotiated!.peer!;
    expect(intercept({}, knowing(first), known[1]).client.negotiated?.storedKey).toBe(true);
  });

  it("by its raw key, where that is trusted", () => {
    const rawPublicKey = kemServer.chain[0]!.publicKey;
    const client = { ...knowing({ chain: [], rawPublicKey }), trustedKeys: [rawPublicKey.spki] };
    const between = intercept({}, client, known[1]);
    expect(between.client.negotiated).toMatchObject({ storedKey: true });
    expect(isOpen(between)).toBe(true);
    // And where it is not nobody encapsulates to it
    const untrusted = intercept({}, knowing({ chain: [], rawPublicKey }), known[1]);
    expect(wayOf(untrusted)).toContain("server certificate");
    expect(untrusted.client.negotiated).not.toHaveProperty("storedKey");
  });

  it.each([
    ["after a HelloRetryRequest", { groups: ["secp256r1"] }, { groups: ["x25519", "secp256r1"] }],
    [
      "with SHA-384",
      { suites: ["TLS_AES_256_GCM_SHA384"] },
      { suites: ["TLS_AES_256_GCM_SHA384"] },
    ],
    ["with GREASE", {}, { grease: true }],
    ["without the compatibility mode", {}, { middleboxCompatibility: false }],
  ])("%s", (_, server, client) => {
    const between = intercept({}, { ...known[0], ...client }, { ...known[1], ...server });
    expect(isOpen(between)).toBe(true);
    expect(between.client.negotiated?.storedKey).toBe(true);
  });
});

describe.each(providers)("with $name", ({ provider }) => {
  it("both ends, in one round trip", () => {
    const made = createDevelopmentCa({ provider, now: testTime, algorithm: "ed25519" });
    const server = made.issueKem({ names: [serverName] });
    const client = made.issueKem({ names: ["c@example.org"], usage: "client" });
    const verify = ({ chain }: { readonly chain: StoredKey["chain"] }) => ({ chain });
    const between = intercept(
      {},
      {
        provider,
        trust: undefined as never,
        authKem: { storedKey: server, presentEarly: true },
        credentials: [client],
        verifyServer: verify,
      },
      {
        provider,
        trust: undefined as never,
        credentials: [server],
        authKem: {},
        clientAuthentication: "require",
        verifyClient: verify,
      },
    );
    expect(isOpen(between)).toBe(true);
    expect(between.server.negotiated?.peerSignatureScheme).toBe("kem_mlkem768");
  });
});

describe("a client that shows its certificate at once", () => {
  it("is known, and nobody else can read whose it is", () => {
    const between = intercept({}, ...mutual);
    expect(isOpen(between)).toBe(true);
    expect(wayOf(between)).toEqual([
      "client client_hello",
      "client certificate",
      "server server_hello",
      "server encrypted_extensions",
      "server kem_encapsulation",
      "server finished",
      "client finished",
    ]);
    expect(between.server.negotiated?.peer?.verified?.leaf.der).toEqual(kemClient.chain[0]!.der);
    expect(between.client.negotiated?.signatureScheme).toBe("kem_mlkem768");
  });

  it.each([
    ["a server that asks nobody", { clientAuthentication: "none" }],
    ["a server that takes no KEM of clients", { authKem: undefined }],
    ["a server that takes another suite", { suites: ["TLS_CHACHA20_POLY1305_SHA256"] }],
  ] as const)("is nobody to %s", (_, special) => {
    const client = {
      ...mutual[0],
      suites: ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"],
    };
    const server: Server = { ...mutual[1], clientAuthentication: "request", ...special } as Server;
    if ("authKem" in special) delete (server as { authKem?: unknown }).authKem;
    const between = intercept({}, client, server);
    expect(isOpen(between)).toBe(true);
    expect(between.server.negotiated).toMatchObject({ storedKey: true, peer: undefined });
    expect(between.client.negotiated?.signatureScheme).toBeUndefined();
  });

  it("is asked in a full handshake, where the server insists and what was shown was lost", () => {
    const between = intercept(
      {},
      { ...mutual[0], groups: ["x25519", "secp256r1"] },
      { ...mutual[1], groups: ["secp256r1"] },
    );
    expect(isOpen(between)).toBe(true);
    expect(between.server.negotiated).not.toHaveProperty("storedKey");
    expect(between.server.negotiated?.peer?.verified?.leaf.der).toEqual(kemClient.chain[0]!.der);
    expect(wayOf(between)).toContain("server certificate_request");
  });

  it("that shows nothing is asked in a full handshake", () => {
    const client = { ...knowing(), credentials: [kemClient] };
    const between = intercept({}, client, mutual[1]);
    expect(isOpen(between)).toBe(true);
    expect(between.server.negotiated).not.toHaveProperty("storedKey");
    expect(between.server.negotiated?.peer?.verified?.leaf.der).toEqual(kemClient.chain[0]!.der);
  });

  it("is refused if nobody vouches for it, and told why", () => {
    const other = createDevelopmentCa({ provider: noble, now: testTime, algorithm: "ed25519" });
    const credentials = [other.issueKem({ names: ["c@example.org"], usage: "client" })];
    const between = intercept({}, { ...mutual[0], credentials }, mutual[1]);
    expectRefused(between, "server", { code: "unknown_ca" });
    expect(between.client.state).toBe("failed");
  });

  it("is refused with another key than its certificate's", () => {
    const client = { ...mutual[0], credentials: [impostor(kemClient, stranger)] };
    const between = intercept({}, client, mutual[1]);
    // The server's Finished rests on what only the real client could have decapsulated
    expectRefused(between, "client", { code: "bad_finished" });
    expect(between.server.negotiated).toBeUndefined();
  });

  it("may not show an empty list", () => {
    const empty = edit("certificate", (body) => {
      body.certificateList = [];
    });
    const between = intercept({ client: { certificate: empty } }, ...mutual);
    expectRefused(between, "server", { code: "empty_certificate", section: draft("3.1") });
  });
});

describe("a server that cannot go on from there", () => {
  it("does not have the key any more: a full handshake, by the key that it has", () => {
    const between = intercept({}, knowing(stranger), known[1]);
    expect(isOpen(between)).toBe(true);
    expect(wayOf(between)).toContain("client kem_encapsulation");
    expect(between.client.negotiated).toMatchObject({ authentication: "kem" });
    expect(between.client.negotiated).not.toHaveProperty("storedKey");
    expect(between.client.negotiated?.peer?.verified?.leaf.der).toEqual(kemServer.chain[0]!.der);
  });

  it("drops what the client showed, and asks anew", () => {
    const client = { ...mutual[0], authKem: { storedKey: stranger, presentEarly: true } };
    const between = intercept({}, client, mutual[1]);
    expect(isOpen(between)).toBe(true);
    expect(between.messages.filter(({ type }) => type === "certificate")).toHaveLength(3);
    expect(between.server.negotiated?.peer?.verified?.leaf.der).toEqual(kemClient.chain[0]!.der);
  });

  it("signs, if that is all that it can: the client's list decides", () => {
    const between = intercept({}, knowing(), { credentials: [serverCredential] });
    expect(isOpen(between)).toBe(true);
    expect(between.client.negotiated?.peerSignatureScheme).toBe("ed25519");
    const alone = intercept(
      {},
      { ...knowing(), schemes: ["mldsa65"] },
      { credentials: [serverCredential] },
    );
    expectRefused(alone, "server", { code: "no_common_signature_scheme" });
  });

  it("an impostor with another key ends in bad_record_mac", () => {
    const between = intercept({}, known[0], { credentials: [impostor(kemServer, stranger)] });
    expectRefused(between, "client", { code: "bad_record_mac" });
    expect(between.client.negotiated).toBeUndefined();
    expect(between.server.state).toBe("failed");
  });
});

describe("a key that is not believed is not encapsulated to", () => {
  it.each([
    ["of another name", () => ca.issueKem({ names: ["other.example"] })],
    [
      "of an authority that nobody trusts",
      () =>
        createDevelopmentCa({ provider: noble, now: testTime, algorithm: "ed25519" }).issueKem({
          names: [serverName],
        }),
    ],
    ["for clients", () => ca.issueKem({ names: [serverName], usage: "client" })],
  ])("%s", (_, issue) => {
    const between = intercept({}, knowing(issue()), known[1]);
    expect(isOpen(between)).toBe(true);
    expect(between.client.negotiated).not.toHaveProperty("storedKey");
    expect(wayOf(between)).toContain("server certificate");
  });

  it("whose certificate allows another use, whoever vouches for it", () => {
    const odd = issueCertificate({
      subject: { CN: serverName },
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      publicKey: kemServer.chain[0]!.publicKey,
      names: { dns: [serverName] },
      keyUsage: ["keyAgreement"],
      notBefore: testTime,
      notAfter: testTime + 86_400_000,
      provider: noble,
    });
    const credential = { ...kemServer, chain: [odd] };
    const verifyServer: Client["verifyServer"] = ({ chain }) => ({ chain, vouchedBy: "a test" });
    const client = { ...knowing(credential), verifyServer };
    const between = intercept({}, client, { credentials: [credential] });
    expectRefusedAndTold(between, "client", { code: "unsupported_certificate" });
    expect(wayOf(between)).toContain("server certificate");
  });

  it("that has ended", () => {
    const later = { now: () => testTime + 200 * 86_400_000 };
    const between = intercept({}, { ...known[0], ...later }, { ...known[1], ...later });
    expectRefused(between, "client", { code: "certificate_expired" });
    expect(wayOf(between)).toContain("server certificate");
  });

  it("where post-quantum certificates are promised, and it is none", () => {
    const cache = new MemoryContinuityCache();
    cache.remember(serverName, { until: testTime + 1000, scheme: "mldsa65" });
    const between = intercept({}, { ...known[0], pqcContinuity: { cache } }, known[1]);
    expectRefusedAndTold(between, "client", { code: "certificate_unknown" });
  });
});

describe("what is on the way", () => {
  const hello = (change: Parameters<typeof edit<"client_hello">>[1]) => ({
    client: { client_hello: edit("client_hello", change) },
  });
  const serverHello = (change: Parameters<typeof edit<"server_hello">>[1]) => ({
    server: { server_hello: edit("server_hello", change) },
  });

  it("a key that is taken away: the full handshake notices", () => {
    const strip = hello(({ extensions }) => {
      delete extensions.stored_auth_key;
    });
    const between = intercept(strip, ...known);
    expect(isOpen(between)).toBe(false);
    expect(between.client.negotiated).toBeUndefined();
    expect(between.server.negotiated).toBeUndefined();
  });

  it.each([
    [
      "a ciphertext of another length",
      hello(({ extensions }) => {
        extensions.stored_auth_key!.ciphertext = new Uint8Array(1087);
      }),
      { where: "client_hello.extensions.stored_auth_key.ciphertext", section: draft("4.2.1") },
    ],
    [
      "early_auth alone",
      hello(({ extensions }) => {
        delete extensions.stored_auth_key;
        extensions.early_auth = true;
      }),
      { where: "client_hello.extensions.early_auth", section: draft("4.2.2") },
    ],
  ])("%s", (_, rules, place) => {
    const between = intercept(rules, ...known);
    expectRefusedAndTold(between, "server", { code: "illegal_parameter", ...place });
  });

  it("early_auth again after a retry", () => {
    let nth = 0;
    const again = hello(({ extensions }) => {
      if (nth++ > 0) extensions.early_auth = true;
    });
    const between = intercept(
      again,
      { ...known[0], groups: ["x25519", "secp256r1"] },
      { ...known[1], groups: ["secp256r1"] },
    );
    expectRefused(between, "server", { code: "illegal_parameter", section: draft("3.2") });
  });

  it.each([
    [
      "another answer than AcceptedAuthKey",
      serverHello(({ extensions }) => {
        extensions.stored_auth_key = 2;
      }),
      known,
      "illegal_parameter",
    ],
    [
      "early_auth without the key",
      serverHello(({ extensions }) => {
        delete extensions.stored_auth_key;
      }),
      mutual,
      "illegal_parameter",
    ],
    [
      "an answer that was not asked for",
      serverHello(({ extensions }) => {
        extensions.stored_auth_key = 1;
      }),
      [{ authKem: {} }, known[1]] as [Client, Server],
      "unsupported_extension",
    ],
  ] as const)("%s", (_, rules, ends, code) => {
    expectRefused(intercept(rules, ...ends), "client", { code });
  });

  it("a Certificate that is dropped is nothing to go on from", () => {
    const between = intercept({ client: { certificate: drop } }, ...mutual);
    expect(isOpen(between)).toBe(false);
    expect(between.server.state).not.toBe("open");
  });
});

describe("options", () => {
  it.each([
    ["a key that signs", { storedKey: serverCredential }, "must hold a key of type ML-KEM-768"],
    ["no key", { storedKey: { chain: [] } }, "not none"],
    ["a certificate for nobody", { presentEarly: true }, "needs `storedKey`"],
    ["no certificate", { storedKey: kemServer, presentEarly: true }, "createKemCredential"],
    [
      "a key of a scheme that is not taken",
      { storedKey: kemServer, schemes: ["kem_mlkem1024"] },
      "must hold a key of type ML-KEM-1024",
    ],
  ])("%s", (_, authKem, message) => {
    expect(() => connect({ authKem })).toThrow(message);
  });

  it("a key that the policy forbids is refused, and not passed over", () => {
    const storedKey = ca.issueKem({ names: [serverName], algorithm: "x25519" });
    const policy = {
      ...policies["require-post-quantum"],
      name: "by ML-KEM",
      signatures: ["kem_mlkem768", "ed25519"],
    } as const;
    expect(() => connect({ authKem: { storedKey }, groups: ["MLKEM768"], policy })).toThrow(
      "must hold a key of type ML-KEM-768",
    );
    const between = intercept(
      {},
      { ...known[0], groups: ["MLKEM768"], policy },
      { ...known[1], groups: ["MLKEM768"] },
    );
    expect(between.client.negotiated).toMatchObject({ storedKey: true, postQuantum: true });
  });
});
