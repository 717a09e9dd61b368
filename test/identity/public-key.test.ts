import { describe, expect, it } from "vitest";
import {
  createSigner,
  encodePrivateKey,
  encodePublicKey,
  verifierOf,
} from "../../src/identity/index.ts";
import { providers } from "../crypto/providers.ts";
import { tlsErrorOf } from "../support/errors.ts";

/** Keys that are well formed, and that the primitive does not take. */
describe.each(providers)("keys that are none, with $name", ({ provider }) => {
  it("a point off its curve is the certificate's fault", () => {
    const { publicKey } = provider.generateKey("secp256r1");
    const verify = (key: Uint8Array) =>
      verifierOf(encodePublicKey("secp256r1", key), "ecdsa_sha256", provider, "certificate[0]");
    expect(verify(publicKey)(new Uint8Array(1), new Uint8Array(1))).toBe(false);
    const off = new Uint8Array(65).fill(1);
    off[0] = 4;
    expect(tlsErrorOf(() => verify(off))).toMatchObject({
      code: "bad_certificate",
      alert: "bad_certificate",
      detail: { where: "certificate[0]", section: "RFC 5280 §4.1.2.7" },
    });
  });
});

it("a scalar of zero is ours", () => {
  // OpenSSL 3.0 takes it, and fails when it is to sign.
  const { provider } = providers[0]!;
  const key = provider.generateKey("secp256r1");
  expect(createSigner(encodePrivateKey(key), provider).schemes).toHaveLength(1);
  const zero = { ...key, privateKey: new Uint8Array(32) };
  expect(tlsErrorOf(() => createSigner(encodePrivateKey(zero), provider))).toMatchObject({
    code: "misuse",
    detail: { where: "privateKey", section: "RFC 5958 §2" },
  });
});
