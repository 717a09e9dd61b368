import { describe, expect, it } from "vitest";
import {
  createCredential,
  createTrustStore,
  encodePem,
  parseCertificates,
  verifyChain,
} from "../../../src/identity/index.ts";
import { sequence } from "../../../src/identity/der/der-writer.ts";
import { providers } from "../../crypto/providers.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { certificates, now, Pki } from "../pki.ts";

describe.each(providers)("a trust store, with $name", ({ provider }) => {
  const pki = new Pki(provider);
  const [first, second] = [pki.root("First"), pki.root("Second")];
  const pem = (der: Uint8Array) => encodePem("CERTIFICATE", der);
  const [one, two] = [first.certificate.der, second.certificate.der];
  const unreadable = sequence();
  const verify = (bundle: Parameters<typeof createTrustStore>[0], issuer = second) =>
    verifyChain({
      chain: certificates(pki.leaf("a.example", issuer)),
      trust: createTrustStore(bundle),
      usage: "server",
      now,
      provider,
    }).path;

  it("is not spoilt by a certificate that cannot be read, which vouches for nobody", () => {
    for (const bundle of [
      pem(one) + pem(unreadable) + pem(two),
      [pem(one), pem(unreadable), pem(two)],
      [one, unreadable, two],
    ]) {
      expect(verify(bundle)).toHaveLength(2);
      const { anchors, unreadable: problems } = createTrustStore(bundle);
      expect(anchors.map(({ der }) => der)).toEqual([one, two]);
      expect(problems?.map(({ detail }) => detail.where)).toEqual([
        expect.stringMatching(/^certificate\[1\]/),
      ]);
    }
    expect(createTrustStore([one, two])).not.toHaveProperty("unreadable");
    // Whoever misses it is told.
    expect(tlsErrorOf(() => verify([one, unreadable])).message).toMatch(
      /no path.*\(1 of them could not be read, the first: malformed.*certificate\[1\]/,
    );
    expect(tlsErrorOf(() => verify([one])).message).not.toMatch(/could not be read/);
  });

  it("needs one that can be read", () => {
    for (const bundle of [unreadable, pem(unreadable), [unreadable, unreadable]]) {
      expect(tlsErrorOf(() => createTrustStore(bundle))).toMatchObject({
        code: "bad_certificate",
        detail: { where: expect.stringMatching(/^certificate\[0\]/) },
      });
    }
    expect(createTrustStore([]).anchors).toEqual([]);
  });

  it("and nothing else may hold one", () => {
    const { privateKey } = first;
    expect(() => parseCertificates([one, unreadable])).toThrow(/certificate\[1\]/);
    const input = { certificates: [one, unreadable], privateKey, provider };
    expect(() => createCredential(input)).toThrow(/certificate\[1\]/);
  });
});
