/** Everything that DER is read from, each with who reads it: what `fuzz.test.ts` and `fuzz-run.ts` damage. */
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
import { primitive } from "../../src/identity/der/der-tags.ts";
import { ExtensionOid } from "../../src/identity/der/oids.ts";
import { TlsError } from "../../src/registry/index.ts";
import { createNative } from "../../src/crypto/native.ts";
import { day, now, Pki } from "./pki.ts";

export const provider = createNative();

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

export const pki = new Pki(provider);
export const root = pki.root("Root");
const policies = sequence(sequence(oid("2.5.29.32.0")), sequence(oid("1.2.3.4")));
const ca = pki.ca("CA", root, {
  ca: { pathLength: 0 },
  extensions: [
    nameConstraints({ permitted: { dns: ["example"], ip: ["192.0.2.0/24", "2001:db8::/32"] } }),
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
export const leaf = pki.leaf("a.example", ca, {
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
    status:
      certificate === leaf.certificate
        ? { kind: "good" }
        : { kind: "revoked", revokedAt: now, reason: "keyCompromise" },
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
  subject: { CN: "a.example" },
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

/** What is damaged, and what reads it. */
export const targets: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => unknown])[] = [
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
export function saysAll(error: unknown): boolean {
  if (!(error instanceof TlsError) || /^(internal|malformed)$/.test(error.code)) return false;
  const { section = "", where = "" } = error.detail;
  return /^(RFC \d+|X509-SVID)/.test(section) && /\w/.test(where);
}
