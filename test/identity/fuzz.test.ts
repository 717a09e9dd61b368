import { describe, expect, it } from "vitest";
import { issueCrl, parseCertificate } from "../../src/identity/index.ts";
import { der, sequence } from "../../src/identity/der/der-writer.ts";
import { Tag } from "../../src/identity/der/der-tags.ts";
import { ExtensionOid } from "../../src/identity/der/oids.ts";
import { concat } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { mutate, nested } from "../support/mutate.ts";
import { pki, provider, root, saysAll, targets } from "./fuzz.ts";
import { day, now } from "./pki.ts";

/** `FUZZ_ROUNDS` gives more of them. */
const rounds = Number(process.env["FUZZ_ROUNDS"] ?? 400);

describe("whatever is damaged", () => {
  it.each(targets)("%s: is taken as long as it is intact", (_, intact, read) => {
    read(intact);
  });

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
      expect(errorWith(ExtensionOid.subjectAltName, nested(depth))).toMatch(/not a GeneralName/);
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
