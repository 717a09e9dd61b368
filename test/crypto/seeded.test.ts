import * as crypto from "node:crypto";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, it } from "vitest";
import {
  createNoble,
  type KemName,
  kemParameters,
  type KeyType,
  type Provider,
  type RandomSource,
  seededRandom,
  type SignatureName,
  sodiumProvider,
} from "../../src/crypto/index.ts";
import { createNative } from "../../src/crypto/native.ts";
import { fromHex, toHex, utf8 } from "../../src/wire/index.ts";
import { keyPairOf } from "./keys.ts";
import { sodium } from "../support/sodium.ts";

const factories: readonly {
  readonly name: string;
  readonly create: (options: { readonly random: RandomSource }) => Provider;
}[] = [
  { name: "noble", create: createNoble },
  { name: "native", create: createNative },
  {
    name: "libsodium",
    create: (options) => sodiumProvider(createNoble(options), sodium),
  },
];

describe("seededRandom", () => {
  it("repeats, call by call", () => {
    const first = seededRandom("laboratory");
    const second = seededRandom(utf8("laboratory"));
    for (const length of [0, 1, 32, 100_000]) {
      const bytes = first(length);
      expect(bytes).toHaveLength(length);
      expect(second(length)).toEqual(bytes);
    }
  });

  it("gives other bytes for another call, and for another seed", () => {
    const random = seededRandom("laboratory");
    const first = random(32);
    expect(random(32)).not.toEqual(first);
    expect(seededRandom("other")(32)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(16);
  });

  it("stays the same from version to version", () => {
    expect(toHex(seededRandom("laboratory")(16))).toBe("e72791bca33b03da44a8d52ce4e08c92");
  });
});

describe.each(factories)("$name with a random source of the caller's", ({ create }) => {
  const two = () => [0, 1].map(() => create({ random: seededRandom("seed") }));
  const kemNames = Object.keys(kemParameters) as KemName[];

  it.each(kemNames)("%s is determined by it", (name) => {
    const runs = two().map(({ kems }) => {
      const pair = kems[name].generate();
      return { publicKey: pair.publicKey, ...kems[name].encapsulate(pair.publicKey) };
    });
    expect(runs[0]).toEqual(runs[1]);
    const other = create({ random: seededRandom("other") }).kems[name].generate();
    expect(other.publicKey).not.toEqual(runs[0]?.publicKey);
  });

  it.each([
    ["ecdsa_sha256", "secp256r1"],
    ["ecdsa_sha384", "secp384r1"],
    ["ecdsa_sha512", "secp521r1"],
    ["ed25519", "ed25519"],
    ["ed448", "ed448"],
    ["ML-DSA-44", "ML-DSA-44"],
    ["ML-DSA-65", "ML-DSA-65"],
    ["ML-DSA-87", "ML-DSA-87"],
  ] as const satisfies readonly (readonly [SignatureName, KeyType])[])(
    "%s keys and signatures are determined by it",
    (name, type) => {
      const runs = two().map((provider) => {
        const { publicKey, privateKey } = keyPairOf(provider.generateKey(type));
        const signature = provider.signatures[name].signer!(privateKey)(utf8("message"));
        const verify = provider.signatures[name].verifier(publicKey);
        expect(verify(utf8("message"), signature)).toBe(true);
        return { publicKey, signature };
      });
      expect(runs[0]).toEqual(runs[1]);
    },
  );

  it("hedges ML-DSA: two signatures of the same message differ", () => {
    const provider = create({ random: seededRandom("seed") });
    const { privateKey } = keyPairOf(provider.generateKey("ML-DSA-44"));
    const sign = provider.signatures["ML-DSA-44"].signer!(privateKey);
    expect(sign(utf8("message"))).not.toEqual(sign(utf8("message")));
  });
});

// RFC 7748 §6.1 and §6.2: both private keys, both public keys, the secret
it.each([
  [
    "x25519",
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  ],
  [
    "x448",
    "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
    "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d",
    "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0",
    "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
    "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d",
  ],
] as const)(
  "%s computes the known answer of RFC 7748",
  (name, alice, bob, alicePublic, bobPublic, secret) => {
    const withPrivateKey = (key: string) => createNoble({ random: () => fromHex(key) }).kems[name];
    const pair = withPrivateKey(alice).generate();
    const answer = withPrivateKey(bob).encapsulate(pair.publicKey);
    expect(toHex(pair.publicKey)).toBe(alicePublic);
    expect(toHex(answer.ciphertext)).toBe(bobPublic);
    expect(toHex(answer.sharedSecret)).toBe(secret);
    expect(toHex(pair.decapsulate(answer.ciphertext))).toBe(secret);
  },
);

// RFC 10024 §6: the peer recovers the message of the encapsulation
it("ML-KEM does not encapsulate the source's own output", () => {
  const output = new Uint8Array(32).fill(9);
  const kem = createNoble({ random: () => output.slice() }).kems["ML-KEM-768"];
  const { publicKey } = ml_kem768.keygen(new Uint8Array(64));
  const { ciphertext } = kem.encapsulate(publicKey);
  expect(kem.encapsulate(publicKey).ciphertext).toEqual(ciphertext);
  expect(ml_kem768.encapsulate(publicKey, output).cipherText).not.toEqual(ciphertext);
});

it("native says which slots a source of the caller's filled, and refuses what it cannot seed", () => {
  const provider = createNative({ random: seededRandom("seed") });
  expect(provider.kems.x25519.backend).toBe("@noble/curves");
  expect(provider.hashes.sha256.backend).toMatch(/^node:crypto, OpenSSL/);
  expect(provider.signatures.ecdsa_sha256.backend).toMatch(
    /^@noble\/curves signs, node:crypto, OpenSSL .* verifies$/,
  );
  expect(provider.signatures["ML-DSA-65"].backend).toMatch(
    "encapsulate" in crypto ? /^@noble\/post-quantum signs, node:crypto/ : /^@noble\/post-quantum$/,
  );
  expect(provider.signatures.rsa_pss_sha256.backend).toMatch(/\(unseeded\)$/);
  expect(() => provider.generateKey("rsa")).toThrow("random source");
});
