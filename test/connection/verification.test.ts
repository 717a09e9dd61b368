import { describe, expect, it } from "vitest";
import { verifyAgainst } from "../../src/connection/index.ts";
import type { VerifyPeer } from "../../src/handshake/index.ts";
import type { Provider } from "../../src/crypto/index.ts";
import {
  type Certificate,
  CertificateCache,
  createCredential,
  createTrustStore,
  type Credential,
  issueCrl,
  issueOcspResponse,
  type OcspStatus,
  type Revoked,
} from "../../src/identity/index.ts";
import { tlsFeature } from "../../src/identity/certificate/extension-writer.ts";
import type { AlertName, ErrorCode } from "../../src/registry/index.ts";
import { certificates, day, type Entity, now, Pki } from "../identity/pki.ts";
import { anyProvider as provider, connect } from "../support/ends.ts";

const pki = new Pki(provider);
const root = pki.root("Root");
const ca = pki.ca("CA", root);
const name = "a.example";
const server = pki.leaf(name, ca);
const trust = createTrustStore(certificates(root));

const good: OcspStatus = { kind: "good" };
const revokedStatus: OcspStatus = { kind: "revoked", revokedAt: now, reason: "superseded" };
const staple = (status: OcspStatus, signer = ca, nextUpdate = now + day): Uint8Array =>
  issueOcspResponse({
    issuer: ca.certificate,
    signingKey: signer.privateKey,
    statements: [{ certificate: server.certificate, status, thisUpdate: now, nextUpdate }],
    producedAt: now,
    provider,
  }).der;
const credential: Credential = createCredential({
  certificates: certificates(server, ca),
  privateKey: server.privateKey,
  provider,
});
const list = (issuer: Entity, revoked: readonly Entity[] = []) =>
  issueCrl({
    issuer: issuer.certificate,
    signingKey: issuer.privateKey,
    revoked: revoked.map(({ certificate }): Revoked => ({
      serialNumber: certificate.serialNumber,
      revokedAt: now,
    })),
    number: 1,
    thisUpdate: now,
    nextUpdate: now + day,
    provider,
  });

const common = { trust, now: () => now };
const client = { ...common, serverName: name };
const plain = { ...common, credentials: [credential] };
const stapling = (ocspResponse: Uint8Array) => ({
  ...common,
  credentials: [{ ...credential, ocspResponse }],
});

function expectFailure(
  { client: end, server: other }: ReturnType<typeof connect>,
  code: ErrorCode,
  alert: AlertName,
): void {
  expect(end.error).toMatchObject({ code, alert });
  expect(other.error).toMatchObject({ code: "peer_alert" });
  expect(other.error?.message).toContain(alert);
}

describe("a stapled response, from end to end (RFC 9846 §4.5.1.1)", () => {
  const ask = { ...client, stapling: true };

  it("is checked where the client asked for one", () => {
    expect(connect(ask, stapling(staple(good))).client.state).toBe("open");
    expectFailure(
      connect(ask, stapling(staple(revokedStatus))),
      "certificate_revoked",
      "certificate_revoked",
    );
    for (const bad of [
      staple({ kind: "unknown" }),
      staple(good, root),
      staple(good, ca, now - 1000),
      Uint8Array.of(0x30, 0),
    ]) {
      expectFailure(
        connect(ask, stapling(bad)),
        "bad_certificate_status",
        "bad_certificate_status_response",
      );
    }
  });

  it("does not come where nobody asked, and may be missing where one did", () => {
    expect(connect(client, stapling(staple(revokedStatus))).client.state).toBe("open");
    expect(connect(ask, plain).client.state).toBe("open");
  });

  it("is demanded by a certificate that promises one (RFC 7633), of whom one asks", () => {
    const promising = pki.leaf(name, ca, { extensions: [tlsFeature([5])] });
    const certified = certificates(promising, ca);
    const { privateKey } = promising;
    const promised = createCredential({ certificates: certified, privateKey, provider });
    const statement = { certificate: promising.certificate, status: good, thisUpdate: now };
    const ocspResponse = issueOcspResponse({
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      statements: [{ ...statement, nextUpdate: now + day }],
      producedAt: now,
      provider,
    }).der;
    const bare = { ...plain, credentials: [promised] };
    const kept = { ...plain, credentials: [{ ...promised, ocspResponse }] };
    expect(connect(ask, kept).client.state).toBe("open");
    expect(connect(client, bare).client.state).toBe("open");
    expectFailure(connect(ask, bare), "bad_certificate_status", "bad_certificate_status_response");
  });

  it("is demanded by `refuse`", () => {
    const demanding = { ...ask, revocation: { of: "leaf" } as const };
    expect(connect(demanding, stapling(staple(good))).client.state).toBe("open");
    expectFailure(connect(demanding, plain), "certificate_unknown", "certificate_unknown");
  });
});

describe("revocation by lists in a connection", () => {
  const clean = [list(root), list(ca)];
  const bad = [list(root), list(ca, [server])];

  it("is asked for anew with every peer, if it is a function", () => {
    let crls = clean;
    const options = { ...client, revocation: () => ({ crls }) };
    expect(connect(options, plain).client.state).toBe("open");
    crls = bad;
    expectFailure(connect(options, plain), "certificate_revoked", "certificate_revoked");
    crls = [];
    expectFailure(connect(options, plain), "certificate_unknown", "certificate_unknown");
  });

  it("holds for clients too", () => {
    const asking = {
      ...plain,
      clientAuthentication: "require" as const,
      revocation: { crls: clean },
    };
    const known = { ...client, credentials: [credential] };
    expect(connect(known, asking).server.state).toBe("open");
    const { server: end } = connect(known, { ...asking, revocation: { crls: bad } });
    expect(end.error).toMatchObject({ code: "certificate_revoked" });
  });
});

it("is strict with issuers where it is told to be", () => {
  // RFC 5280 §4.2.1.3: a CA says what its key may do.
  const odd = pki.ca("Odd", root, { keyUsage: [] });
  const leaf = pki.leaf(name, odd);
  const credentials = [
    createCredential({
      certificates: certificates(leaf, odd),
      privateKey: leaf.privateKey,
      provider,
    }),
  ];
  const judge = (strict: boolean, presented: readonly Credential[]) =>
    connect(
      { now: common.now, serverName: name, verifyServer: verifyAgainst(trust, { strict }) },
      { ...plain, credentials: presented },
    );
  expect(judge(false, credentials).client.state).toBe("open");
  expect(judge(true, [credential]).client.state).toBe("open");
  expectFailure(judge(true, credentials), "bad_certificate", "bad_certificate");
});

/** A provider that counts what certificates cost. */
function counting(): { readonly provider: Provider; verified(): number } {
  let verified = 0;
  const { ed25519 } = provider.signatures;
  const counted: Provider = {
    ...provider,
    signatures: {
      ...provider.signatures,
      ed25519: {
        ...ed25519,
        verifier: (key) => {
          const verify = ed25519.verifier(key);
          return (message, signature) => {
            verified++;
            return verify(message, signature);
          };
        },
      },
    },
  };
  return { provider: counted, verified: () => verified };
}

describe("a cache that connections have in common", () => {
  it("saves parsing and every signature but that of the handshake, until the data change", () => {
    const { provider: counted, verified } = counting();
    const cache = new CertificateCache();
    let crls = [list(root), list(ca)];
    let time = now;
    const options = {
      ...client,
      provider: counted,
      cache,
      now: () => time,
      revocation: () => ({ crls }),
    };
    const cost = () => {
      const before = verified();
      const { client: end } = connect(options, plain);
      return [end.state, verified() - before, end.negotiated?.peer?.chain] as const;
    };
    const [, first, chain] = cost();
    // CertificateVerify, two certificates, two lists
    expect(first).toBe(5);
    const [state, second, again] = cost();
    expect([state, second]).toEqual(["open", 1]);
    expect(again?.map((certificate, index) => certificate === chain?.[index])).toEqual([
      true,
      true,
    ]);
    crls = [list(root), list(ca)];
    expect(cost()[1]).toBe(3);
    crls = [list(root), list(ca, [server])];
    expect(cost()[0]).toBe("failed");
    crls = [list(root), list(ca)];
    time = now + 31 * day;
    expect(cost()[0]).toBe("failed");
  });

  it("keeps what a verifier of the caller's found valid, and nothing that one merely took", () => {
    const cache = new CertificateCache();
    const chainOf = (verifyServer: VerifyPeer): Certificate | undefined =>
      connect({ ...client, cache, verifyServer }, plain).client.negotiated?.peer?.chain[0];
    const takes: VerifyPeer = ({ chain }) => ({ chain, vouchedBy: "the test" });
    expect([chainOf(takes) === chainOf(takes), cache.size]).toEqual([false, 0]);
    const finds = verifyAgainst(trust);
    expect([chainOf(finds) === chainOf(finds), cache.size]).toEqual([true, 2]);
  });

  it("is not there by itself", () => {
    const { provider: counted, verified } = counting();
    for (const _ of [1, 2]) connect({ ...client, provider: counted }, plain);
    expect(verified()).toBe(6);
  });
});

describe("signatures in certificates (RFC 9846 §4.3.3)", () => {
  it("are of the algorithms that the peer was told", () => {
    const schemes = ["ecdsa_secp256r1_sha256", "ed25519"];
    expect(connect({ ...client, schemes }, plain).client.state).toBe("open");
    expectFailure(
      connect({ ...client, certificateSchemes: ["ecdsa_secp256r1_sha256"] }, plain),
      "unsupported_certificate",
      "unsupported_certificate",
    );
  });
});
