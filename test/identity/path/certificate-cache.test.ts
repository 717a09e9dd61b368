import { expect, it } from "vitest";
import { noble } from "../../../src/crypto/index.ts";
import {
  CertificateCache,
  createDevelopmentCa,
  createTrustStore,
} from "../../../src/identity/index.ts";
import { equal } from "../../../src/wire/index.ts";
import { ca, serverCredential, testTime } from "../../support/identities.ts";
import { changed } from "../../support/raw.ts";

const leaf = serverCredential.chain[0]!;
const other = createDevelopmentCa({ provider: noble, algorithm: "ed25519", now: testTime });

it("a cache knows who signed what, and nobody else", () => {
  const cache = new CertificateCache();
  cache.setVerified(leaf, ca.certificate);
  expect(cache.isVerified(leaf, ca.certificate)).toBe(true);
  expect(cache.isVerified(leaf, other.certificate)).toBe(false);
});

it("a cache gives the certificate that was asked for, and none that ends as it does", () => {
  const cache = new CertificateCache();
  cache.keep([leaf]);
  expect(cache.parse(leaf.der.slice())).toBe(leaf);
  // A bit of the serial number, far from the signature by which it is found
  const at = leaf.der.findIndex((_, index) =>
    equal(leaf.der.subarray(index, index + leaf.serialNumber.length), leaf.serialNumber),
  );
  const twin = changed(leaf.der, (der) => (der[at + 1]! ^= 1));
  expect(cache.parse(twin).der).toEqual(twin);
});

it("a trust store has a certificate, and not another authority of its name", () => {
  expect(other.certificate.subject.key).toBe(ca.certificate.subject.key);
  const trust = createTrustStore([ca.certificate]);
  expect(trust.has(ca.certificate)).toBe(true);
  expect(trust.has(other.certificate)).toBe(false);
});
