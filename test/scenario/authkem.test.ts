/** Authentication by KEM: draft-celi-wiggers-tls-authkem-07. */
import { describe, expect, it } from "vitest";
import { kemSchemes, noble } from "../../src/crypto/index.ts";
import { createDevelopmentCa, type KemCredential } from "../../src/identity/index.ts";
import { decodeMessage, encodeMessage } from "../../src/messages/index.ts";
import { SignatureScheme } from "../../src/registry/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { connect } from "../support/ends.ts";
import { ca, clientCredential, serverCredential, serverName } from "../support/identities.ts";
import { drop, edit, intercept, type Interceptor, type Side } from "../support/interceptor.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";
import {
  type Client,
  isResumed,
  resumable,
  type Server,
  sessionFrom,
  typesBy,
} from "../support/sessions.ts";

const kemServer = ca.issueKem({ names: [serverName] });
const kemClient = ca.issueKem({ names: ["client@example.org"], usage: "client" });
const stranger = ca.issueKem({ names: [serverName] });

const byKem: [Client, Server] = [{ authKem: {} }, { credentials: [kemServer] }];
const mutual: [Client, Server] = [
  { authKem: {}, credentials: [kemClient] },
  { credentials: [kemServer], authKem: {}, clientAuthentication: "require" },
];
/** The certificate of one, and the key of another. */
const impostor = (real: KemCredential, own: KemCredential): KemCredential => ({
  ...real,
  decapsulator: own.decapsulator,
});

const sectionOf = (part: string): string => `draft-celi-wiggers-tls-authkem-07 §${part}`;
const isOpen = ({ client, server }: Interceptor): boolean =>
  client.state === "open" && server.state === "open";
const sizeOf = ({ messages }: Interceptor, by: Side, type: string): number =>
  messages.find((each) => each.by === by && each.type === type)!.raw.length;

describe("a server by KEM", () => {
  it("is proven: who it is, by what, and in which order", () => {
    const between = intercept({}, ...byKem);
    expect(isOpen(between)).toBe(true);
    expect(between.client.negotiated).toMatchObject({
      authentication: "kem",
      peerSignatureScheme: "kem_mlkem768",
      signatureScheme: undefined,
    });
    expect(between.client.negotiated?.peer?.verified?.leaf.der).toEqual(kemServer.chain[0]!.der);
    expect(between.server.negotiated).toMatchObject({
      authentication: "kem",
      signatureScheme: "kem_mlkem768",
      peer: undefined,
    });
    expect(between.messages.map(({ by, type }) => `${by} ${type}`)).toEqual([
      "client client_hello",
      "server server_hello",
      "server encrypted_extensions",
      "server certificate",
      "client kem_encapsulation",
      "client finished",
      "server finished",
    ]);
    // 1088 bytes of ciphertext, three of lengths, four of header
    expect(sizeOf(between, "client", "kem_encapsulation")).toBe(1095);
    const key = kemServer.chain[0]!.publicKey.key.length;
    expect(key + sizeOf(between, "client", "kem_encapsulation") - 7).toBe(2272);
  });

  it("and both ends have the same exporter, data flows, and a session is left that is resumed", () => {
    const server = resumable(byKem[1]);
    const { client: one, server: other, events } = connect(byKem[0], server);
    const secrets = [one, other].map((end) =>
      end.exportKeyingMaterial("EXPERIMENTAL", new Uint8Array(), 32),
    );
    expect(secrets[0]).toEqual(secrets[1]);
    expect(events.client.some(({ type }) => type === "session")).toBe(true);
    const session = sessionFrom(server, byKem[0]);
    const resumed = intercept({}, { ...byKem[0], psks: [session] }, server);
    expect(isResumed(resumed)).toBe(true);
    expect(resumed.client.negotiated).not.toHaveProperty("authentication");
    expect(resumed.client.negotiated?.peerSignatureScheme).toBe("kem_mlkem768");
  });

  it.each(kemSchemes)("$name", ({ name, keyType }) => {
    const credential = ca.issueKem({ names: [serverName], algorithm: keyType as "x25519" });
    const between = intercept({}, { authKem: { schemes: [name] } }, { credentials: [credential] });
    expect(between.client.negotiated?.peerSignatureScheme).toBe(name);
    expect(isOpen(between)).toBe(true);
  });

  it("after a HelloRetryRequest", () => {
    const [client, server] = byKem;
    const between = intercept(
      {},
      { ...client, groups: ["x25519", "secp256r1"] },
      { ...server, groups: ["secp256r1"] },
    );
    expect(between.client.negotiated).toMatchObject({ retried: true, authentication: "kem" });
  });

  it.each([
    ["SHA-384", { suites: ["TLS_AES_256_GCM_SHA384"] }],
    ["compressed certificates are no other", { middleboxCompatibility: false }],
  ])("%s", (_, special) => {
    expect(isOpen(intercept({}, { ...byKem[0], ...special }, { ...byKem[1], ...special }))).toBe(
      true,
    );
  });

  it("a client that did not ask for it is never shown such a key", () => {
    const between = intercept({}, {}, { credentials: [kemServer] });
    expectRefused(between, "server", { code: "no_common_signature_scheme" });
    const both = intercept({}, {}, { credentials: [kemServer, serverCredential] });
    expect(both.client.negotiated).not.toHaveProperty("authentication");
    expect(isOpen(both)).toBe(true);
  });

  it("the server's order decides where it has both", () => {
    const first = intercept({}, byKem[0], { credentials: [kemServer, serverCredential] });
    expect(first.client.negotiated?.authentication).toBe("kem");
    const second = intercept({}, byKem[0], { credentials: [serverCredential, kemServer] });
    expect(second.client.negotiated?.peerSignatureScheme).toBe("ed25519");
    expect(isOpen(second)).toBe(true);
  });
});

describe.each(providers)("with $name", ({ provider }) => {
  it("both ends by KEM", () => {
    const made = createDevelopmentCa({
      provider,
      now: Date.UTC(2026, 10, 2),
      algorithm: "ed25519",
    });
    const credential = made.issueKem({ names: [serverName] });
    const special = { provider, trust: undefined } as unknown as Client;
    const client = made.issueKem({ names: ["c@example.org"], usage: "client" });
    const between = intercept(
      {},
      { ...special, ...mutual[0], credentials: [client], verifyServer: ({ chain }) => ({ chain }) },
      {
        ...(special as unknown as Server),
        ...mutual[1],
        credentials: [credential],
        verifyClient: ({ chain }) => ({ chain }),
      },
    );
    expect(isOpen(between)).toBe(true);
    expect(between.server.negotiated?.peerSignatureScheme).toBe("kem_mlkem768");
    expect(between.client.negotiated?.backends.verification).toBe(
      provider.kems["ML-KEM-768"].backend,
    );
  });
});

describe("a client by KEM", () => {
  it("costs a round trip, and is known then", () => {
    const between = intercept({}, ...mutual);
    expect(isOpen(between)).toBe(true);
    expect(between.server.negotiated?.peer?.verified?.leaf.der).toEqual(kemClient.chain[0]!.der);
    expect(between.client.negotiated?.signatureScheme).toBe("kem_mlkem768");
    expect(between.messages.slice(2).map(({ by, type }) => `${by} ${type}`)).toEqual([
      "server encrypted_extensions",
      "server certificate_request",
      "server certificate",
      "client kem_encapsulation",
      "client certificate",
      "server kem_encapsulation",
      "client finished",
      "server finished",
    ]);
    const request = between.messages.find(({ type }) => type === "certificate_request")!;
    const { extensions } = decodeMessage("certificate_request", request.raw).body;
    expect(extensions.signature_algorithms).toEqual(kemSchemes.map(({ code }) => code));
    // Certificates are signed all the same
    expect(extensions.signature_algorithms_cert).toContain(SignatureScheme.ed25519);
  });

  it("may decline, unless the server insists; a key that signs is none here", () => {
    for (const credentials of [[], [clientCredential]]) {
      const [client, server] = [{ ...mutual[0], credentials }, mutual[1]];
      const asked = intercept({}, client, { ...server, clientAuthentication: "request" });
      expect(isOpen(asked)).toBe(true);
      expect(asked.server.negotiated?.peer).toBeUndefined();
      expect(asked.client.negotiated?.signatureScheme).toBeUndefined();
      const required = intercept({}, client, server);
      expectRefusedAndTold(required, "server", { code: "certificate_required" });
    }
  });

  it("shows no such key to a server that signs", () => {
    const between = intercept({}, mutual[0], {
      credentials: [serverCredential],
      clientAuthentication: "request",
      authKem: {},
    });
    expect(isOpen(between)).toBe(true);
    expect(between.server.negotiated?.peer).toBeUndefined();
  });

  it("a server that says nothing of what it takes says so itself", () => {
    const { authKem: _, ...server } = mutual[1];
    expectRefused(intercept({}, mutual[0], server), "server", { code: "misuse" });
  });
});

describe("who is not who the certificate names", () => {
  it("an impostor of the server reads nothing, and writes nothing that is read", () => {
    const [client] = byKem;
    const between = intercept({}, client, { credentials: [impostor(kemServer, stranger)] });
    // The client's Finished is under keys that the impostor has not
    expectRefused(between, "server", { code: "bad_record_mac" });
    expect(between.client.state).toBe("failed");
    expect(between.client.error?.code).toBe("bad_record_mac");
    expect(between.client.negotiated).toBeUndefined();
  });

  it("an impostor of the client neither", () => {
    const client = { ...mutual[0], credentials: [impostor(kemClient, stranger)] };
    const between = intercept({}, client, mutual[1]);
    expectRefused(between, "server", { code: "bad_finished", where: "finished.verifyData" });
    expect(between.server.negotiated).toBeUndefined();
  });

  it("what was encapsulated to another key is nothing to the server", () => {
    const other = noble.kems["ML-KEM-768"].encapsulate(stranger.chain[0]!.publicKey.key);
    const change = edit("kem_encapsulation", (body) => {
      body.encapsulation = other.ciphertext;
    });
    const between = intercept({ client: { kem_encapsulation: change } }, ...byKem);
    expectRefused(between, "server", { code: "bad_record_mac" });
    expect(between.client.state).toBe("failed");
  });
});

describe("KEMEncapsulation", () => {
  it("dropped: nothing else is taken in its place", () => {
    const between = intercept({ client: { kem_encapsulation: drop } }, ...byKem);
    expect(between.server.state).not.toBe("open");
    expect(between.client.state).not.toBe("open");
    expect(between.server.error?.code).toBe("bad_record_mac");
  });

  it("doubled", () => {
    const between = intercept({ client: { kem_encapsulation: (raw) => [raw, raw] } }, ...byKem);
    expect(isOpen(between)).toBe(false);
    expect(between.server.error?.code).toMatch(/unexpected_message|bad_record_mac/);
  });

  it("doubled in one record: keys change behind it", () => {
    const between = intercept(
      {
        client: {
          kem_encapsulation: (raw, outlet) => {
            const twice = new Uint8Array(2 * raw.length);
            twice.set(raw);
            twice.set(raw, raw.length);
            outlet.record(22, twice);
            return [];
          },
        },
      },
      ...byKem,
    );
    expectRefused(between, "server", { code: "unexpected_message" });
  });

  it("replayed of another connection", () => {
    const earlier = intercept({}, ...byKem).messages.find(
      ({ type }) => type === "kem_encapsulation",
    )!;
    const between = intercept({ client: { kem_encapsulation: () => [earlier.raw] } }, ...byKem);
    expectRefused(between, "server", { code: "bad_record_mac" });
    expect(between.client.state).toBe("failed");
  });

  it.each([
    ["shorter", 1087],
    ["longer", 1089],
    ["empty", 0],
  ])("%s than a ciphertext", (_, length) => {
    const change = edit("kem_encapsulation", (body) => {
      body.encapsulation = new Uint8Array(length);
    });
    const between = intercept({ client: { kem_encapsulation: change } }, ...byKem);
    expectRefused(between, "server", {
      code: "illegal_parameter",
      where: "kem_encapsulation.encapsulation",
      section: sectionOf("4.2"),
    });
  });

  it("with another certificate's context", () => {
    const change = edit("kem_encapsulation", (body) => {
      body.certificateRequestContext = Uint8Array.of(1);
    });
    const between = intercept({ client: { kem_encapsulation: change } }, ...byKem);
    expectRefused(between, "server", {
      code: "illegal_parameter",
      where: "kem_encapsulation.certificateRequestContext",
      section: sectionOf("4.2"),
    });
    const towards = intercept({ server: { kem_encapsulation: change } }, ...mutual);
    expectRefused(towards, "client", { code: "illegal_parameter" });
  });

  it("in a handshake of RFC 9846 is out of order, at either end", () => {
    const message = encodeMessage("kem_encapsulation", {
      certificateRequestContext: new Uint8Array(0),
      encapsulation: new Uint8Array(1088),
    });
    const put = (raw: Uint8Array) => [message, raw];
    const toServer = intercept({ client: { finished: put } }, { authKem: {} });
    expectRefusedAndTold(toServer, "server", { code: "unexpected_message" });
    const toClient = intercept({ server: { certificate_verify: put } }, { authKem: {} });
    expectRefusedAndTold(toClient, "client", { code: "unexpected_message" });
  });

  it("a CertificateVerify is none here", () => {
    const verify = encodeMessage("certificate_verify", {
      algorithm: SignatureScheme.ed25519,
      signature: new Uint8Array(64),
    });
    const between = intercept({ server: { finished: () => [verify] } }, ...byKem);
    expectRefused(between, "client", { code: "unexpected_message" });
  });
});

describe("a downgrade", () => {
  it("from AuthKEM to signatures: whoever takes the code points out has other keys than the client", () => {
    const strip = edit("client_hello", ({ extensions }) => {
      extensions.signature_algorithms = extensions.signature_algorithms!.filter(
        (code) => code < 0xfe00,
      );
    });
    const credentials = [kemServer, serverCredential];
    const between = intercept({ client: { client_hello: strip } }, byKem[0], { credentials });
    expectRefused(between, "client", { code: "bad_record_mac" });
    expect(typesBy("server", between)).toContain("certificate_verify");
    // With the code points of its own there is nothing to find out
    const whole = intercept({}, byKem[0], { credentials });
    expect(typesBy("server", whole)).not.toContain("certificate_verify");
    expect(isOpen(whole)).toBe(true);
  });

  it("of the suite before Finished comes to nothing: the two have other keys", () => {
    const weaken = edit("client_hello", (hello) => {
      hello.cipherSuites = hello.cipherSuites.toReversed();
    });
    const suites = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"];
    const server = { ...byKem[1], suites, suitePreference: "client" as const };
    const between = intercept(
      { client: { client_hello: weaken } },
      { ...byKem[0], suites },
      server,
    );
    expectRefused(between, "client", { code: "bad_record_mac" });
    expect(isOpen(intercept({}, { ...byKem[0], suites }, server))).toBe(true);
  });
});

describe("data before the server has proved itself", () => {
  it("is not written, unless the caller says so; then only the right server reads it", () => {
    const waits = intercept({ server: { finished: drop } }, ...byKem);
    expect(waits.server.state).toBe("open");
    expect(waits.client.state).toBe("handshaking");
    expect(waits.client.canWrite).toBe(false);
    const eager = intercept(
      { server: { finished: drop } },
      { authKem: { writeBeforeFinished: true } },
      byKem[1],
    );
    expect(eager.client.canWrite).toBe(true);
    eager.client.write(utf8("first"));
    eager.run();
    expect(eager.events.server).toContainEqual({ type: "data", data: utf8("first"), early: false });
    expect(eager.client.negotiated).toBeUndefined();
  });

  it("is not read: the client has no key for it", () => {
    const between = intercept(
      {
        server: {
          finished: (raw, outlet) => {
            outlet.record(23, utf8("too early"));
            return [raw];
          },
        },
      },
      ...byKem,
    );
    expectRefused(between, "client", { code: "unexpected_message" });
    expect(between.events.client.some(({ type }) => type === "data")).toBe(false);
  });

  it.each([
    [{ policy: "compatible" as const }, "`policy` has decided"],
    [{ authorize: () => true as never }, "`authorize` has decided"],
    [{ earlyData: "safe-to-replay" as const }, "cannot be told apart"],
  ])("is refused as an option together with %j", (special, message) => {
    expect(() =>
      intercept({}, { ...special, authKem: { writeBeforeFinished: true } }, byKem[1]),
    ).toThrow(message);
  });

  it("Finished of the server is checked", () => {
    const flip = (raw: Uint8Array) => {
      const copy = raw.slice();
      copy[10]! ^= 1;
      return [copy];
    };
    const ofServer = intercept({ server: { finished: flip } }, ...byKem);
    expectRefused(ofServer, "client", { code: "bad_finished", where: "finished.verifyData" });
    const ofClient = intercept({ client: { finished: flip } }, ...byKem);
    expectRefused(ofClient, "server", { code: "bad_finished", where: "finished.verifyData" });
  });
});

describe("a policy", () => {
  it("that wants ML-KEM authentication by name gets it, or nothing", () => {
    const policy = {
      name: "kem",
      versions: ["TLS 1.3" as const],
      suites: "any" as const,
      groups: "any" as const,
      order: "as-given" as const,
      signatures: ["kem_mlkem768", "ed25519"],
      chains: "any" as const,
      retry: "any" as const,
      resumption: "any" as const,
      fallback: "any" as const,
      refuse: [],
    };
    const between = intercept({}, { ...byKem[0], policy }, byKem[1]);
    expect(between.client.negotiated?.peerSignatureScheme).toBe("kem_mlkem768");
    const x25519 = ca.issueKem({ names: [serverName], algorithm: "x25519" });
    const other = intercept({}, { ...byKem[0], policy }, { credentials: [x25519] });
    expectRefused(other, "server", { code: "no_common_signature_scheme" });
  });
});
