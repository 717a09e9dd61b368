/** Slots by libsodium: which they are, what they draw, and that they come to what noble's come to. */
import { describe, expect, it } from "vitest";
import {
  createNoble,
  noble,
  seededRandom,
  type Sodium,
  sodiumProvider,
} from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import { encodePrivateKey } from "../../src/identity/index.ts";
import { sodium } from "../support/sodium.ts";

/** Of two sources that give the same. */
const alike = () => {
  const [own, other] = [0, 1].map(() => createNoble({ random: seededRandom("alike") }));
  return [sodiumProvider(own!, sodium), other!] as const;
};

describe("slots of libsodium", () => {
  it("are four, and the base fills the others", () => {
    const provider = sodiumProvider(native, sodium);
    const all = { ...provider.kems, ...provider.signatures, ...provider.aeads };
    const filled = Object.values(all).filter(({ backend }) => backend.startsWith("libsodium 1."));
    expect(filled.map(({ name }) => name).toSorted()).toEqual([
      "ML-KEM-768",
      "chacha20-poly1305",
      "ed25519",
      "x25519",
    ]);
    expect(provider).toMatchObject({ name: "native with libsodium", hashes: native.hashes });
    expect(provider.kems.secp256r1).toBe(native.kems.secp256r1);
    expect(sodiumProvider(noble, sodium).kems.x448).toBe(noble.kems.x448);
  });

  it.each(["x25519", "ML-KEM-768"] as const)("%s draws what noble draws", (name) => {
    const [own, other] = alike().map(({ kems, random }) => {
      const pair = kems[name].generate();
      const made = kems[name].encapsulate(pair.publicKey);
      expect(pair.decapsulate(made.ciphertext)).toEqual(made.sharedSecret);
      return { publicKey: pair.publicKey, ...made, next: random(8) };
    });
    expect(own).toEqual(other);
  });

  it("ed25519 gives noble's signature, and overwrites the expanded key", () => {
    const made: Uint8Array[] = [];
    const watched: Sodium = {
      ...sodium,
      crypto_sign_seed_keypair(seed) {
        const pair = sodium.crypto_sign_seed_keypair(seed);
        made.push(pair.privateKey);
        return pair;
      },
    };
    const key = encodePrivateKey(noble.generateKey("ed25519"));
    const message = new TextEncoder().encode("what is signed");
    const [own, other] = [sodiumProvider(noble, watched), noble].map(({ signatures }) =>
      signatures.ed25519.signer!(key)(message),
    );
    expect(own).toEqual(other);
    expect(made).toEqual([new Uint8Array(64)]);
  });
});

describe("a library that cannot be used", () => {
  const { SODIUM_VERSION_STRING: _, ...unready } = { ...sodium };
  const { crypto_kem_mlkem768_enc_deterministic: __, ...old } = { ...sodium };
  it.each([
    ["is not ready", unready],
    ["is too old", old],
    ["is none", undefined],
  ])("since it %s is refused", (_why, library) => {
    expect(() => sodiumProvider(noble, library as unknown as Sodium)).toThrow(
      /library of sodiumProvider must be libsodium-wrappers from 0\.8\.4, after `await sodium\.ready`/,
    );
  });
});
