import { AsnConvert } from "@peculiar/asn1-schema";
import * as asn1 from "@peculiar/asn1-x509";
import { describe, expect, it } from "vitest";
import {
  type Certificate,
  CertificateCache,
  encodePem,
  KeyPurpose,
  parseCertificate,
  parseCertificates,
  parseCrl,
} from "../../../src/identity/index.ts";
import { constructed, primitive, Tag } from "../../../src/identity/der/der-tags.ts";
import {
  ascii,
  bitString,
  der,
  oid,
  sequence,
  time,
  unsigned,
} from "../../../src/identity/der/der-writer.ts";
import { ExtensionOid } from "../../../src/identity/der/oids.ts";
import { concat, fromHex, toHex, utf8 } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { day, errorOf, now, Pki } from "../pki.ts";

const pki = new Pki(providers[0]!.provider);
const root = pki.root("Root");
const { certificate } = pki.leaf("example.com", root, {
  subject: { C: "DE", O: "Bücher, Ltd.", CN: "example.com" },
  names: {
    dns: ["example.com", "*.example.com"],
    ip: ["192.0.2.1", "2001:db8::1"],
    uri: ["https://example.com/"],
    email: ["a@example.com"],
  },
  extendedKeyUsage: [KeyPurpose.serverAuth],
  type: "secp256r1",
});

describe("a parsed certificate", () => {
  it("has the fields of RFC 5280 §4.1", () => {
    expect(certificate).toMatchObject({
      version: 3,
      notBefore: now - 30 * day,
      notAfter: now + 30 * day,
      signatureAlgorithm: "ed25519",
      signatureOid: "1.3.101.112",
      extendedKeyUsage: [KeyPurpose.serverAuth],
      keyUsage: new Set(["digitalSignature"]),
      criticalUnknown: [],
    });
    expect(certificate.subject.text).toBe("CN=example.com,O=Bücher\\, Ltd.,C=DE");
    expect(certificate.issuer.text).toBe("CN=Root,O=Test");
    expect(certificate.publicKey).toMatchObject({ type: "secp256r1", spki: certificate.spki });
    expect(certificate.publicKey.key).toHaveLength(65);
    expect(certificate.signature).toHaveLength(64);
    expect(certificate.basicConstraints).toBeUndefined();
    expect(root.certificate.basicConstraints).toEqual({ ca: true, pathLength: undefined });
    expect(certificate.authorityKeyIdentifier).toEqual(root.certificate.subjectKeyIdentifier);
    const { dns, ip, uri, email } = certificate.subjectAltNames ?? {};
    expect({ dns, ip: ip?.map(toHex), uri, email }).toEqual({
      dns: ["example.com", "*.example.com"],
      ip: ["c0000201", "20010db8000000000000000000000001"],
      uri: ["https://example.com/"],
      email: ["a@example.com"],
    });
  });

  it("is what another ASN.1 library reads", () => {
    const other = AsnConvert.parse(certificate.der, asn1.Certificate);
    const { tbsCertificate: tbs } = other;
    const bytes = (buffer: ArrayBuffer): Uint8Array => new Uint8Array(buffer);
    expect(bytes(other.tbsCertificateRaw ?? new ArrayBuffer())).toEqual(certificate.tbs);
    expect(bytes(other.signatureValue)).toEqual(certificate.signature);
    expect(bytes(tbs.serialNumber)).toEqual(certificate.serialNumber);
    expect(bytes(AsnConvert.serialize(tbs.subject))).toEqual(certificate.subject.der);
    expect(bytes(AsnConvert.serialize(tbs.subjectPublicKeyInfo))).toEqual(certificate.spki);
    expect(tbs.validity.notAfter.getTime().getTime()).toBe(certificate.notAfter);
    expect(tbs.extensions?.map(({ extnID, critical }) => [extnID, critical])).toEqual(
      certificate.extensions.map((each) => [each.oid, each.critical]),
    );
    const names = tbs.extensions?.find(({ extnID }) => extnID === ExtensionOid.subjectAltName);
    const parsed = AsnConvert.parse(
      names?.extnValue.buffer ?? new ArrayBuffer(),
      asn1.SubjectAlternativeName,
    );
    expect(parsed.flatMap((name) => name.dNSName ?? [])).toEqual(certificate.subjectAltNames?.dns);
  });

  it("does not alias the caller's bytes", () => {
    const bytes = Uint8Array.from(certificate.der);
    const copy = parseCertificate(bytes);
    bytes.fill(0);
    expect(copy.tbs).toEqual(certificate.tbs);
  });

  it("prints names so that they cannot be mistaken (RFC 4514 §2.4)", () => {
    const named = (CN: string): string =>
      pki.ca("x", root, { subject: { CN } }).certificate.subject.text;
    expect(named(`a,b+c"d\\e<f>g;h`)).toBe(`CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h`);
    expect(named("#x ")).toBe("CN=\\#x\\ ");
    expect(named("a\nb\0")).toBe("CN=a\\0ab\\00");
  });
});

describe("names match (RFC 5280 §7.1)", () => {
  const name = (tag: number, value: Uint8Array) =>
    sequence(der(Tag.set, sequence(oid("2.5.4.3"), der(tag, value))));
  const subjectOf = (subject: Uint8Array) =>
    parseCertificate(build({ subject })).subject.comparable;
  const utf = (text: string) => subjectOf(name(Tag.utf8String, utf8(text)));

  it("whatever their case, their spaces and their kind of string", () => {
    expect(utf("Example  CA")).toEqual(utf(" example ca "));
    expect(utf("Example CA")).toEqual(subjectOf(name(Tag.printableString, ascii("Example CA"))));
    expect(utf("É")).toEqual(utf("e\u0301"));
    expect(utf("Example CA")).not.toEqual(utf("ExampleCA"));
    const inUnits = (length: number) =>
      concat(
        ...Array.from("Exämple", (c) => new Uint8Array(length).with(length - 1, c.charCodeAt(0))),
      );
    for (const [tag, value] of [
      [Tag.teletexString, ascii("Exämple")],
      [Tag.bmpString, inUnits(2)],
      [Tag.universalString, inUnits(4)],
    ] as const) {
      expect(utf("EXÄMPLE")).toEqual(subjectOf(name(tag, value)));
      expect(utf("Example")).not.toEqual(subjectOf(name(tag, value)));
    }
  });

  it("by their bytes, where these are no text", () => {
    const [bad, worse] = ["ff", "fe"].map((hex) => subjectOf(name(Tag.utf8String, fromHex(hex))));
    expect(bad).not.toEqual(worse);
    expect(bad).toEqual(subjectOf(name(Tag.utf8String, fromHex("ff"))));
    const cut = (tag: number, hex: string) => subjectOf(name(tag, fromHex(hex)));
    expect(cut(Tag.bmpString, "004101")).not.toEqual(cut(Tag.bmpString, "0041"));
    expect(cut(Tag.bmpString, "004101")).not.toEqual(cut(Tag.bmpString, "004102"));
    expect(cut(Tag.universalString, "00110000")).not.toEqual(cut(Tag.universalString, "00110001"));
  });

  it("and no value passes for two attributes", () => {
    const two = sequence(
      der(Tag.set, sequence(oid("2.5.4.3"), der(Tag.utf8String, utf8("a")))),
      der(Tag.set, sequence(oid("2.5.4.3"), der(Tag.utf8String, utf8("b")))),
    );
    const both = subjectOf(two);
    expect(both).toHaveLength(2);
    expect(utf(both.join("\n"))).not.toEqual(both);
  });
});

/** A certificate by hand, so that every part can be wrong. */
interface Parts {
  version?: Uint8Array;
  serial?: Uint8Array;
  algorithm?: Uint8Array;
  outerAlgorithm?: Uint8Array;
  validity?: Uint8Array;
  subject?: Uint8Array;
  spki?: Uint8Array;
  uniqueId?: Uint8Array;
  extensions?: readonly Uint8Array[];
  signature?: Uint8Array;
  trailing?: Uint8Array;
}

const ed25519 = sequence(oid("1.3.101.112"));
const nothing: Uint8Array = new Uint8Array();

function build(parts: Parts = {}): Uint8Array {
  const name = sequence(der(Tag.set, sequence(oid("2.5.4.3"), der(Tag.utf8String, utf8("x")))));
  const tbs = sequence(
    parts.version ?? der(constructed(0), unsigned(2)),
    parts.serial ?? unsigned(1),
    parts.algorithm ?? ed25519,
    name,
    parts.validity ?? sequence(time(now), time(now + day)),
    parts.subject ?? name,
    parts.spki ?? certificate.spki,
    parts.uniqueId ?? nothing,
    parts.extensions === undefined ? nothing : der(constructed(3), sequence(...parts.extensions)),
  );
  return sequence(
    tbs,
    parts.outerAlgorithm ?? ed25519,
    parts.signature ?? bitString(new Uint8Array(64)),
    parts.trailing ?? nothing,
  );
}

const extension = (id: string, value: Uint8Array, criticality = nothing): Uint8Array =>
  sequence(oid(id), criticality, der(Tag.octetString, value));

describe("malformed certificates", () => {
  it("the same with nothing wrong is read", () => {
    expect(parseCertificate(build())).toMatchObject({ version: 3, extensions: [] });
    expect(parseCertificate(build({ version: nothing })).version).toBe(1);
    const versionTwo = {
      version: der(constructed(0), unsigned(1)),
      uniqueId: der(primitive(1), Uint8Array.of(0, 1)),
    };
    expect(parseCertificate(build(versionTwo)).version).toBe(2);
    expect(
      parseCertificate(build({ extensions: [extension("1.2.3", nothing)] })).extensions,
    ).toHaveLength(1);
  });

  const twice = extension("1.2.3", nothing);
  const san = (...names: readonly Uint8Array[]) => [
    extension(ExtensionOid.subjectAltName, sequence(...names)),
  ];
  it.each<[string, Parts, RegExp]>([
    ["left-over bytes", { trailing: fromHex("0500") }, /2 bytes are left over/],
    [
      "an unknown version",
      { version: der(constructed(0), unsigned(3)) },
      /tbsCertificate\.version.*unknown version 3|unknown version 3/,
    ],
    [
      "another outer algorithm",
      { outerAlgorithm: sequence(oid("1.3.101.113")) },
      /signatureAlgorithm/,
    ],
    ["a serial number that is not minimal", { serial: fromHex("02020001") }, /serialNumber/],
    [
      "a local time",
      { validity: sequence(time(now), der(Tag.utcTime, ascii("261101000000+0100"))) },
      /validity\.notAfter/,
    ],
    ["an empty RDN", { subject: sequence(der(Tag.set)) }, /subject\[0\]/],
    ["a signature of no whole octets", { signature: fromHex("030207a0") }, /signatureValue/],
    [
      "extensions in version 1",
      { version: nothing, extensions: [twice] },
      /extensions in a certificate of version 1/,
    ],
    [
      "no extension in the list",
      { extensions: [] },
      /extensions: expected at least 1|at least 1 items/,
    ],
    ["an extension twice", { extensions: [twice, twice] }, /1\.2\.3 stands here twice/],
    [
      "a boolean of 01",
      { extensions: [extension("1.2.3", nothing, fromHex("010101"))] },
      /critical/,
    ],
    ["an empty subjectAltName", { extensions: san() }, /subjectAltName/],
    [
      "a NUL in a name",
      { extensions: san(der(primitive(2), fromHex("6100"))) },
      /subjectAltName\[0\]/,
    ],
    ["a name that is not ASCII", { extensions: san(der(primitive(2), utf8("ä"))) }, /without NUL/],
    [
      "an address of five bytes",
      { extensions: san(der(primitive(7), new Uint8Array(5))) },
      /4 or 16 bytes, got 5/,
    ],
    ["a general name of no kind", { extensions: san(der(primitive(9))) }, /not a GeneralName/],
    [
      "bytes after an extension's value",
      { extensions: [extension(ExtensionOid.basicConstraints, concat(sequence(), fromHex("00")))] },
      /left over/,
    ],
    [
      "an element too many in basicConstraints",
      { extensions: [extension(ExtensionOid.basicConstraints, fromHex("30090101ff020100020100"))] },
      /basicConstraints/,
    ],
    [
      "a negative pathLenConstraint",
      { extensions: [extension(ExtensionOid.basicConstraints, fromHex("30060101ff0201ff"))] },
      /pathLenConstraint/,
    ],
    [
      "an empty extKeyUsage",
      { extensions: [extension(ExtensionOid.extKeyUsage, sequence())] },
      /extKeyUsage/,
    ],
    [
      "a policy twice",
      {
        extensions: [
          extension(
            ExtensionOid.certificatePolicies,
            sequence(sequence(oid("1.2.3")), sequence(oid("1.2.3"))),
          ),
        ],
      },
      /certificatePolicies/,
    ],
    [
      "empty policyConstraints",
      { extensions: [extension(ExtensionOid.policyConstraints, sequence())] },
      /policyConstraints/,
    ],
  ])("%s", (_, parts, text) => {
    expect(errorOf(() => parseCertificates([certificate.der, build(parts)]))).toMatchObject({
      name: "TlsError",
      code: "bad_certificate",
      message: expect.stringMatching(text),
      detail: { where: expect.stringMatching(/^certificate\[1\]/) },
    });
  });

  it("every truncation is refused, and no byte that is changed does more than that", () => {
    for (let end = 0; end < certificate.der.length; end++) {
      expect(errorOf(() => parseCertificate(certificate.der.subarray(0, end)))).toMatchObject({
        code: "bad_certificate",
      });
    }
    for (let at = 0; at < certificate.der.length; at++) {
      const changed = Uint8Array.from(certificate.der);
      changed[at]! ^= 0xff;
      const read = (): unknown => parseCertificate(changed).publicKey;
      try {
        read();
      } catch (error) {
        expect(error).toMatchObject({
          name: "TlsError",
          code: expect.stringMatching(/^(bad|unsupported)_certificate$/),
        });
      }
    }
  });

  it("tolerates what DER forbids and issuers write: a default that is spelt out", () => {
    const spelt = [
      extension(ExtensionOid.basicConstraints, fromHex("3003010100"), fromHex("010100")),
    ];
    expect(parseCertificate(build({ extensions: spelt })).basicConstraints).toEqual({
      ca: false,
      pathLength: undefined,
    });
  });
});

describe("public keys", () => {
  const rsa = (bits: number): Uint8Array => {
    const modulus = new Uint8Array(bits / 8).fill(0xff);
    return sequence(
      sequence(oid("1.2.840.113549.1.1.1"), der(Tag.null)),
      bitString(sequence(unsigned(modulus), unsigned(65_537))),
    );
  };
  const curve = (id: string, point: Uint8Array) =>
    sequence(sequence(oid("1.2.840.10045.2.1"), oid(id)), bitString(point));
  const p256 = "1.2.840.10045.3.1.7";
  const keyOf = (spki: Uint8Array) => parseCertificate(build({ spki })).publicKey;

  it("RSA from 2048 to 8192 bits", () => {
    expect(keyOf(rsa(2048)).type).toBe("rsa");
    expect(keyOf(rsa(8192)).type).toBe("rsa");
    for (const bits of [1024, 2040, 8200]) {
      expect(errorOf(() => keyOf(rsa(bits)))).toMatchObject({
        code: "unsupported_certificate",
        message: expect.stringContaining(`2048 to 8192 bits, got ${bits}`),
      });
    }
  });

  it.each<[string, Uint8Array, string]>([
    [
      "an unknown type",
      sequence(sequence(oid("1.2.840.10040.4.1")), bitString(nothing)),
      "unsupported_certificate",
    ],
    ["an unknown curve", curve("1.3.132.0.10", new Uint8Array(65)), "unsupported_certificate"],
    ["a compressed point", curve(p256, new Uint8Array(33).fill(2)), "unsupported_certificate"],
    [
      "an explicit curve",
      sequence(sequence(oid("1.2.840.10045.2.1"), sequence()), bitString(nothing)),
      "unsupported_certificate",
    ],
    ["a short point", curve(p256, new Uint8Array(64).fill(4)), "bad_certificate"],
    [
      "Ed25519 with parameters",
      sequence(sequence(oid("1.3.101.112"), der(Tag.null)), bitString(new Uint8Array(32))),
      "bad_certificate",
    ],
    [
      "ML-DSA-44 of the wrong length",
      sequence(sequence(oid("2.16.840.1.101.3.4.3.17")), bitString(new Uint8Array(1311))),
      "bad_certificate",
    ],
    [
      "RSA that is no RSAPublicKey",
      sequence(sequence(oid("1.2.840.113549.1.1.1"), der(Tag.null)), bitString(nothing)),
      "bad_certificate",
    ],
  ])("%s is refused on first use, not before", (_, spki, code) => {
    const parsed = parseCertificate(build({ spki }), "certificate[3]");
    expect(errorOf(() => parsed.publicKey)).toMatchObject({
      code,
      detail: { where: "certificate[3].subjectPublicKeyInfo" },
    });
  });
});

describe("parseCertificates", () => {
  const pem = (each: Certificate) => encodePem("CERTIFICATE", each.der);

  it("takes PEM with several blocks, DER, and lists of both", () => {
    const both = [certificate, root.certificate].map(({ der: bytes }) => bytes);
    const ders = (input: Parameters<typeof parseCertificates>[0]) =>
      parseCertificates(input).map((each) => each.der);
    expect(ders(pem(certificate) + pem(root.certificate))).toEqual(both);
    expect(ders([certificate.der, pem(root.certificate)])).toEqual(both);
    expect(ders(certificate.der)).toEqual([certificate.der]);
    expect(ders([])).toEqual([]);
  });

  it("says what a file holds instead", () => {
    expect(() => parseCertificates(encodePem("PRIVATE KEY", nothing))).toThrow(
      /no CERTIFICATE block found; received PEM with PRIVATE KEY/,
    );
  });
});

describe("CertificateCache", () => {
  it("gives the same object for the bytes of what it keeps, and another for others", () => {
    const cache = new CertificateCache();
    const first = cache.parse(certificate.der);
    cache.keep([first]);
    expect(cache.parse(Uint8Array.from(certificate.der))).toBe(first);
    const other = Uint8Array.from(certificate.der);
    // The end, by which the cache finds an entry, stays the same.
    other[20]! ^= 1;
    expect(cache.parse(other)).not.toBe(first);
    expect(cache.parse(other).der).toEqual(other);
    expect(cache.parse(certificate.der)).toBe(first);
    cache.keep([cache.parse(other)]);
    expect(cache.size).toBe(1);
    expect(cache.parse(certificate.der)).not.toBe(first);
  });

  it("keeps nothing that was only read", () => {
    const cache = new CertificateCache();
    const first = cache.parse(certificate.der);
    expect(cache.parse(certificate.der)).not.toBe(first);
    expect(() => cache.parse(nothing, "certificate[2]")).toThrow(/certificate\[2\]/);
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  it("forgets the least recently used", () => {
    const cache = new CertificateCache({ certificates: 2 });
    const [a, b, c] = [root, pki.root("B"), pki.root("C")].map((each) => each.certificate);
    cache.keep([a!, b!]);
    cache.parse(a!.der);
    cache.keep([c!]);
    expect(cache.size).toBe(2);
    expect(cache.parse(a!.der)).toBe(a);
    expect(cache.parse(b!.der)).not.toBe(b);
    expect(cache.bytes).toBe(a!.der.length + c!.der.length);
  });

  it("keeps so many bytes, and not one more", () => {
    const [a, b] = [root, pki.root("B")].map((each) => each.certificate);
    const cache = new CertificateCache({ bytes: a!.der.length + b!.der.length });
    cache.keep([a!, b!, b!]);
    expect([cache.size, cache.bytes]).toEqual([2, a!.der.length + b!.der.length]);
    const tighter = new CertificateCache({ bytes: a!.der.length + b!.der.length - 1 });
    tighter.keep([a!, b!]);
    expect(tighter.parse(a!.der)).not.toBe(a);
    expect(tighter.parse(b!.der)).toBe(b);
    expect(tighter.bytes).toBe(b!.der.length);
    tighter.keep([pki.leaf("large", root, { names: { dns: ["x".repeat(1000)] } }).certificate]);
    expect([tighter.size, tighter.bytes]).toEqual([0, 0]);
  });
});

describe("text where DER is meant", () => {
  const pem = encodePem("CERTIFICATE", certificate.der);

  it.each([pem, utf8(pem), undefined, "x"])("is told, with what reads it: %#", (input) => {
    for (const parse of [parseCertificate, parseCrl]) {
      expect(() => parse(input as Uint8Array)).toThrow(
        expect.objectContaining({
          code: "misuse",
          message: expect.stringMatching(/must be DER, and not text.*parseCertificates\(\)/),
        }),
      );
    }
    expect(parseCertificate(certificate.der).der).toEqual(certificate.der);
  });
});
