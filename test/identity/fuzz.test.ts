import { describe, expect, it } from "vitest";
import type { KeyType, Provider, SignatureAlgorithm } from "../../src/crypto/index.ts";
import {
  type Certificate,
  createCsr,
  createSigner,
  createTrustStore,
  crlDistributionPoint,
  encodeOcspRequest,
  encodePrivateKey,
  encodePublicKey,
  encryptPrivateKey,
  issueCrl,
  issueOcspResponse,
  nameConstraints,
  parseCertificate,
  parseCrl,
  parseCsr,
  parseOcspRequest,
  parseOcspResponse,
  parsePrivateKey,
  profiles,
  publicKeyOf,
  signRequest,
  verifyChain,
} from "../../src/identity/index.ts";
import { der, oid, sequence, unsigned } from "../../src/identity/der/der-writer.ts";
import { primitive, Tag } from "../../src/identity/der/der-tags.ts";
import { ExtensionOid } from "../../src/identity/der/oids.ts";
import { TlsError } from "../../src/registry/index.ts";
import { concat } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { mutate, nested } from "../support/mutate.ts";
import { day, now, Pki } from "./pki.ts";

const { provider } = providers[0]!;

/** Calls every signature right, so that damage is seen by whatever comes after. */
const credulous: Provider = {
  ...provider,
  signatures: Object.fromEntries(
    Object.entries(provider.signatures).map(([name, slot]): [string, SignatureAlgorithm] => [
      name,
      { ...slot, verifier: () => () => true },
    ]),
  ) as Provider["signatures"],
};

const pki = new Pki(provider);
const root = pki.root("Root");
const policies = sequence(sequence(oid("2.5.29.32.0")), sequence(oid("1.2.3.4")));
const ca = pki.ca("CA", root, {
  ca: { pathLength: 0 },
  extensions: [
    nameConstraints({ permitted: { dns: ["example"], ip: ["192.0.2.0/24"] } }),
    { oid: ExtensionOid.certificatePolicies, critical: false, value: policies },
    {
      oid: ExtensionOid.policyMappings,
      critical: false,
      value: sequence(sequence(oid("1.2.3.4"), oid("1.2.3.5"))),
    },
    {
      oid: ExtensionOid.policyConstraints,
      critical: false,
      value: sequence(der(primitive(0), Uint8Array.of(3)), der(primitive(1), Uint8Array.of(3))),
    },
    { oid: ExtensionOid.inhibitAnyPolicy, critical: false, value: unsigned(5) },
  ],
});
const leaf = pki.leaf("a.example", ca, {
  subject: { C: "DE", O: "Example", CN: "a.example", emailAddress: "a@a.example" },
  names: {
    dns: ["a.example", "*.b.example"],
    ip: ["192.0.2.1", "2001:db8::1"],
    uri: ["spiffe://example/a"],
    email: ["a@a.example"],
  },
  extendedKeyUsage: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
  extensions: [
    crlDistributionPoint(["http://a.example/crl"]),
    { oid: ExtensionOid.certificatePolicies, critical: true, value: policies },
  ],
});
const list = issueCrl({
  issuer: ca.certificate,
  signingKey: ca.privateKey,
  revoked: Array.from({ length: 3 }, (_, index) => ({
    serialNumber: Uint8Array.of(index + 1),
    revokedAt: now,
    reason: "superseded" as const,
  })),
  number: 1000,
  baseNumber: 999,
  thisUpdate: now,
  nextUpdate: now + day,
  provider,
});
const responder = pki.leaf("OCSP", ca, { extendedKeyUsage: ["1.3.6.1.5.5.7.3.9"] });
const response = issueOcspResponse({
  issuer: ca.certificate,
  responder: responder.certificate,
  signingKey: responder.privateKey,
  statements: [leaf, responder].map(({ certificate }) => ({
    certificate,
    status: { kind: "revoked", revokedAt: now, reason: "keyCompromise" },
    thisUpdate: now,
    nextUpdate: now + day,
  })),
  producedAt: now,
  nonce: Uint8Array.of(4, 2, 1, 2),
  provider,
});
const key = (type: KeyType) => provider.generateKey(type);
const applicant = key("secp256r1");
const request = createCsr({
  subject: { CN: "a" },
  names: { dns: ["a.example"], uri: ["spiffe://example/a"] },
  extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
  keyUsage: ["digitalSignature"],
  privateKey: encodePrivateKey(applicant),
  publicKey: encodePublicKey("secp256r1", applicant.publicKey),
  provider,
});

const trust = createTrustStore([root.certificate]);
const verify = (options: Partial<Parameters<typeof verifyChain>[0]>): void => {
  verifyChain({
    chain: [leaf.certificate, ca.certificate],
    trust,
    usage: "server",
    name: "a.example",
    now,
    provider: credulous,
    ...options,
  });
};

/** All that is decoded on first use. */
const touch = ({ subject, issuer, publicKey }: Certificate): unknown => [
  subject.text,
  subject.comparable,
  issuer.text,
  publicKey.type,
];

const targets: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => unknown])[] = [
  ["a leaf", leaf.certificate.der, (bytes) => touch(parseCertificate(bytes))],
  [
    "a leaf, in a path",
    leaf.certificate.der,
    (bytes) => verify({ chain: [parseCertificate(bytes), ca.certificate] }),
  ],
  [
    "a CA, in a path",
    ca.certificate.der,
    (bytes) => verify({ chain: [leaf.certificate, parseCertificate(bytes)] }),
  ],
  [
    "a list",
    list.der,
    (bytes) => {
      const crl = parseCrl(bytes);
      crl.find(crl.issuer, Uint8Array.of(1));
      verify({ revocation: { crls: [crl], whenUnknown: "accept" } });
    },
  ],
  ["a stapled response", response.der, (stapled) => verify({ stapled })],
  ["a response", response.der, (bytes) => parseOcspResponse(bytes)],
  [
    "an OCSP request",
    encodeOcspRequest({
      issuer: ca.certificate,
      certificates: [leaf.certificate],
      nonce: Uint8Array.of(1),
    }),
    (bytes) => parseOcspRequest(bytes),
  ],
  [
    "a certification request",
    request.der,
    (bytes) =>
      signRequest(parseCsr(bytes), {
        issuer: root.certificate,
        signingKey: root.privateKey,
        profile: { ...profiles.peer, names: { permitted: { dns: ["example"], uri: ["example"] } } },
        now,
        provider: credulous,
      }),
  ],
  ...(["secp256r1", "ed25519", "ML-DSA-44"] as const).map(
    (type) =>
      [
        `a private key of type ${type}`,
        encodePrivateKey(key(type)).pkcs8,
        (bytes: Uint8Array) => {
          const parsed = parsePrivateKey(bytes);
          publicKeyOf(parsed);
          createSigner(parsed, provider);
        },
      ] as const,
  ),
  [
    "an encrypted private key",
    encryptPrivateKey(encodePrivateKey(key("ed25519")), "x", { provider, iterations: 2 }),
    (bytes) => parsePrivateKey(bytes, { passphrase: "x" }),
  ],
];

/** An error of the peer's input that says where, and which rule. */
function saysAll(error: unknown): boolean {
  if (!(error instanceof TlsError) || /^(internal|malformed)$/.test(error.code)) return false;
  const { section = "", where = "" } = error.detail;
  return /^RFC \d+/.test(section) && /\w/.test(where);
}

/** `FUZZ_ROUNDS` gives more of them. */
const rounds = Number(process.env["FUZZ_ROUNDS"] ?? 400);

describe("whatever is damaged", () => {
  it.each(targets)("%s: is taken, or refused with a place and a rule", (_, intact, read) => {
    let refused = 0;
    const problems: string[] = [];
    for (let seed = 1; seed <= rounds; seed++) {
      try {
        read(mutate(intact, seed));
      } catch (error) {
        refused++;
        if (!saysAll(error)) problems.push(`seed ${seed}: ${String(error)}`);
      }
    }
    expect(problems).toEqual([]);
    expect(refused).toBeGreaterThan(rounds / 4);
  });

  it.each(targets)("%s: is refused wherever it is cut off", (_, intact, read) => {
    const step = Math.max(1, Math.floor(intact.length / 200));
    for (let length = 0; length < intact.length; length += step) {
      expect(tlsErrorOf(() => read(intact.subarray(0, length)))).toSatisfy(saysAll);
    }
  });
});

describe("what is made to keep us busy", () => {
  /** The error of a certificate with that extension. Without limits each of these takes minutes. */
  const errorWith = (id: string, value: Uint8Array): string =>
    tlsErrorOf(() =>
      pki.leaf("x", root, {
        names: {},
        keyUsage: [],
        extensions: [{ oid: id, critical: false, value }],
      }),
    ).message;
  const long = new Uint8Array(100_000).fill(0x81);
  long[long.length - 1] = 1;

  it("elements nested without end", () => {
    for (const depth of [10, 1000, 20_000]) {
      expect(tlsErrorOf(() => parseCertificate(nested(depth))).code).toBe("bad_certificate");
      expect(errorWith(ExtensionOid.subjectAltName, nested(depth))).toMatch(/no GeneralName/);
    }
  });

  it("identifiers, named bits and numbers of a hundred thousand octets", () => {
    const id = der(Tag.oid, long);
    expect(errorWith(ExtensionOid.extKeyUsage, sequence(id))).toMatch(
      /the OBJECT IDENTIFIER has 100000 octets \(.*extKeyUsage\[0\]/,
    );
    const bits = der(Tag.bitString, concat(Uint8Array.of(0), long));
    expect(errorWith(ExtensionOid.keyUsage, bits)).toMatch(/too many named bits \(.*keyUsage/);
    const number = pki.leaf("x", root, {
      extensions: [
        {
          oid: ExtensionOid.inhibitAnyPolicy,
          critical: false,
          value: der(Tag.integer, concat(Uint8Array.of(1), long)),
        },
      ],
    });
    expect(number.certificate.inhibitAnyPolicy).toBe(0x7fffffff);
  });

  it("a serial number of more than 20 octets", () => {
    const serialNumber = new Uint8Array(20).fill(0xff);
    const { certificate } = pki.leaf("x", root, { serialNumber });
    expect(certificate.serialNumber).toEqual(concat(Uint8Array.of(0), serialNumber));
    const crl = (octets: Uint8Array) =>
      issueCrl({
        issuer: root.certificate,
        signingKey: root.privateKey,
        revoked: [{ serialNumber: octets, revokedAt: now }],
        number: 1,
        thisUpdate: now,
        nextUpdate: now + day,
        provider,
      });
    expect(crl(certificate.serialNumber).entries).toHaveLength(1);
    expect(tlsErrorOf(() => crl(long)).message).toMatch(/more than 20 octets.*userCertificate/);
  });
});
