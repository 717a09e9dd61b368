import { describe, expect, it } from "vitest";
import type { KeyType } from "../../../src/crypto/index.ts";
import { native } from "../../../src/crypto/native.ts";
import {
  type Certificate,
  createCsr,
  createTrustStore,
  type CsrOptions,
  draftForRequest,
  encodePrivateKey,
  encodePublicKey,
  issueUnderProfile,
  KeyPurpose,
  type NameAttributes,
  nameConstraints,
  type Profile,
  profiles,
  signDraftWith,
  signRequest,
  type SubjectNames,
  verifyChain,
} from "../../../src/identity/index.ts";
import { createSigner } from "../../../src/identity/keys/signer.ts";
import { ExtensionOid } from "../../../src/identity/der/oids.ts";
import { providers } from "../../crypto/providers.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { day, now, Pki } from "../pki.ts";

const { provider } = providers[0]!;
const pki = new Pki(provider);
const root = pki.root("Root", { notAfter: now + 1000 * day });
const trust = createTrustStore([root.certificate]);
const key = provider.generateKey("ed25519");
const own = {
  privateKey: encodePrivateKey(key),
  publicKey: encodePublicKey("ed25519", key.publicKey),
};

const request = (change: Partial<CsrOptions> = {}) =>
  createCsr({
    subject: change.names === undefined ? { CN: "a.example" } : {},
    names: { dns: ["a.example"] },
    ...own,
    provider,
    ...change,
  });
const authority = (profile: Profile, issuer = root) => ({
  issuer: issuer.certificate,
  signingKey: issuer.privateKey,
  profile,
  now,
  provider,
});

/** The same, whose key signs somewhere else. */
function keyless(profile: Profile, issuer = root) {
  const { signingKey: _, ...others } = authority(profile, issuer);
  return others;
}

function denied(change: Partial<CsrOptions>, profile: Profile, where: string): string {
  const error = tlsErrorOf(() => signRequest(request(change), authority(profile)));
  expect([error.code, error.detail.where]).toEqual(["access_denied", where]);
  return error.message;
}

describe("what a profile adds", () => {
  const applicant = { subject: {}, names: { dns: ["a.example"] }, publicKey: own.publicKey };

  it("is policies, and the promise of a stapled response (RFC 7633)", () => {
    const profile = { ...profiles.server, policies: ["1.3.6.1.4.1.99999.1"], mustStaple: true };
    const issued = issueUnderProfile(applicant, authority(profile));
    expect([issued.policies, issued.tlsFeatures]).toEqual([["1.3.6.1.4.1.99999.1"], [5]]);
    const plain = issueUnderProfile(applicant, authority(profiles.server));
    expect([plain.policies, plain.tlsFeatures]).toEqual([undefined, undefined]);
  });

  it.each(["none", "3.1", "1.2.", "1.02"])("is no policy called %j", (policy) => {
    const profile = { ...profiles.server, policies: [policy] };
    expect(() => issueUnderProfile(applicant, authority(profile))).toThrow(/object identifier/);
  });
});

describe("what is issued", () => {
  const issue = (names: SubjectNames, profile: Profile, type: KeyType = "ed25519") =>
    issueUnderProfile(
      {
        subject: {},
        names,
        publicKey: encodePublicKey(type, provider.generateKey(type).publicKey),
      },
      authority(profile),
    );

  it("is a valid X509-SVID where it names a SPIFFE ID (§2, §4.3)", () => {
    const [a, b] = ["spiffe://example.org/a", "spiffe://example.org/b"] as const;
    expect(issue({ uri: [a] }, profiles.peer).subjectAltNames?.uri).toEqual([a]);
    const refused = (names: SubjectNames, profile: Profile) =>
      tlsErrorOf(() => issue(names, profile)).message;
    expect(refused({ uri: [a, b] }, profiles.peer)).toMatch(/several URIs/);
    const withLists: Profile = { ...profiles.peer, keyUsage: ["digitalSignature", "cRLSign"] };
    expect(refused({ uri: [a] }, withLists)).toMatch(/cRLSign/);
    expect(refused({ uri: [a] }, { ...profiles.peer, keyUsage: [] })).toMatch(/no key usage/);
    expect(issue({ dns: ["a.example"] }, withLists).keyUsage).toContain("cRLSign");
  });

  it("says of a key only what keys of its type can do", () => {
    const keyUsage = ["digitalSignature", "keyEncipherment", "keyAgreement"] as const;
    const profile: Profile = { ...profiles.server, keyUsage };
    const usages = (type: KeyType) => [
      ...(issue({ dns: ["a.example"] }, profile, type).keyUsage ?? []),
    ];
    expect(usages("ed25519")).toEqual(["digitalSignature"]);
    expect(usages("ML-DSA-44")).toEqual(["digitalSignature"]);
    expect(usages("secp256r1")).toEqual(["digitalSignature", "keyAgreement"]);
    const rsa = native.generateKey("rsa").publicKey;
    const ofRsa = issueUnderProfile(
      { subject: {}, names: { dns: ["a.example"] }, publicKey: encodePublicKey("rsa", rsa) },
      authority(profile),
    );
    expect([...(ofRsa.keyUsage ?? [])]).toEqual(["digitalSignature", "keyEncipherment"]);
    const useless: Profile = { ...profiles.server, keyUsage: ["keyEncipherment"] };
    expect(tlsErrorOf(() => issue({ dns: ["a.example"] }, useless))).toMatchObject({
      code: "access_denied",
      detail: { where: "request.publicKey" },
    });
    expect(issue({ dns: ["a.example"] }, { ...profile, keyUsage: [] }).keyUsage).toBeUndefined();
  });

  it("need not be asked about if it answers for its CA (RFC 6960 §4.2.2.2.1)", () => {
    const { ocsp, server } = profiles;
    const noChecks = (profile: Profile) =>
      issue({ dns: ["a.example"] }, profile).extensions.filter(
        ({ oid }) => oid === "1.3.6.1.5.5.7.48.1.5",
      );
    expect(noChecks(ocsp)).toEqual([
      { oid: "1.3.6.1.5.5.7.48.1.5", critical: false, value: Uint8Array.of(5, 0) },
    ]);
    expect(noChecks(server)).toEqual([]);
  });
});

describe("a registration authority", () => {
  it("certifies what was asked for, as its profile says", () => {
    const leaf = signRequest(request(), authority(profiles.server));
    const { path, names } = verifyChain({
      chain: [leaf],
      trust,
      usage: "server",
      name: "a.example",
      now,
      provider,
    });
    expect(path).toHaveLength(2);
    expect(names).toEqual(["a.example"]);
    expect(leaf.publicKey).toEqual(own.publicKey);
    expect(leaf.subject.text).toBe("CN=a.example");
    expect(leaf.keyUsage).toEqual(new Set(["digitalSignature"]));
    expect(leaf.extendedKeyUsage).toEqual([KeyPurpose.serverAuth]);
    expect(leaf.notAfter).toBe(now + 90 * day);
    expect(leaf.basicConstraints).toBeUndefined();
  });

  it("with the CA's key elsewhere", async () => {
    const signer = createSigner(root.privateKey, provider);
    const draft = draftForRequest(request(), keyless(profiles.peer), "ed25519");
    const leaf = await signDraftWith(draft, signer, provider);
    expect(leaf.extendedKeyUsage).toHaveLength(2);
    verifyChain({ chain: [leaf], trust, usage: "client", now, provider });
  });

  it("signs nothing without proof of possession", () => {
    const stolen = request({ publicKey: pki.root("x").certificate.publicKey });
    expect(tlsErrorOf(() => signRequest(stolen, authority(profiles.server)))).toMatchObject({
      code: "bad_certificate",
      detail: { section: "RFC 2986 §3" },
    });
  });

  it("gives no usage and no extension that the profile does not give", () => {
    const { server, peer, intermediate } = profiles;
    denied({ extendedKeyUsage: [KeyPurpose.clientAuth] }, server, "request.extKeyUsage");
    signRequest(request({ extendedKeyUsage: [KeyPurpose.clientAuth] }), authority(peer));
    denied({ keyUsage: ["keyCertSign"] }, server, "request.keyUsage");
    denied({ ca: {} }, server, "request.basicConstraints");
    expect(signRequest(request({ ca: {} }), authority(intermediate)).basicConstraints).toEqual({
      ca: true,
      pathLength: 0,
    });
    const odd = {
      oid: ExtensionOid.nameConstraints,
      critical: true,
      value: Uint8Array.of(0x30, 0),
    };
    expect(tlsErrorOf(() => request({ extensions: [odd] })).code).toBe("bad_certificate");
    denied(
      { extensions: [{ oid: "1.2.3", critical: false, value: Uint8Array.of(5, 0) }] },
      server,
      "request",
    );
  });

  it("certifies the keys and names that the profile permits", () => {
    const strict: Profile = {
      ...profiles.peer,
      keyTypes: ["ed25519", "ML-DSA-65"],
      names: {
        permitted: { dns: ["example"], uri: ["example.org"], ip: ["192.0.2.0/24"] },
        excluded: { dns: ["secret.example"] },
      },
    };
    const good = {
      dns: ["a.example", "*.b.example"],
      uri: ["spiffe://example.org/a"],
      ip: ["192.0.2.7"],
    };
    expect(signRequest(request({ names: good }), authority(strict)).subjectAltNames).toMatchObject({
      dns: good.dns,
    });
    for (const [names, where] of [
      [{ dns: ["a.example.org"] }, "request.names.dns"],
      [{ dns: ["a.example", "x.secret.example"] }, "request.names.dns"],
      [{ dns: ["*.example"] }, "request.names.dns"],
      [{ uri: ["spiffe://example.com/a"] }, "request.names.uri"],
      [{ uri: ["urn:example:a"] }, "request.names.uri"],
      [{ ip: ["192.0.3.1"] }, "request.names.ip"],
      // No e-mail address is listed, so none is permitted.
      [{ email: ["a@example.org"] }, "request.names.email"],
      [{}, "request.names"],
    ] as const) {
      denied({ names }, strict, where);
    }
    const other = provider.generateKey("ed448");
    const message = denied(
      {
        privateKey: encodePrivateKey(other),
        publicKey: encodePublicKey("ed448", other.publicKey),
      },
      strict,
      "request.publicKey",
    );
    expect(message).toContain("expected ed25519, ML-DSA-65, received ed448");
  });

  it("certifies a subject that it has checked, or that it gives itself", () => {
    const { peer } = profiles;
    const certified = (change: Partial<CsrOptions>, subject?: NameAttributes) =>
      signRequest(request(change), {
        ...authority(peer),
        ...(subject === undefined ? {} : { subject }),
      }).subject.text;
    const uri = "spiffe://example.org/a";
    expect(certified({ subject: {} })).toBe("");
    expect(certified({ subject: { CN: uri }, names: { uri: [uri] } })).toBe(`CN=${uri}`);
    for (const subject of [
      { CN: "admin" },
      { O: "system:masters", CN: "a.example" },
      { O: "a.example" },
      { CN: "a.example", emailAddress: "root@example" },
    ]) {
      denied({ subject }, peer, "request.subject");
      expect(certified({ subject }, { O: "Example", CN: "a" })).toBe("CN=a,O=Example");
    }
  });

  it("signs nothing that a CA above does not allow", () => {
    const limited = pki.ca("Limited", root, {
      extensions: [nameConstraints({ permitted: { dns: ["example"] } })],
    });
    const below = pki.ca("Below", limited);
    const issue = (dns: string, above?: readonly Certificate[]) =>
      issueUnderProfile(
        { subject: {}, names: { dns: [dns] }, publicKey: own.publicKey },
        { ...authority(profiles.server, below), ...(above === undefined ? {} : { above }) },
      );
    const above = [limited.certificate, root.certificate];
    issue("a.example", above);
    issue("a.test");
    expect(tlsErrorOf(() => issue("a.test", above))).toMatchObject({
      code: "access_denied",
      message: expect.stringMatching(/would not be valid: .*"a\.test" is not among those/),
    });
    const subject = { CN: "a" };
    const direct = { subject, names: { dns: ["a.test"] }, publicKey: own.publicKey };
    expect(
      tlsErrorOf(() => issueUnderProfile(direct, authority(profiles.server, limited))).code,
    ).toBe("access_denied");
  });

  it("looks at its own signature", async () => {
    const wrong = { ...authority(profiles.server), signingKey: own.privateKey };
    expect(tlsErrorOf(() => signRequest(request(), wrong)).message).toMatch(
      /the signature is not one of the issuer's key/,
    );
    const curve = pki.root("P-256", { type: "secp256r1" });
    const signer = createSigner(curve.privateKey, provider);
    const draft = () => draftForRequest(request(), keyless(profiles.server, curve), "ecdsa_sha256");
    await signDraftWith(draft(), signer, provider);
    for (const signature of [new Uint8Array(0), new Uint8Array(64).fill(1)]) {
      const careless = { ...signer, sign: () => signature };
      await expect(signDraftWith(draft(), careless, provider)).rejects.toThrow(
        /not one of the issuer's key; expected ecdsa_sha256, in DER/,
      );
    }
  });

  it.each([
    [{ dns: ["a..example"] }],
    [{ dns: ["-a.example"] }],
    [{ dns: [`${"a".repeat(64)}.example`] }],
    [{ dns: ["a.*.example"] }],
    [{ uri: ["nothing"] }],
    [{ uri: ["spiffe://Example.org/a"] }],
    [{ uri: ["spiffe://example.org/a/../b"] }],
    [{ uri: ["spiffe://example.org/a/"] }],
    [{ uri: ["spiffe://example.org/a?b"] }],
    [{ uri: ["spiffe://example.org"] }],
    [{ email: ["nobody"] }],
    [{ email: ["a@b@c"] }],
  ])("refuses a malformed name: %o", (names) => {
    const error = tlsErrorOf(() => signRequest(request({ names }), authority(profiles.peer)));
    expect(error).toMatchObject({ code: "misuse", detail: { section: "RFC 5280 §4.2.1.6" } });
  });

  it("gives no longer life than the profile's, and none beyond the issuer's", () => {
    const lifetime = (change: { readonly lifetime?: number }, issuer = root) =>
      signRequest(request(), { ...authority(profiles.peer, issuer), ...change }).notAfter - now;
    expect(lifetime({ lifetime: 60_000 })).toBe(60_000);
    expect(tlsErrorOf(() => lifetime({ lifetime: 91 * day }))).toMatchObject({
      code: "access_denied",
      detail: { where: "request.validity" },
    });
    expect(lifetime({}, pki.root("Old", { notAfter: now + day }))).toBe(day);
  });

  it("is a CA that may do so, today", () => {
    const by = (issuer: typeof root, profile: Profile) => () =>
      issueUnderProfile(
        { subject: { CN: "a" }, names: { dns: ["a.example"] }, publicKey: own.publicKey },
        authority(profile, issuer),
      );
    const lowest = pki.ca("Lowest", root, { ca: { pathLength: 0 } });
    by(lowest, profiles.server)();
    for (const [run, text] of [
      [by(lowest, profiles.intermediate), /pathLenConstraint 0/],
      [by(pki.leaf("leaf", root), profiles.server), /is not a CA/],
      [by(pki.ca("x", root, { keyUsage: ["cRLSign"] }), profiles.server), /may not sign/],
      [by(pki.ca("x", root, { notAfter: now - 1 }), profiles.server), /not valid now/],
    ] as const) {
      expect(tlsErrorOf(run)).toMatchObject({
        code: "misuse",
        message: expect.stringMatching(text),
      });
    }
    const unknown = { ...profiles.server, extendedKeyUsage: ["tea"] };
    expect(tlsErrorOf(by(root, unknown)).message).toMatch(/no extended key usage "tea"/);
  });
});

describe("name constraints as they are written", () => {
  const verify = (ca: ReturnType<Pki["ca"]>, names: object) =>
    verifyChain({
      chain: [pki.leaf("leaf", ca, { names }).certificate, ca.certificate],
      trust,
      usage: "server",
      now,
      provider,
    });

  it("hold in path validation", () => {
    const limits = {
      permitted: { dns: ["example"], ip: ["2001:db8::/33"], uri: [".example.org"] },
      excluded: { email: ["b@example.org"] },
    };
    const ca = pki.ca("Limited", root, { extensions: [nameConstraints(limits)] });
    for (const [names, isValid] of [
      [{ dns: ["a.example"] }, true],
      [{ dns: ["a.test"] }, false],
      [{ ip: ["2001:db8:7fff::1"] }, true],
      [{ ip: ["2001:db8:8000::1"] }, false],
      [{ uri: ["https://a.example.org/"] }, true],
      [{ uri: ["https://example.org/"] }, false],
      [{ email: ["a@example.org"] }, true],
      [{ email: ["b@example.org"] }, false],
    ] as const) {
      if (isValid) verify(ca, names);
      else expect(tlsErrorOf(() => verify(ca, names)).detail.section).toBe("RFC 5280 §4.2.1.10");
    }
  });

  it.each([
    [{}],
    [{ permitted: { ip: ["10.0.0.0/33"] } }],
    [{ permitted: { ip: ["10.0.0/8"] } }],
    [{ excluded: { dns: ["a b"] } }],
  ])("are refused if they say nothing, or nonsense: %o", (limits) => {
    expect(tlsErrorOf(() => nameConstraints(limits))).toMatchObject({
      code: "misuse",
      detail: { section: "RFC 5280 §4.2.1.10" },
    });
  });
});
