import { describe, expect, it } from "vitest";
import {
  type Certificate,
  createTrustStore,
  findingsOf,
  nameConstraints,
  parseCertificate,
  verifyChain,
} from "../../../src/identity/index.ts";
import { constructed, primitive } from "../../../src/identity/der/der-tags.ts";
import { ascii, boolean, der, sequence, unsigned } from "../../../src/identity/der/der-writer.ts";
import { ExtensionOid } from "../../../src/identity/der/oids.ts";
import { providers } from "../../crypto/providers.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { certificates, type Change, type Entity, now, Pki } from "../pki.ts";

const pki = new Pki(providers[0]!.provider);
const root = pki.root("Root");
const numbered = (serialNumber: Uint8Array) => ({ ...root.certificate, serialNumber });
const extension = (oid: string, critical: boolean, value: Uint8Array) => ({ oid, critical, value });
const leaf = (change: Change): Certificate => pki.leaf("a.example", root, change).certificate;
const ca = (change: Change): Certificate => pki.ca("CA", root, change).certificate;
const marked = (certificate: Certificate, oid: string, critical: boolean): Certificate => ({
  ...certificate,
  extensions: certificate.extensions.map((each) =>
    each.oid === oid ? { ...each, critical } : each,
  ),
});
const without = (
  certificate: Certificate,
  field: "authorityKeyIdentifier" | "subjectKeyIdentifier",
) => {
  const { [field]: _, ...rest } = certificate;
  return rest as Certificate;
};
const constraintOn = (base: string) =>
  extension(
    ExtensionOid.nameConstraints,
    true,
    sequence(der(constructed(0), sequence(der(primitive(2), ascii(base))))),
  );
const unnamed = leaf({ subject: {} });

describe("findings (the rules of RFC 5280 §4 for issuers)", () => {
  it("there are none in what is issued here", () => {
    const limits = nameConstraints({ permitted: { dns: ["example.com"] } });
    for (const certificate of [
      root.certificate,
      ca({ ca: { pathLength: 0 }, extensions: [limits] }),
      leaf({}),
      unnamed,
      leaf({ names: { dns: ["*.example.com"] } }),
      leaf({ type: "secp256r1", keyUsage: ["digitalSignature", "keyAgreement"] }),
    ]) {
      expect(findingsOf(certificate)).toEqual([]);
    }
  });

  it.each<[string, Certificate, RegExp]>([
    ["4.1.2.2", numbered(Uint8Array.of(0)), /serial number must be positive/],
    ["4.1.2.2", numbered(Uint8Array.of(0x80)), /serial number must be positive/],
    ["4.1.2.4", { ...leaf({}), issuer: unnamed.subject }, /issuer must be named/],
    ["4.1.2.6", ca({ subject: {}, names: { dns: ["ca.example"] } }), /CA must have a subject/],
    ["4.1.2.6", marked(unnamed, ExtensionOid.subjectAltName, false), /without a subject/],
    ["4.2.1.1", without(leaf({}), "authorityKeyIdentifier"), /must have an authorityKeyIdentifier/],
    ["4.2.1.1", marked(leaf({}), ExtensionOid.authorityKeyIdentifier, true), /not be critical/],
    ["4.2.1.2", without(ca({}), "subjectKeyIdentifier"), /must have a subjectKeyIdentifier/],
    ["4.2.1.2", marked(leaf({}), ExtensionOid.subjectKeyIdentifier, true), /not be critical/],
    ["4.2.1.3", ca({ keyUsage: [] }), /must have a keyUsage/],
    ["4.2.1.3", ca({ keyUsage: ["digitalSignature"] }), /must have a keyUsage/],
    ["5480 §3", leaf({ type: "secp256r1", keyUsage: ["keyEncipherment"] }), /keys of this type/],
    ["4.2.1.6", leaf({ names: { dns: ["a_b.example"] } }), /dNSName must be/],
    ["4.2.1.6", leaf({ names: { dns: ["a.example."] } }), /dNSName must be/],
    ["4.2.1.6", leaf({ names: { dns: ["1.2.3.4"] } }), /dNSName must be/],
    ["4.2.1.9", marked(ca({}), ExtensionOid.basicConstraints, false), /must be critical/],
    [
      "4.2.1.9",
      leaf({
        extensions: [extension(ExtensionOid.basicConstraints, true, sequence(unsigned(0)))],
      }),
      /has a pathLenConstraint/,
    ],
    ["4.2.1.9", ca({ ca: { pathLength: 0 }, keyUsage: ["cRLSign"] }), /has a pathLenConstraint/],
    ["4.2.1.10", ca({ extensions: [constraintOn(".example.com")] }), /not begin with a dot/],
    [
      "4.2.1.10",
      ca({ extensions: [{ ...constraintOn("example.com"), critical: false }] }),
      /nameConstraints must be critical/,
    ],
    [
      "4.2.1.11",
      ca({
        extensions: [
          extension(
            ExtensionOid.policyConstraints,
            false,
            sequence(der(primitive(0), Uint8Array.of(0))),
          ),
        ],
      }),
      /policyConstraints must be critical/,
    ],
    [
      "4.2.1.14",
      ca({ extensions: [extension(ExtensionOid.inhibitAnyPolicy, false, unsigned(0))] }),
      /inhibitAnyPolicy must be critical/,
    ],
    ["4.1.2.1", { ...root.certificate, version: 1 }, /version 3/],
  ])("§%s: %#", (section, certificate, rule) => {
    const findings = findingsOf(certificate);
    expect(findings.map((each) => each.rule)).toContainEqual(expect.stringMatching(rule));
    expect(findings.find((each) => rule.test(each.rule))?.section).toContain(section);
    expect(findings).toHaveLength(1);
  });
});

describe.each(providers)("strict validation, with $name", ({ provider }) => {
  const verify = (chain: readonly Entity[], strict: boolean, trusted = root) =>
    verifyChain({
      chain: certificates(...chain),
      trust: createTrustStore(certificates(trusted)),
      usage: "server",
      now,
      provider,
      strict,
    }).path;

  it("refuses what breaks a rule for issuers, anywhere in the path; the usual one does not", () => {
    const sound = pki.ca("CA", root);
    const odd = pki.ca("Odd", root, { keyUsage: [] });
    const oddRoot = pki.root("Odd root", { keyUsage: [] });
    expect(verify([pki.leaf("a.example", sound), sound], true)).toHaveLength(3);
    for (const [chain, trusted, where] of [
      [[pki.leaf("a_.example", root, { names: { dns: ["a_b.example"] } })], root, "path[0]"],
      [[pki.leaf("a.example", odd), odd], root, "path[1]"],
      [[pki.leaf("a.example", oddRoot)], oddRoot, "path[1]"],
    ] as const) {
      expect(verify(chain, false, trusted)).toHaveLength(chain.length + 1);
      const error = tlsErrorOf(() => verify(chain, true, trusted));
      expect(error).toMatchObject({
        code: "bad_certificate",
        message: expect.stringMatching(/breaks a rule for issuers/),
        detail: { where: expect.stringContaining(where), section: expect.stringContaining("5280") },
      });
    }
  });
});

it("an authorityInfoAccess that is malformed is refused, one that is not is read (§4.2.2.1)", () => {
  const build = (value: Uint8Array) =>
    parseCertificate(
      leaf({ extensions: [extension(ExtensionOid.authorityInfoAccess, false, value)] }).der,
    );
  const description = sequence(
    Uint8Array.of(6, 1, 42),
    der(primitive(6), ascii("http://ocsp.example/")),
  );
  expect(build(sequence(description)).extensions).toHaveLength(5);
  for (const value of [
    ascii("malformed"),
    sequence(),
    sequence(sequence(Uint8Array.of(6, 1, 42))),
    sequence(sequence(Uint8Array.of(6, 1, 42), boolean(true))),
    sequence(sequence(der(primitive(6), ascii("http://ocsp.example/")))),
  ]) {
    expect(tlsErrorOf(() => build(value))).toMatchObject({
      code: "bad_certificate",
      message: expect.stringContaining("authorityInfoAccess"),
    });
  }
});
