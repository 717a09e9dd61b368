import { describe, expect, it } from "vitest";
import type { Provider } from "../../../src/crypto/index.ts";
import {
  type Certificate,
  CertificateCache,
  type ChainOptions,
  createTrustStore,
  KeyPurpose,
  nameConstraints,
  parseCertificate,
  VerifiedChain,
  verifyChain,
} from "../../../src/identity/index.ts";
import type { ErrorCode } from "../../../src/registry/index.ts";
import { providers } from "../../crypto/providers.ts";
import { certificates, type Change, day, type Entity, errorOf, now, Pki } from "../pki.ts";

const critical = (oid: string) => ({ oid, critical: true, value: Uint8Array.of(5, 0) });

/** A copy whose last signature byte differs. */
function forged(certificate: Certificate): Certificate {
  const der = Uint8Array.from(certificate.der);
  der[der.length - 1]! ^= 1;
  return parseCertificate(der);
}

describe.each(providers)("verifyChain with $name", ({ provider }) => {
  const pki = new Pki(provider);
  const root = pki.root("Root");
  const middle = pki.ca("Middle", root);
  const leaf = pki.leaf("example.com", middle);
  const trust = createTrustStore(certificates(root));

  const verify = (
    entities: readonly (Entity | Certificate)[],
    change: Partial<ChainOptions> = {},
  ) =>
    verifyChain({
      chain: entities.map((each) => ("der" in each ? each : each.certificate)),
      trust,
      usage: "server",
      name: "example.com",
      now,
      provider,
      ...change,
    });
  const refuse = (
    entities: readonly (Entity | Certificate)[],
    code: ErrorCode,
    text: RegExp,
    change: Partial<ChainOptions> = {},
  ): void => {
    expect(errorOf(() => verify(entities, change))).toMatchObject({
      name: "TlsError",
      code,
      message: expect.stringMatching(text),
    });
  };

  it("finds the path from the leaf to the anchor", () => {
    const verified = verify([leaf, middle]);
    expect(verified.path).toEqual(certificates(leaf, middle, root));
    expect(verified.leaf).toBe(leaf.certificate);
    expect(verified.names).toEqual(["example.com"]);
    refuse([leaf], "unknown_ca", /issued by "CN=Middle,O=Test"/);
    refuse([], "empty_certificate", /empty/);
  });

  it("takes what follows the leaf in any order, with strangers and the root among it", () => {
    const upper = pki.ca("Upper", root);
    const lower = pki.ca("Lower", upper);
    const last = pki.leaf("example.com", lower);
    const stranger = pki.ca("Stranger", pki.root("Elsewhere"));
    const { path } = verify([last, stranger, root, upper, lower]);
    expect(path).toEqual(certificates(last, lower, upper, root));
  });

  it("takes the way through a cross-certificate that leads to an anchor", () => {
    const unknown = pki.root("Unknown root");
    const under = pki.ca("Shared", unknown);
    const crossed = pki.cross(under, root);
    const last = pki.leaf("example.com", under);
    expect(verify([last, under, crossed]).path).toEqual(certificates(last, crossed, root));
    refuse([last, under], "unknown_ca", /no path/);
  });

  it("tries all anchors of a name", () => {
    const namesake = pki.root("Root");
    const both = createTrustStore(certificates(namesake, root));
    expect(verify([leaf, middle], { trust: both }).path.at(-1)).toBe(root.certificate);
    // It has the name, but another key than the identifier says
    refuse([leaf, middle], "unknown_ca", /no path/, {
      trust: createTrustStore(certificates(namesake)),
    });
  });

  it("accepts an intermediate and a leaf as anchors, and checks the leaf all the same", () => {
    expect(verify([leaf, middle], { trust: createTrustStore(certificates(middle)) }).path).toEqual(
      certificates(leaf, middle),
    );
    const own = createTrustStore(certificates(leaf));
    expect(verify([leaf], { trust: own }).path).toEqual(certificates(leaf));
    refuse([leaf], "wrong_name", /another name/, { trust: own, name: "example.org" });
    refuse([leaf], "certificate_expired", /expired/, { trust: own, now: now + 31 * day });
  });

  it("refuses a self-signed certificate that is not trusted", () => {
    const own = pki.root("example.com", { names: { dns: ["example.com"] } });
    refuse([own], "unknown_ca", /no path/);
  });

  describe("RFC 5280 §6.1.3 (a)(1): signatures", () => {
    it("refuses a forged leaf and a forged intermediate", () => {
      refuse([forged(leaf.certificate), middle], "bad_certificate", /path\[0\].*§6\.1\.3/);
      refuse([leaf, forged(middle.certificate)], "bad_certificate", /path\[1\] "CN=Middle/);
    });

    it("does not look at the anchor's own signature", () => {
      const anchor = createTrustStore([forged(root.certificate)]);
      expect(verify([leaf, middle], { trust: anchor }).path).toHaveLength(3);
    });

    it("refuses an algorithm that does not fit the issuer's key", () => {
      const wrong = { ...leaf.certificate, signatureAlgorithm: "ecdsa_sha256" } as const;
      refuse([wrong, middle], "bad_certificate", /ecdsa_sha256, but the key is ed25519/);
    });

    it("answers SHA-1 with bad_certificate and the unknown with unsupported_certificate", () => {
      const signed = (signatureOid: string): Certificate => ({
        ...leaf.certificate,
        signatureAlgorithm: undefined,
        signatureOid,
      });
      refuse([signed("1.2.840.113549.1.1.5"), middle], "bad_certificate", /broken hash/);
      refuse([signed("1.2.840.10045.4.1"), middle], "bad_certificate", /broken hash/);
      refuse([signed("1.2.3.4"), middle], "unsupported_certificate", /1\.2\.3\.4/);
    });
  });

  it("RFC 5280 §6.1.3 (a)(2): refuses what is not valid now, wherever it stands", () => {
    const expired = { notAfter: now - 1000 };
    const future = { notBefore: now + 1000 };
    const oldRoot = pki.root("Old root", expired);
    const cases = [
      {
        entities: [pki.leaf("example.com", middle, expired), middle],
        text: /path\[0\].*expired|expired.*path\[0\]/,
      },
      { entities: [pki.leaf("example.com", middle, future), middle], text: /not valid yet/ },
    ];
    for (const { entities, text } of cases) refuse(entities, "certificate_expired", text);
    const oldMiddle = pki.ca("Middle", root, expired);
    refuse([pki.leaf("example.com", oldMiddle), oldMiddle], "certificate_expired", /path\[1\]/);
    refuse([pki.leaf("example.com", oldRoot)], "certificate_expired", /path\[1\] "CN=Old root/, {
      trust: createTrustStore(certificates(oldRoot)),
    });
    const edges = pki.leaf("example.com", middle, { notBefore: now, notAfter: now });
    expect(verify([edges, middle]).leaf).toBe(edges.certificate);
  });

  describe("RFC 5280 §6.1.4: who may issue", () => {
    it("(k): refuses an issuer that is no CA", () => {
      const plain = pki.leaf("Plain", root, { keyUsage: ["digitalSignature", "keyCertSign"] });
      refuse([pki.leaf("example.com", plain), plain], "bad_certificate", /is not a CA.*\(k\)/);
    });

    it("§4.2.1.3, §4.2.1.10: refuses a leaf that says what only a CA may say", () => {
      const isRefused = (change: Change, text: RegExp): void => {
        refuse([pki.leaf("example.com", root, change)], "bad_certificate", text);
        // A CA may, as the last certificate too.
        const keyUsage = ["digitalSignature", "keyCertSign"] as const;
        const names = { dns: ["example.com"] };
        const ca = pki.ca("CA", root, { ...change, keyUsage, names });
        expect(verify([ca]).path).toHaveLength(2);
      };
      isRefused(
        { keyUsage: ["digitalSignature", "keyCertSign"] },
        /keyCertSign without being a CA/,
      );
      const limits = nameConstraints({ permitted: { dns: ["example.com"] } });
      for (const isCritical of [true, false]) {
        const extensions = [{ ...limits, critical: isCritical }];
        isRefused({ extensions }, /name constraints without being a CA.*4\.2\.1\.10/);
      }
      // An anchor is trusted as it is.
      const own = pki.root("own", {
        keyUsage: ["digitalSignature", "keyCertSign"],
        names: { dns: ["example.com"] },
        ca: undefined!,
      });
      expect(verify([own], { trust: createTrustStore(certificates(own)) }).path).toHaveLength(1);
    });

    it("(n): refuses a CA without keyCertSign, and takes one without keyUsage", () => {
      const signOnly = pki.ca("Sign only", root, { keyUsage: ["digitalSignature", "cRLSign"] });
      refuse([pki.leaf("example.com", signOnly), signOnly], "bad_certificate", /keyCertSign/);
      const any = pki.ca("Any", root, { keyUsage: [] });
      expect(verify([pki.leaf("example.com", any), any]).path).toHaveLength(3);
    });

    it("(l), (m): counts CAs below pathLenConstraint", () => {
      const last = pki.ca("Last", root, { ca: { pathLength: 0 } });
      expect(verify([pki.leaf("example.com", last), last]).path).toHaveLength(3);
      const tooFar = pki.ca("Too far", last);
      refuse(
        [pki.leaf("example.com", tooFar), tooFar, last],
        "bad_certificate",
        /pathLenConstraint/,
      );

      // A CA cannot widen what one above it allows.
      const one = pki.ca("One", root, { ca: { pathLength: 1 } });
      const two = pki.ca("Two", one, { ca: { pathLength: 5 } });
      const three = pki.ca("Three", two);
      expect(verify([pki.leaf("example.com", two), two, one]).path).toHaveLength(4);
      refuse([pki.leaf("example.com", three), three, two, one], "bad_certificate", /pathLen/);
    });

    it("(l): does not count self-issued CAs", () => {
      const old = pki.ca("Rollover", root, { ca: { pathLength: 0 } });
      const fresh = pki.ca("Rollover", old);
      expect(verify([pki.leaf("example.com", fresh), fresh, old]).path).toHaveLength(4);
    });

    it("holds an anchor to the limits of its own certificate", () => {
      const limited = pki.root("Limited", { ca: { pathLength: 0 } });
      const below = pki.ca("Below", limited);
      refuse([pki.leaf("example.com", below), below], "bad_certificate", /pathLenConstraint/, {
        trust: createTrustStore(certificates(limited)),
      });
    });

    it("(o): refuses unknown critical extensions in every place, and ignores others", () => {
      const extensions = [critical("1.2.3.4")];
      refuse(
        [pki.leaf("example.com", middle, { extensions }), middle],
        "unsupported_certificate",
        /1\.2\.3\.4/,
      );
      const odd = pki.ca("Odd", root, { extensions });
      refuse([pki.leaf("example.com", odd), odd], "unsupported_certificate", /path\[1\]/);
      const harmless = [{ ...critical("1.2.3.4"), critical: false }];
      const fine = pki.leaf("example.com", middle, { extensions: harmless });
      expect(verify([fine, middle]).leaf).toBe(fine.certificate);
    });
  });

  describe("what TLS asks", () => {
    it("RFC 9846 §4.5.1.2: a key that may sign", () => {
      const repudiate = pki.leaf("example.com", middle, { keyUsage: ["nonRepudiation"] });
      refuse([repudiate, middle], "unsupported_certificate", /expected .* digitalSignature/);
      const silent = pki.leaf("example.com", middle, { keyUsage: [] });
      expect(verify([silent, middle]).leaf).toBe(silent.certificate);
    });

    it("RFC 8410 §5, RFC 9881 §5: no other use of a key that can only sign", () => {
      for (const type of ["ed25519", "ML-DSA-44"] as const) {
        const usages = { type, keyUsage: ["digitalSignature", "keyAgreement"] } as const;
        refuse(
          [pki.leaf("example.com", middle, usages), middle],
          "bad_certificate",
          /for keyAgreement.*RFC 9881 §5/,
        );
      }
      const curve = { type: "secp256r1", keyUsage: ["digitalSignature", "keyAgreement"] } as const;
      expect(verify([pki.leaf("example.com", middle, curve), middle]).path).toHaveLength(3);
    });

    it("RFC 5280 §4.2.1.12: a leaf that is meant for its role", () => {
      const { serverAuth, clientAuth, anyExtendedKeyUsage } = KeyPurpose;
      const meant = (...extendedKeyUsage: string[]) => [
        pki.leaf("example.com", middle, { extendedKeyUsage }),
        middle,
      ];
      expect(verify(meant(serverAuth)).path).toHaveLength(3);
      expect(verify(meant(clientAuth), { usage: "client" }).path).toHaveLength(3);
      expect(verify(meant(clientAuth, serverAuth)).path).toHaveLength(3);
      expect(verify(meant(anyExtendedKeyUsage)).path).toHaveLength(3);
      refuse(meant(clientAuth), "unsupported_certificate", /not meant for a TLS server/);
      refuse(meant(serverAuth), "unsupported_certificate", /TLS client/, { usage: "client" });
      refuse(meant("1.3.6.1.5.5.7.3.3"), "unsupported_certificate", /not meant/);
    });

    it("takes the extended key usage of a CA as a limit on what it issues", () => {
      const forClients = pki.ca("Clients", root, { extendedKeyUsage: [KeyPurpose.clientAuth] });
      const below = pki.leaf("example.com", forClients);
      refuse([below, forClients], "unsupported_certificate", /path\[1\]/);
      expect(verify([below, forClients], { usage: "client" }).path).toHaveLength(3);
    });

    it("RFC 9525 §6: the name", () => {
      const names = { dns: ["a.example", "*.b.example"], ip: ["192.0.2.1", "2001:db8::1"] };
      const many = pki.leaf("c.example", middle, { names });
      for (const name of [
        "a.example",
        "x.b.example",
        "192.0.2.1",
        "2001:DB8:0::1",
        "[2001:db8::1]",
      ]) {
        expect(verify([many, middle], { name }).names).toContain("a.example");
      }
      for (const name of ["c.example", "b.example", "x.y.b.example", "192.0.2.2", "::1"]) {
        refuse([many, middle], "wrong_name", /another name/, { name });
      }
      const unnamed = pki.leaf("example.com", middle, { names: { email: ["a@example.com"] } });
      refuse([unnamed, middle], "wrong_name", /without names/);
      expect(
        verifyChain({ chain: certificates(unnamed, middle), trust, usage: "client", now, provider })
          .names,
      ).toEqual([]);
    });
  });

  describe("limits", () => {
    it("ends in a loop of cross-certificates", () => {
      const a = pki.root("A");
      const b = pki.root("B");
      const aByB = pki.cross(a, b);
      const bByA = pki.cross(b, a);
      const last = pki.leaf("example.com", a);
      refuse([last, aByB, bByA, a, b], "unknown_ca", /no path/);
      const crossed = pki.cross(b, root);
      expect(verify([last, aByB, bByA, crossed]).path).toEqual(
        certificates(last, aByB, crossed, root),
      );
    });

    it("stops among many issuers of one name", () => {
      const mesh = Array.from({ length: 8 }, () => pki.root("Mesh"));
      const first = mesh[0]!;
      refuse([pki.leaf("example.com", first), ...mesh], "bad_certificate", /too many possible/);
    });

    it("stops at a number of signatures, and at a length", () => {
      expect(verify([leaf, middle], { limits: { signatures: 2, length: 3 } }).path).toHaveLength(3);
      refuse([leaf, middle], "bad_certificate", /too many signatures/, {
        limits: { signatures: 1 },
      });
      refuse([leaf, middle], "unknown_ca", /too long; expected at most 2 certificates/, {
        limits: { length: 2 },
      });
      // Where a path was found that is not valid, that is the reason.
      const old = pki.leaf("old.example", root, { notAfter: now - day });
      const deep = pki.cross(root, middle);
      refuse([old, deep, middle], "certificate_expired", /expired/, { limits: { length: 2 } });
    });
  });

  it("tells the names that the leaf is valid for in normal form", () => {
    const dns = ["Example.COM.", "*.Example.com", "w*.example.com", "*.com", "a..b"];
    const named = pki.leaf("unused", middle, { names: { dns, ip: ["192.0.2.1"] } });
    const { names } = verify([named, middle], { name: "example.com" });
    expect(names).toEqual(["example.com", "*.example.com", "192.0.2.1"]);
  });

  it("verifies a signature once with a cache, and everything else again", () => {
    let verified = 0;
    const { ed25519 } = provider.signatures;
    const counting: Provider = {
      ...provider,
      signatures: {
        ...provider.signatures,
        ed25519: {
          ...ed25519,
          verifier(key) {
            const verifier = ed25519.verifier(key);
            return (message, signature) => {
              verified++;
              return verifier(message, signature);
            };
          },
        },
      },
    };
    const cache = new CertificateCache();
    const options = { provider: counting, cache };
    const parsed = () => [cache.parse(leaf.certificate.der), cache.parse(middle.certificate.der)];
    verify(parsed(), options);
    expect(verified).toBe(2);
    verify(parsed(), options);
    expect(verified).toBe(2);
    refuse(parsed(), "certificate_expired", /expired/, { ...options, now: now + 40 * day });
    const bad = cache.parse(forged(leaf.certificate).der);
    refuse([bad, ...parsed().slice(1)], "bad_certificate", /signature is wrong/, options);
    refuse([bad, ...parsed().slice(1)], "bad_certificate", /signature is wrong/, options);
    // What was refused is not kept: anybody can have themselves refused
    expect([cache.size, cache.parse(bad.der) === bad]).toEqual([2, false]);
  });
});

it("a look-alike is no VerifiedChain", () => {
  const take = (chain: VerifiedChain): VerifiedChain => chain;
  // @ts-expect-error the proof is missing
  expect(take({ path: [], leaf: {} as Certificate, names: [] })).not.toBeInstanceOf(VerifiedChain);
});
