import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  createSigner,
  decodePublicKey,
  encodePrivateKey,
  encodePublicKey,
  verifierOf,
} from "../../../src/identity/index.ts";
import type { HashName } from "../../../src/crypto/index.ts";
import { constructed } from "../../../src/identity/der/der-tags.ts";
import { bitString, der, oid, sequence, unsigned } from "../../../src/identity/der/der-writer.ts";
import { AlgorithmOid } from "../../../src/crypto/oids.ts";
import { providers } from "../../crypto/providers.ts";
import { tlsErrorOf } from "../../support/errors.ts";

/** Keys that are well formed, and that the primitive does not take. */
describe.each(providers)("keys that are none, with $name", ({ provider }) => {
  it("a point off its curve is the certificate's fault", () => {
    const { publicKey } = provider.generateKey("secp256r1");
    const verify = (key: Uint8Array) =>
      verifierOf(
        encodePublicKey("secp256r1", key),
        provider.signatures.ecdsa_sha256,
        "certificate[0]",
      );
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

/** An RSASSA-PSS key with these parameters. */
function pssKey(parts: Parts) {
  const algorithm = sequence(oid(AlgorithmOid.rsassaPss), parameters(parts));
  return decodePublicKey(sequence(algorithm, bitString(unlimited.key)));
}

const unlimited = decodePublicKey(
  generateKeyPairSync("rsa-pss", {
    modulusLength: 2048,
    publicKeyEncoding: { format: "der", type: "spki" },
    privateKeyEncoding: { format: "der", type: "pkcs8" },
  }).publicKey,
);

interface Parts {
  readonly hash?: HashName;
  readonly mask?: HashName;
  readonly salt?: number;
  readonly trailer?: number;
}

function parameters({ hash, mask, salt, trailer }: Parts): Uint8Array {
  const identifier = (name: HashName) => sequence(oid(AlgorithmOid[name]));
  return sequence(
    hash === undefined ? none : der(constructed(0), identifier(hash)),
    mask === undefined
      ? none
      : der(constructed(1), sequence(oid(AlgorithmOid.mgf1), identifier(mask))),
    salt === undefined ? none : der(constructed(2), unsigned(salt)),
    trailer === undefined ? none : der(constructed(3), unsigned(trailer)),
  );
}

const none = new Uint8Array();

describe("the parameters of an RSASSA-PSS key (RFC 4055 §3.1, §3.3)", () => {
  const sha256 = { hash: "sha256", mask: "sha256" } as const;

  it.each<[string, Parts]>([
    // Without a length it is 20, as OpenSSL writes it
    ["the least salt that there is by default", sha256],
    ["a salt of the digest's length", { ...sha256, salt: 32, trailer: 1 }],
  ])("limit it to its hash, with %s", (_, parts) => {
    expect(pssKey(parts)).toMatchObject({ type: "rsa-pss", hash: "sha256" });
  });

  it.each<[string, Parts]>([
    ["SHA-1, which is the default", {}],
    ["a mask with the default hash", { hash: "sha256" }],
    ["a mask with another hash", { hash: "sha256", mask: "sha384" }],
    ["a salt that is longer than TLS's", { ...sha256, salt: 33 }],
    ["another trailer", { ...sha256, salt: 32, trailer: 2 }],
  ])("make it useless with %s", (_, parts) => {
    expect(tlsErrorOf(() => pssKey(parts))).toMatchObject({ code: "unsupported_certificate" });
  });

  it("are absent from most keys, which are then free", () => {
    expect(unlimited.type).toBe("rsa-pss");
    expect(unlimited).not.toHaveProperty("hash");
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
