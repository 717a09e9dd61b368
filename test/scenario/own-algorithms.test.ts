/** Suites and signature schemes of the caller's own, through whole handshakes. */
import { describe, expect, it } from "vitest";
import { clientConfig } from "../../src/connection/client-config.ts";
import {
  defineScheme,
  defineSuite,
  extendProvider,
  noble,
  type Scheme,
  type SignatureAlgorithm,
} from "../../src/crypto/index.ts";
import {
  createCredential,
  createCsr,
  createDevelopmentCa,
  createTrustStore,
  encodePem,
  issueCrl,
  parseCertificate,
  parseCsr,
  parsePrivateKey,
  verifyChain,
  verifyCsr,
} from "../../src/identity/index.ts";
import { providers } from "../crypto/providers.ts";
import { connect } from "../support/ends.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { serverName, testTime } from "../support/identities.ts";
import { intercept } from "../support/interceptor.ts";
import { ownAlgorithm, ownHash, ownOid, ownScheme, ownSuite } from "../support/own-parts.ts";
import { expectRefused } from "../support/refusal.ts";
import { resumable, sessionFrom } from "../support/sessions.ts";

describe.each(providers)("with $name", ({ provider }) => {
  const authority = createDevelopmentCa({ provider, algorithm: ownScheme, now: testTime });
  const server = authority.issue({ names: [serverName] });
  const trust = createTrustStore([authority.certificate]);
  const accepting = { provider, trust, schemes: [ownScheme] };
  const presenting = { provider, credentials: [server] };

  describe("a suite of one's own", () => {
    const suites = [ownSuite];

    it("protects a connection with its AEAD and its hash", () => {
      const { client, server: other } = connect({ provider, suites }, { provider, suites });
      expect(client.negotiated?.cipherSuite).toBe("TLS_AES_256_GCM_SIV_SHA3_256");
      expect(client.negotiated?.backends).toMatchObject({
        aead: "of one's own",
        hash: "of one's own",
      });
      expect(other.state).toBe("open");
    });

    it("resumes sessions, whose binders are by its hash", () => {
      const ticketing = resumable({ provider, suites });
      const session = sessionFrom(ticketing, { provider, suites });
      expect(session.hash).toBe(ownHash.name);
      const { client } = connect({ provider, suites, psks: [session] }, ticketing);
      expect(client.negotiated?.resumed).toBe(true);
    });

    it("has sessions that nobody can offer who does not have its hash", () => {
      const session = sessionFrom(resumable({ provider, suites }), { provider, suites });
      const { client } = connect({ provider, psks: [session] }, { provider });
      expect(client.error).toMatchObject({ code: "misuse", detail: { received: "sha3-256" } });
    });

    it("is no suite for who does not list it", () => {
      const ends = intercept({}, { provider, suites }, { provider });
      expectRefused(ends, "server", { code: "no_common_cipher_suite" });
    });
  });

  describe("a scheme of one's own", () => {
    it("signs certificate and handshake, with keys of its own type", () => {
      const { client } = connect(accepting, presenting);
      expect(client.negotiated).toMatchObject({
        peerSignatureScheme: ownScheme.name,
        backends: { verification: "of one's own" },
      });
      const [leaf] = server.chain;
      expect(leaf?.publicKey.type).toBe(ownOid);
      expect(leaf?.signatureAlgorithm).toBe(ownOid);
    });

    it.each([true, false])(
      "is post-quantum if it says so: %s, also where a session goes on",
      (postQuantum) => {
        const schemes = [defineScheme({ ...ownScheme, postQuantum })];
        const client = { provider, trust, schemes };
        const ticketing = { ...resumable({ provider }), ...presenting };
        const psks = [sessionFrom(ticketing, client)];
        for (const ends of [connect(client, ticketing), connect({ ...client, psks }, ticketing)]) {
          expect(ends.client.negotiated?.postQuantumAuthentication).toBe(postQuantum);
          expect(ends.server.negotiated?.postQuantumAuthentication).toBe(false);
        }
      },
    );

    it("authenticates clients too, in the handshake and after it", () => {
      const credentials = [authority.issue({ names: ["c@example.org"], usage: "client" })];
      const both = connect(
        { ...accepting, credentials },
        { ...presenting, trust, schemes: [ownScheme], clientAuthentication: "require" },
      );
      expect(both.server.negotiated?.peerSignatureScheme).toBe(ownScheme.name);
      const later = intercept(
        {},
        { ...accepting, credentials, postHandshakeAuthentication: true },
        { ...presenting, trust, schemes: [ownScheme] },
      );
      later.server.requestCertificate();
      later.run();
      expect(later.events.server.at(-1)).toMatchObject({
        type: "peer",
        peer: { chain: credentials[0]!.chain },
      });
    });

    it("signs for a raw public key", () => {
      const { signer, privateKey } = server;
      const rawPublicKey = server.chain[0]!.publicKey;
      expect(privateKey.type).toBe(ownOid);
      const { client } = connect(
        {
          provider,
          schemes: [ownScheme],
          trustedKeys: [rawPublicKey.spki],
          certificateTypes: ["RawPublicKey"],
        },
        { provider, credentials: [{ chain: [], signer, rawPublicKey }] },
      );
      expect(client.negotiated?.peer?.rawPublicKey?.type).toBe(ownOid);
    });

    it("may stand over a type of key that has a name", () => {
      const scheme = defineScheme({
        name: "ed25519_again",
        code: 0xfe78,
        algorithm: "ed25519",
        postQuantum: false,
      });
      const ca = createDevelopmentCa({ provider, algorithm: scheme, now: testTime });
      const { client } = connect(
        {
          provider,
          trust: createTrustStore([ca.certificate]),
          schemes: [scheme],
          certificateSchemes: ["ed25519"],
        },
        { provider, credentials: [ca.issue({ names: [serverName] })] },
      );
      expect(client.negotiated?.peerSignatureScheme).toBe("ed25519_again");
    });

    it("is refused by who does not list it, at the server first", () => {
      const ends = intercept({}, { provider, trust }, presenting);
      expectRefused(ends, "server", {
        code: "no_common_signature_scheme",
        section: "RFC 9846 §4.5.1.2",
      });
    });

    it("has keys that nobody takes who brings no scheme for them", () => {
      const liar = { ...ownScheme, code: 0x0807 };
      const { chain } = server;
      const sign = (_: Scheme, message: Uint8Array) => server.signer.sign(ownScheme, message);
      const credentials = [{ chain, signer: { ...server.signer, schemes: [liar], sign } }];
      const ends = intercept({}, { provider, trust }, { provider, credentials });
      expectRefused(ends, "client", {
        code: "unsupported_certificate",
        where: "certificate.certificateList[0]",
      });
    });

    it("is refused where the signature is another's", () => {
      const { chain } = server;
      const { signer } = authority.issue({ names: [serverName] });
      const ends = intercept({}, accepting, { provider, credentials: [{ chain, signer }] });
      expectRefused(ends, "client", { code: "bad_signature" });
    });

    it("is refused where a certificate of the chain has a signature that is another's", () => {
      const stranger = createDevelopmentCa({ provider, algorithm: ownScheme, now: testTime });
      const ends = intercept(
        {},
        { ...accepting, trust: createTrustStore([stranger.certificate]) },
        presenting,
      );
      expect(
        expectRefused(ends, "client", { code: ends.client.error?.code ?? "internal" }).alert,
      ).toMatch(/unknown_ca|bad_certificate/);
    });

    const withAlgorithm = (change: Partial<SignatureAlgorithm>): Scheme =>
      defineScheme({ ...ownScheme, algorithm: { ...ownAlgorithm, ...change } });

    it("that answers with a promise lets nobody in", () => {
      const later = withAlgorithm({
        verifier: () => () => Promise.resolve(true) as unknown as boolean,
      });
      const { client } = connect(
        { ...accepting, schemes: [later], verifyServer: ({ chain }) => ({ chain }) },
        presenting,
      );
      expect(client.error).toMatchObject({ code: "misuse" });
      expect(client.error?.message).toContain("does not answer");
    });

    it("whose signer gives rubbish is refused before the rubbish is sent", () => {
      const rubbish = {
        ...server,
        signer: { ...server.signer, sign: () => "signed" as unknown as Uint8Array },
      };
      const ends = intercept({}, accepting, { provider, credentials: [rubbish] });
      expect(ends.server.error).toMatchObject({
        code: "misuse",
        detail: { expected: "a Uint8Array of at most 65535 bytes", received: "string" },
      });
      expect(ends.messages.some(({ type }) => type === "certificate_verify")).toBe(false);
    });

    it("whose signer does not fit its verifier makes no credential", () => {
      const wrong = withAlgorithm({ signer: () => () => new Uint8Array(64) });
      const input = { certificates: server.chain, privateKey: server.privateKey, provider };
      expect(createCredential({ ...input, schemes: [ownScheme] }).signer.schemes).toEqual([
        ownScheme,
      ]);
      expect(tlsErrorOf(() => createCredential({ ...input, schemes: [wrong] })).code).toBe(
        "misuse",
      );
    });
  });

  describe("certificates with keys of one's own", () => {
    const extended = extendProvider(provider, { schemes: [ownScheme] });
    const [leaf] = server.chain;
    const question = {
      chain: server.chain,
      trust,
      usage: "server",
      name: serverName,
      now: testTime,
    } as const;

    it("are verified by a provider that has the algorithm, and by no other", () => {
      expect(verifyChain({ ...question, provider: extended }).leaf).toBe(leaf);
      expect(tlsErrorOf(() => verifyChain({ ...question, provider }))).toMatchObject({
        code: "unsupported_certificate",
      });
      const signatures = ["ed25519"] as const;
      expect(
        tlsErrorOf(() => verifyChain({ ...question, provider: extended, signatures })).message,
      ).toContain("an algorithm that is not accepted");
    });

    it("go through PEM and PKCS#8", () => {
      const { privateKeyPem, privateKey } = server;
      expect(parsePrivateKey(privateKeyPem)).toEqual(privateKey);
      expect(parseCertificate(leaf!.der).publicKey).toEqual(leaf!.publicKey);
      expect(encodePem("PRIVATE KEY", privateKey.pkcs8)).toBe(privateKeyPem);
    });

    it("are asked for, and revoked", () => {
      const { privateKey } = server;
      const request = parseCsr(
        createCsr({
          subject: { CN: serverName },
          publicKey: leaf!.publicKey,
          privateKey,
          provider: extended,
        }).der,
      );
      expect(() => verifyCsr(request, extended)).not.toThrow();
      expect(tlsErrorOf(() => verifyCsr(request, provider)).code).toBe("unsupported_certificate");
      const list = issueCrl({
        issuer: authority.certificate,
        signingKey: authority.privateKey,
        number: 1,
        thisUpdate: testTime - 1000,
        nextUpdate: testTime + 1000,
        revoked: [{ serialNumber: leaf!.serialNumber, revokedAt: testTime - 1000 }],
        provider: extended,
      });
      const revocation = { crls: [list] };
      expect(
        tlsErrorOf(() => verifyChain({ ...question, provider: extended, revocation })).code,
      ).toBe("certificate_revoked");
    });
  });
});

describe("values that clash", () => {
  const asking = (options: object) => () =>
    clientConfig({ verifyServer: ({ chain }) => ({ chain }), ...options }, noble);

  it.each<[string, object, RegExp]>([
    [
      "a suite at a registered code point",
      { suites: [defineSuite({ ...ownSuite, code: 0x1301 })] },
      /has the code point 0x1301 of TLS_AES_128_GCM_SHA256 among the suites; take another name, and a code point of private use: 0xff00 to 0xffff/,
    ],
    [
      "a scheme at a registered code point",
      { schemes: [defineScheme({ ...ownScheme, code: 0x0807 })] },
      /has the code point 0x807 of ed25519 among the signature schemes/,
    ],
    [
      "a scheme with a registered name",
      { certificateSchemes: [defineScheme({ ...ownScheme, name: "ed25519" })] },
      /ed25519 has the name of ed25519/,
    ],
    [
      "a group at a registered code point",
      { groups: [{ name: "mine", code: 0x001d, kems: ["x25519"] }] },
      /has the code point 0x1d of x25519 among the groups/,
    ],
    [
      "two schemes of one code point, in two lists",
      { schemes: [ownScheme], certificateSchemes: [defineScheme({ ...ownScheme, name: "other" })] },
      /other has the code point 0xfe77 of reversed25519/,
    ],
    [
      "a suite that was never defined",
      { suites: [{ ...ownSuite, recordLimit: undefined }] },
      /recordLimit/,
    ],
    [
      "a scheme that cannot be",
      { schemes: [{ ...ownScheme, keyType: "ed25519" }] },
      /takes keys of type/,
    ],
    [
      "a group without a KEM",
      { groups: [{ name: "mine", code: 0xfe00, kems: [] }] },
      /it has no KEM/,
    ],
  ])("%s is refused", (_, options, message) => {
    expect(asking(options)).toThrow(RangeError);
    expect(asking(options)).toThrow(message);
  });

  it("are told from values that do not", () => {
    expect(asking({ suites: [ownSuite], schemes: [ownScheme], groups: ["x25519"] })).not.toThrow();
  });
});
