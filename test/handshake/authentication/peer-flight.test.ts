/** What both ends refuse in Certificate, CertificateVerify and Finished, on the wire. */
import { describe, expect, it } from "vitest";
import type { ClientOptions, ServerOptions } from "../../../src/connection/index.ts";
import {
  algorithmOf,
  type RegisteredScheme,
  knownSchemes,
  noble,
  type Scheme,
  namedSchemes,
  type SignatureName,
} from "../../../src/crypto/index.ts";
import { native } from "../../../src/crypto/native.ts";
import { encodeSignatureAlgorithm } from "../../../src/identity/keys/algorithm.ts";
import { bitString, sequence } from "../../../src/identity/der/der-writer.ts";
import {
  createDevelopmentCa,
  createSigner,
  createTrustStore,
  decodePublicKey,
  issueCertificate,
} from "../../../src/identity/index.ts";
import type {
  Certificate,
  CertificateRequest,
  CertificateVerify,
} from "../../../src/messages/index.ts";
import { certificateVerifyContent } from "../../../src/schedule/index.ts";
import { concat } from "../../../src/wire/index.ts";
import { keyPairOf } from "../../crypto/keys.ts";
import { providers } from "../../crypto/providers.ts";
import { bytesOf } from "../../support/codec.ts";
import {
  ca,
  clientCredential,
  serverCredential,
  serverName,
  testTime,
  trust,
} from "../../support/identities.ts";
import { drop, edit, intercept, type Rule, type Side } from "../../support/interceptor.ts";
import { changed, withBody } from "../../support/raw.ts";
import { expectRefused, expectRefusedAndTold, type Refusal } from "../../support/refusal.ts";

const mutual: [Partial<ClientOptions>, Partial<ServerOptions>] = [
  { credentials: [clientCredential] },
  { clientAuthentication: "require" },
];

/** noble makes no RSA keys. */
const nativeCa = createDevelopmentCa({ provider: native, algorithm: "ed25519", now: testTime });
const schemeNamed = (name: string): RegisteredScheme =>
  knownSchemes.find((entry) => entry.name === name)!;

/** The other end refuses what `by` sends under this rule. */
function refuses(
  by: Side,
  type: "certificate" | "certificate_verify" | "finished",
  rule: Rule,
  refusal: Refusal,
): void {
  const between = intercept({ [by]: { [type]: rule } }, ...mutual);
  expectRefusedAndTold(between, by === "client" ? "server" : "client", refusal);
}

const rsaKey = keyPairOf(native.generateKey("rsa-pss"));
const rsaPssSha256 = namedSchemes.byCode(0x0809)!;
const plainRsa = keyPairOf(native.generateKey("rsa"));

it("two ends authenticate each other", () => {
  const between = intercept({}, ...mutual);
  expect(between.client.negotiated?.peer?.verified?.names).toContain("server.example");
  expect(between.server.negotiated?.peer?.chain[0]?.der).toEqual(clientCredential.chain[0]?.der);
  expect(between.server.negotiated?.peerSignatureScheme).toBe("ed25519");
});

describe.each(["client", "server"] as const)("the certificate of the %s", (by) => {
  const leaf = (by === "client" ? clientCredential : serverCredential).chain[0]!.der;
  const change = (edited: (body: Certificate) => Certificate, refusal: Refusal) =>
    refuses(by, "certificate", edit("certificate", edited), refusal);
  const entry = (certData: Uint8Array, extensions = {}) => ({ certData, extensions });

  // RFC 9846 §4.5.1
  it("comes with an empty context in the handshake", () => {
    change((body) => ({ ...body, certificateRequestContext: bytesOf("01") }), {
      code: "illegal_parameter",
      where: "certificate.certificateRequestContext",
      section: "RFC 9846 §4.5.1",
    });
  });

  it.each([
    ["no bytes of DER", Uint8Array.of(0)],
    ["a truncated certificate", leaf.subarray(0, -1)],
    ["a certificate and more", concat(leaf, Uint8Array.of(0))],
    ["a certificate of the wrong length", changed(leaf, (copy) => (copy[3]! ^= 1))],
  ])("is refused as %s", (_, der) => {
    change((body) => ({ ...body, certificateList: [entry(der)] }), {
      code: "bad_certificate",
      where: /^certificate\.certificateList\[0\]/,
    });
  });

  it("may come with others that cannot be read, if it does not need them", () => {
    const others = [entry(Uint8Array.of(0x30, 0)), entry(leaf.subarray(0, -1))];
    const rule = edit<"certificate">("certificate", (body: Certificate) => ({
      ...body,
      certificateList: [...body.certificateList, ...others],
    }));
    const between = intercept({ [by]: { certificate: rule } }, ...mutual);
    const { error } = by === "client" ? between.server : between.client;
    // The list was taken; that it was changed on its way shows in the signature.
    expect(error?.code).toBe("bad_signature");
    change((body) => ({ ...body, certificateList: [...others, ...body.certificateList] }), {
      code: "bad_certificate",
      where: /^certificate\.certificateList\[0\]/,
    });
  });

  it("is refused with a signature that is wrong", () => {
    const der = changed(leaf, (copy) => (copy[copy.length - 1]! ^= 1));
    change((body) => ({ ...body, certificateList: [entry(der)] }), { code: "bad_certificate" });
  });

  it("is refused with an extension that was not asked for", () => {
    for (const extensions of [
      { "0x2a2a": bytesOf("") },
      { status_request: { statusType: 1, response: bytesOf("3000") } },
      { signed_certificate_timestamp: [bytesOf("aa")] },
    ]) {
      change((body) => ({ ...body, certificateList: [entry(leaf, extensions)] }), {
        code: "unsupported_extension",
        where: /^certificate\.certificateList\[0\]\.extensions\./,
        section: "RFC 9846 §4.3",
      });
    }
  });

  it("is refused with an extension of another message", () => {
    change((body) => ({ ...body, certificateList: [entry(leaf, { "0x0033": bytesOf("") })] }), {
      code: "illegal_parameter",
      where: "certificate.extensions.key_share",
      section: "RFC 9846 §4.3",
    });
  });

  it("is whole, and ends where it ends", () => {
    for (const [hex, where] of [
      ["", "certificate.certificateRequestContext"],
      ["00", "certificate.certificateList"],
      ["00 000005 000000 0000", "certificate.certificateList[0].certData"],
      ["00 000006 000001 05 0001", "certificate.certificateList[0].extensions"],
      ["00 000006 000001 05 0000 00", "certificate"],
    ] as const) {
      refuses(by, "certificate", () => [withBody(11, bytesOf(hex))], {
        code: "malformed",
        alert: "decode_error",
        where,
      });
    }
  });

  it("may have more certificates behind it than are needed", () => {
    const more = edit("certificate", (body) => ({
      ...body,
      certificateList: [...body.certificateList, entry(ca.certificate.der)],
    }));
    const between = intercept({ [by]: { certificate: more } }, ...mutual);
    // Only the transcripts differ now
    expectRefused(between, by === "client" ? "server" : "client", { code: "bad_signature" });
  });

  // RFC 9846 §4.5.2
  it("is followed by CertificateVerify", () => {
    refuses(by, "certificate_verify", drop, {
      code: "unexpected_message",
      section: "RFC 9846 §4",
    });
    refuses(by, "certificate", (raw) => [raw, raw], { code: "unexpected_message" });
  });
});

describe.each(["client", "server"] as const)("the CertificateVerify of the %s", (by) => {
  const change = (edited: (body: CertificateVerify) => CertificateVerify, refusal: Refusal) =>
    refuses(by, "certificate_verify", edit("certificate_verify", edited), refusal);

  // RFC 9846 §4.5.2
  it.each([
    ["a wrong signature", (signature: Uint8Array) => changed(signature, (s) => (s[5]! ^= 1))],
    ["a short signature", (signature: Uint8Array) => signature.subarray(1)],
    ["an empty signature", () => new Uint8Array(0)],
    ["a long signature", (signature: Uint8Array) => concat(signature, Uint8Array.of(0))],
  ])("is refused with %s", (_, edited) => {
    change((body) => ({ ...body, signature: edited(body.signature) }), {
      code: "bad_signature",
      alert: "decrypt_error",
      where: "certificate_verify.signature",
      section: "RFC 9846 §4.5.2",
    });
  });

  it("is refused with a scheme that does not fit the key, is not for handshakes, or is not known", () => {
    // ecdsa_secp256r1_sha256, rsa_pkcs1_sha256, ecdsa_sha1, GREASE
    for (const algorithm of [0x0403, 0x0401, 0x0203, 0x2a2a]) {
      change((body) => ({ ...body, algorithm }), {
        code: "illegal_parameter",
        where: "certificate_verify.algorithm",
        section: "RFC 9846 §4.5.2",
      });
    }
  });

  it.each(providers)(
    "is refused with a hash that the RSASSA-PSS key excludes, by $name",
    ({ provider }) => {
      const { publicKey, privateKey } = rsaKey;
      const certify = (algorithm: SignatureName) =>
        issueCertificate({
          subject: { CN: "limited" },
          issuer: ca.certificate,
          signingKey: ca.privateKey,
          // The same key, limited by the parameters of a signature (RFC 4055 §1.2)
          publicKey: decodePublicKey(
            sequence(encodeSignatureAlgorithm(algorithm), bitString(publicKey.key)),
          ),
          names: { dns: [serverName] },
          notBefore: testTime - 1000,
          notAfter: testTime + 1000,
          provider: native,
        });
      const signer = createSigner(privateKey, native, [rsaPssSha256]);
      const between = (algorithm: SignatureName) => {
        const credentials = [{ chain: [certify(algorithm)], signer }];
        return intercept(
          {},
          { provider, ...(by === "client" ? { credentials } : {}) },
          {
            provider,
            ...(by === "client" ? { clientAuthentication: "require" } : { credentials }),
          },
        );
      };
      const accepted = between("rsa_pss_sha256");
      const { error } = by === "client" ? accepted.server : accepted.client;
      expect(error).toBeUndefined();
      expectRefused(between("rsa_pss_sha512"), by === "client" ? "server" : "client", {
        code: "illegal_parameter",
        where: "certificate_verify.algorithm",
        section: "RFC 9846 §4.5.2",
      });
    },
  );

  // RFC 9846 §4.5.2: the key can do it, the signature is right, and the scheme is one that was offered
  it("is refused with a scheme for another kind of key, by a key that signs the same way", () => {
    const name = "rsa_pss_pss_sha256";
    const claimed = schemeNamed("rsa_pss_rsae_sha256");
    const others = ["rsa_pkcs1_sha256", "rsa_pss_pss_sha256", "ed25519"];
    const schemes = ["rsa_pss_rsae_sha256", ...others.map(schemeNamed).map((each) => each.name)];
    const certificate = issueCertificate({
      subject: { CN: "able" },
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      publicKey: plainRsa.publicKey,
      names: { dns: [serverName] },
      notBefore: testTime - 1000,
      notAfter: testTime + 1000,
      provider: native,
    });
    const between = (scheme: Scheme) => {
      const sign = algorithmOf(scheme, native).signer!(plainRsa.privateKey);
      const signer = {
        backend: "",
        schemes: [claimed],
        sign: (__: Scheme, message: Uint8Array) => sign(message),
      };
      const credentials = [{ chain: [certificate], signer }];
      const rule = edit("certificate_verify", (body) => ({ ...body, algorithm: scheme.code }));
      const own = { provider: native, credentials };
      const verifying = { provider: native, schemes };
      return by === "client"
        ? intercept({ client: { certificate_verify: rule } }, own, {
            ...verifying,
            clientAuthentication: "require",
          })
        : intercept({ server: { certificate_verify: rule } }, verifying, own);
    };
    const accepted = between(claimed);
    const { error } = by === "client" ? accepted.server : accepted.client;
    expect(error).toBeUndefined();
    expectRefused(between(schemeNamed(name)), by === "client" ? "server" : "client", {
      code: "illegal_parameter",
      where: "certificate_verify.algorithm",
      section: "RFC 9846 §4.5.2",
    });
  });

  it("is refused with the signature of the other role, or over another handshake", () => {
    const rule: Rule = (raw) => [raw];
    const first = intercept({ [by]: { certificate_verify: rule } }, ...mutual);
    const stale = first.messages.find(
      (message) => message.by === by && message.type === "certificate_verify",
    )!.raw;
    refuses(by, "certificate_verify", () => [stale], {
      code: "bad_signature",
      alert: "decrypt_error",
    });
  });

  // RFC 9846 §4.5.2: the signature is right, and the scheme still must not be taken
  it.each([
    ["was not offered", "ecdsa_secp256r1_sha256", "ed25519"],
    ["is not for handshakes (RFC 9846 §4.3.3)", "rsa_pkcs1_sha256", "rsa_pss_rsae_sha256"],
  ])("is refused with a scheme that %s, by the key of that scheme", (_, used, offered) => {
    const [scheme, pretended] = [schemeNamed(used), schemeNamed(offered)];
    const issued = nativeCa.issue({
      names: ["server.example"],
      usage: by,
      algorithm: scheme.keyType,
    });
    const sign = algorithmOf(scheme, native).signer!(issued.privateKey);
    const signer = {
      backend: "a liar",
      schemes: [{ ...scheme, code: pretended.code }],
      sign: (_scheme: Scheme, content: Uint8Array) => sign(content),
    };
    const liar = { provider: native, credentials: [{ chain: issued.chain, signer }] };
    const schemes = used === "rsa_pkcs1_sha256" ? ["rsa_pkcs1_sha256", offered] : [offered];
    const judge = {
      provider: native,
      trust: createTrustStore([nativeCa.certificate]),
      schemes,
      certificateSchemes: ["ed25519"],
    };
    const rule = edit("certificate_verify", (body) => ({ ...body, algorithm: scheme.code }));
    const between =
      by === "server"
        ? intercept({ server: { certificate_verify: rule } }, judge, liar)
        : intercept({ client: { certificate_verify: rule } }, liar, {
            ...judge,
            clientAuthentication: "require",
          });
    expectRefusedAndTold(between, by === "client" ? "server" : "client", {
      code: "illegal_parameter",
      where: "certificate_verify.algorithm",
      section: "RFC 9846 §4.5.2",
    });
  });

  // RFC 9846 §4.5.2: the context string says who signs
  it("is refused with a signature over this very transcript in the other role's context", () => {
    const { chain, signer } = by === "client" ? clientCredential : serverCredential;
    const credentials = [
      {
        chain,
        signer: {
          ...signer,
          sign: (scheme: Scheme, content: Uint8Array) =>
            signer.sign(
              scheme,
              certificateVerifyContent(by === "client" ? "server" : "client", content.slice(-32)),
            ),
        },
      },
    ];
    const [client, server] = mutual;
    const between =
      by === "client"
        ? intercept({}, { credentials }, server)
        : intercept({}, client, { ...server, credentials });
    expectRefusedAndTold(between, by === "client" ? "server" : "client", {
      code: "bad_signature",
      alert: "decrypt_error",
      where: "certificate_verify.signature",
      section: "RFC 9846 §4.5.2",
    });
  });

  it("is whole, and ends where it ends", () => {
    for (const hex of ["", "08", "0807", "0807 0002 00", "0807 0001 00 00"]) {
      refuses(by, "certificate_verify", () => [withBody(15, bytesOf(hex))], {
        code: "malformed",
        alert: "decode_error",
        where: /^certificate_verify/,
      });
    }
  });

  it("comes once, and after its certificate", () => {
    refuses(by, "certificate_verify", (raw) => [raw, raw], { code: "unexpected_message" });
    refuses(by, "certificate", drop, { code: "unexpected_message" });
  });
});

describe.each(["client", "server"] as const)("the Finished of the %s", (by) => {
  // RFC 9846 §4.5.3
  it("is refused with any bit changed", () => {
    for (const at of [4, 20, 35]) {
      refuses(by, "finished", (raw) => [changed(raw, (copy) => (copy[at]! ^= 0x80))], {
        code: "bad_finished",
        alert: "decrypt_error",
        where: "finished.verifyData",
        section: "RFC 9846 §4.5.3",
      });
    }
  });

  it.each([0, 12, 31, 33, 48])("is refused with %d bytes", (length) => {
    refuses(by, "finished", () => [withBody(20, new Uint8Array(length))], {
      code: "malformed",
      alert: "decode_error",
      where: "finished.verifyData",
      section: "RFC 9846 §4.5.3",
    });
  });
});

describe("a server's flight", () => {
  // RFC 9846 §4.5.1.3
  it("has a certificate", () => {
    refuses(
      "server",
      "certificate",
      edit("certificate", (body) => ({ ...body, certificateList: [] })),
      {
        code: "empty_certificate",
        alert: "decode_error",
        where: "certificate.certificateList",
        section: "RFC 9846 §4.5.1.3",
      },
    );
  });

  it.each<[string, Partial<Record<string, Rule>>]>([
    ["without a certificate", { certificate: drop, certificate_verify: drop }],
    ["without EncryptedExtensions", { encrypted_extensions: drop }],
    ["with EncryptedExtensions twice", { encrypted_extensions: (raw) => [raw, raw] }],
    ["with the request twice", { certificate_request: (raw) => [raw, raw] }],
    [
      "with a second ServerHello",
      { encrypted_extensions: () => [withBody(2, new Uint8Array(70))] },
    ],
    ["with a ticket", { finished: (raw) => [withBody(4, new Uint8Array(0)), raw] }],
    ["with a KeyUpdate", { finished: (raw) => [withBody(24, Uint8Array.of(0)), raw] }],
    ["with EndOfEarlyData", { encrypted_extensions: () => [withBody(5, new Uint8Array(0))] }],
    ["with a ClientHello", { encrypted_extensions: () => [withBody(1, new Uint8Array(50))] }],
    ["with an unknown message", { encrypted_extensions: () => [withBody(99, new Uint8Array(0))] }],
    ["with HelloRequest", { encrypted_extensions: () => [withBody(0, new Uint8Array(0))] }],
    ["with message_hash", { encrypted_extensions: () => [withBody(254, new Uint8Array(32))] }],
    ["with a compressed certificate", { certificate: () => [withBody(25, new Uint8Array(9))] }],
  ])("is refused %s", (_, server) => {
    const between = intercept({ server }, ...mutual);
    expectRefusedAndTold(between, "client", {
      code: "unexpected_message",
      section: "RFC 9846 §4",
    });
    expect(between.client.error?.detail.expected).toBeDefined();
    expect(between.client.error?.detail.received).toBeDefined();
  });

  it("has the request before the certificate", () => {
    let request: Uint8Array;
    const between = intercept(
      {
        server: {
          certificate_request(raw) {
            request = raw;
            return [];
          },
          certificate: (raw) => [raw, request],
        },
      },
      ...mutual,
    );
    expectRefusedAndTold(between, "client", { code: "unexpected_message" });
  });
});

// RFC 9846 §4.4.2
describe("a CertificateRequest", () => {
  const refuse = (change: (body: CertificateRequest) => CertificateRequest, refusal: Refusal) =>
    expectRefusedAndTold(
      intercept(
        { server: { certificate_request: edit("certificate_request", change) } },
        ...mutual,
      ),
      "client",
      refusal,
    );

  it("has no context within a handshake", () => {
    refuse((body) => ({ ...body, certificateRequestContext: bytesOf("01") }), {
      code: "illegal_parameter",
      where: "certificate_request.certificateRequestContext",
      section: "RFC 9846 §4.4.2",
    });
  });

  it("names signature schemes", () => {
    refuse((body) => ({ ...body, extensions: { certificate_authorities: [bytesOf("3000")] } }), {
      code: "missing_extension",
      where: "certificate_request.extensions.signature_algorithms",
      section: "RFC 9846 §4.4.2",
    });
  });

  it("has no extension of another message", () => {
    refuse((body) => ({ ...body, extensions: { ...body.extensions, "0x0033": bytesOf("") } }), {
      code: "illegal_parameter",
      where: "certificate_request.extensions.key_share",
      section: "RFC 9846 §4.3",
    });
  });

  it("may have extensions that nobody knows", () => {
    const rule = edit("certificate_request", (body) => ({
      ...body,
      extensions: { ...body.extensions, "0x2a2a": bytesOf("") },
    }));
    const between = intercept({ server: { certificate_request: rule } }, ...mutual);
    // Only the transcripts differ now
    expectRefused(between, "client", { code: "bad_signature" });
  });

  it("is answered with an empty list by a client that has no certificate it would take", () => {
    for (const [credentials, schemes] of [
      [[], undefined],
      [[clientCredential], ["ecdsa_secp256r1_sha256"]],
    ] as const) {
      const between = intercept(
        {},
        { credentials },
        { clientAuthentication: "request", ...(schemes && { schemes }) },
      );
      expect(between.server.negotiated).toMatchObject({ peer: undefined });
      expect(between.client.negotiated).toMatchObject({ signatureScheme: undefined });
      const sent = between.messages.filter(({ by }) => by === "client").map(({ type }) => type);
      expect(sent).toEqual(["client_hello", "certificate", "finished"]);
    }
  });
});

describe("a server that requires a certificate", () => {
  // RFC 9846 §4.5.1.3
  it("refuses a client that has none", () => {
    const between = intercept({}, {}, { clientAuthentication: "require" });
    expectRefusedAndTold(between, "server", {
      code: "certificate_required",
      where: "certificate.certificateList",
      section: "RFC 9846 §4.5.1.3",
    });
  });

  it("refuses a client that skips the message", () => {
    const rules = { client: { certificate: drop, certificate_verify: drop } };
    const between = intercept(rules, ...mutual);
    expectRefusedAndTold(between, "server", { code: "unexpected_message" });
    expect(between.server.error?.detail).toMatchObject({
      expected: "certificate",
      received: "finished",
    });
  });

  it("takes none unasked", () => {
    const rules = {
      client: { finished: (raw: Uint8Array) => [withBody(11, bytesOf("00 000000")), raw] },
    };
    expectRefusedAndTold(intercept(rules), "server", { code: "unexpected_message" });
  });
});

describe("the path to a trust anchor", () => {
  const stranger = createDevelopmentCa({ provider: noble, algorithm: "ed448", now: testTime });
  const day = 86_400_000;

  it.each<[string, Partial<ClientOptions>, Refusal]>([
    [
      "to nobody we trust",
      { trust: createTrustStore([stranger.certificate]) },
      { code: "unknown_ca", section: "RFC 9846 §6.2" },
    ],
    ["after the end", { now: () => testTime + 91 * day }, { code: "certificate_expired" }],
    ["before the beginning", { now: () => testTime - 91 * day }, { code: "certificate_expired" }],
    [
      "for another name",
      { serverName: "other.example" },
      { code: "wrong_name", alert: "bad_certificate", section: "RFC 9525 §6" },
    ],
    ["for another address", { serverName: "192.0.2.2" }, { code: "wrong_name" }],
  ])("of the server is refused %s", (_, client, refusal) => {
    expectRefusedAndTold(intercept({}, client), "client", refusal);
  });

  it("of the server is right for its address", () => {
    const between = intercept({}, { serverName: "192.0.2.1" });
    expect(between.client.state).toBe("open");
    expect(between.server.negotiated?.serverName).toBeUndefined();
  });

  it("of the server is refused if it is a client's", () => {
    expectRefusedAndTold(intercept({}, {}, { credentials: [clientCredential] }), "client", {
      code: "unsupported_certificate",
    });
  });

  it.each<[string, Partial<ServerOptions>, Refusal]>([
    [
      "to nobody we trust",
      { trust: createTrustStore([stranger.certificate]) },
      { code: "unknown_ca" },
    ],
    ["after the end", { now: () => testTime + 91 * day }, { code: "certificate_expired" }],
  ])("of the client is refused %s", (_, server, refusal) => {
    const between = intercept({}, mutual[0], { ...mutual[1], ...server });
    expectRefusedAndTold(between, "server", refusal);
  });

  it("of the client is refused if it is a server's", () => {
    const between = intercept({}, { credentials: [serverCredential] }, mutual[1]);
    expectRefusedAndTold(between, "server", { code: "unsupported_certificate" });
  });

  it("need not be verified by us", () => {
    const verifyServer = () => {
      throw new TypeError("out of order");
    };
    expectRefusedAndTold(intercept({}, { verifyServer }), "client", {
      code: "internal",
      alert: "internal_error",
    });
    expect(intercept({}, { trust }).client.state).toBe("open");
  });
});
