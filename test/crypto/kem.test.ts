import { p256, p384, p521 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import {
  createNoble,
  InvalidKemInput,
  InvalidKey,
  type KemName,
  kemParameters,
} from "../../src/crypto/index.ts";
import { mlKems } from "../../src/crypto/noble/kem.ts";
import { concat, fromHex } from "../../src/wire/index.ts";
import { providers } from "./providers.ts";

const kemNames = Object.keys(kemParameters) as KemName[];
const curves = { secp256r1: p256, secp384r1: p384, secp521r1: p521 };
const curveNames = ["secp256r1", "secp384r1", "secp521r1"] as const;
const latticeNames = ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"] as const;

function changed(bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  const copy = new Uint8Array(bytes);
  change(copy);
  return copy;
}

/** A private key and its pair, by way of a random source that says what it gives. */
function given(name: KemName) {
  const random = (length: number) => new Uint8Array(length).map((_, index) => index + 1);
  const pair = createNoble({ random }).kems[name].generate();
  const curve = curveNames.find((known) => known === name);
  if (curve !== undefined) {
    const { utils, lengths } = curves[curve];
    return { pair, privateKey: utils.randomSecretKey(random(lengths.seed ?? 0)) };
  }
  const isLattice = latticeNames.some((known) => known === name);
  return { pair, privateKey: random(isLattice ? 64 : kemParameters[name].sharedSecretLength) };
}

describe.each(providers)("KEMs of $name", ({ provider }) => {
  it.each(kemNames)("%s agrees on a secret of the declared sizes", (name) => {
    const kem = provider.kems[name];
    const pair = kem.generate();
    const { ciphertext, sharedSecret } = kem.encapsulate(pair.publicKey);
    expect(kem).toMatchObject({ name, ...kemParameters[name] });
    expect(kem.backend).not.toBe("");
    expect(pair.publicKey).toHaveLength(kem.publicKeyLength);
    expect(ciphertext).toHaveLength(kem.ciphertextLength);
    expect(sharedSecret).toHaveLength(kem.sharedSecretLength);
    expect(pair.decapsulate(ciphertext)).toEqual(sharedSecret);
    expect(kem.generate().decapsulate(ciphertext)).not.toEqual(sharedSecret);
  });

  it.each(kemNames)("%s never repeats a key or a ciphertext", (name) => {
    const kem = provider.kems[name];
    const pair = kem.generate();
    expect(kem.generate().publicKey).not.toEqual(pair.publicKey);
    const first = kem.encapsulate(pair.publicKey);
    const second = kem.encapsulate(pair.publicKey);
    expect(second.ciphertext).not.toEqual(first.ciphertext);
    expect(second.sharedSecret).not.toEqual(first.sharedSecret);
  });

  // FIPS 203 §7.3
  it.each(latticeNames)("%s takes a decapsulation key in place of its seed", (name) => {
    const kem = provider.kems[name];
    const seed = new Uint8Array(64).fill(7);
    const { secretKey } = mlKems[name].keygen(seed);
    const [own, same] = [kem.importKeyPair!(secretKey), kem.importKeyPair!(seed)];
    expect(own.publicKey).toEqual(same.publicKey);
    const { ciphertext, sharedSecret } = kem.encapsulate(own.publicKey);
    expect(own.decapsulate(ciphertext)).toEqual(sharedSecret);
    expect(same.decapsulate(ciphertext)).toEqual(sharedSecret);
    const wrong = changed(secretKey, (copy) => (copy[copy.length - 40]! ^= 1));
    expect(() => kem.importKeyPair!(wrong)).toThrow(InvalidKey);
  });

  it.each(kemNames)("%s refuses other lengths", (name) => {
    const kem = provider.kems[name];
    const pair = kem.generate();
    const { ciphertext } = kem.encapsulate(pair.publicKey);
    for (const publicKey of [
      new Uint8Array(),
      pair.publicKey.subarray(1),
      concat(pair.publicKey, new Uint8Array(1)),
    ]) {
      expect(() => kem.encapsulate(publicKey)).toThrow(InvalidKemInput);
    }
    for (const wrong of [
      new Uint8Array(),
      ciphertext.subarray(1),
      concat(ciphertext, new Uint8Array(1)),
    ]) {
      expect(() => pair.decapsulate(wrong)).toThrow(InvalidKemInput);
    }
  });

  it.each(kemNames)("%s decapsulates no more once the pair is wiped", (name) => {
    const kem = provider.kems[name];
    const pair = kem.generate();
    const { ciphertext } = kem.encapsulate(pair.publicKey);
    pair.wipe();
    expect(() => pair.decapsulate(ciphertext)).toThrow("wiped");
    expect(() => pair.wipe()).not.toThrow();
  });

  it.each(kemNames)("%s takes a private key that is given", (name) => {
    const { privateKey, pair: expected } = given(name);
    const kem = provider.kems[name];
    const pair = kem.importKeyPair!(privateKey);
    privateKey.fill(0);
    expect(pair.publicKey).toEqual(expected.publicKey);
    const { ciphertext, sharedSecret } = kem.encapsulate(pair.publicKey);
    expect(pair.decapsulate(ciphertext)).toEqual(sharedSecret);
    expect(expected.decapsulate(ciphertext)).toEqual(sharedSecret);
    pair.wipe();
    expect(() => pair.decapsulate(ciphertext)).toThrow("wiped");
  });

  it.each(kemNames)("%s encapsulates with given randomness, where it can", (name) => {
    const kem = provider.kems[name];
    const { privateKey, pair } = given(name);
    const isLattice = latticeNames.some((known) => known === name);
    if (isLattice && kem.backend.startsWith("node:")) {
      expect("encapsulateWith" in kem).toBe(false);
      return;
    }
    const randomness = isLattice ? privateKey.subarray(0, 32) : privateKey;
    const { ciphertext, sharedSecret } = kem.encapsulateWith!(pair.publicKey, randomness);
    expect(pair.decapsulate(ciphertext)).toEqual(sharedSecret);
    expect(kem.encapsulateWith!(pair.publicKey, randomness)).toEqual({ ciphertext, sharedSecret });
    expect(kem.encapsulate(pair.publicKey).ciphertext).not.toEqual(ciphertext);
    expect(() => kem.encapsulateWith!(pair.publicKey, randomness.subarray(1))).toThrow(InvalidKey);
    expect(() => kem.encapsulateWith!(pair.publicKey.subarray(1), randomness)).toThrow(
      InvalidKemInput,
    );
  });

  it.each(kemNames)("%s takes no private key of another length", (name) => {
    const { privateKey } = given(name);
    for (const wrong of [
      new Uint8Array(),
      privateKey.subarray(1),
      concat(privateKey, privateKey),
    ]) {
      expect(() => provider.kems[name].importKeyPair!(wrong)).toThrow(InvalidKey);
    }
  });

  it.each(curveNames)("%s takes no scalar outside of 1 to n − 1", (name) => {
    const { ORDER, BYTES } = curves[name].Point.Fn;
    const scalar = (value: bigint) => fromHex(value.toString(16).padStart(2 * BYTES, "0"));
    const { importKeyPair } = provider.kems[name];
    for (const value of [1n, ORDER - 1n]) expect(() => importKeyPair!(scalar(value))).not.toThrow();
    for (const value of [0n, ORDER, ORDER + 1n]) {
      expect(() => importKeyPair!(scalar(value))).toThrow(InvalidKey);
    }
  });

  // RFC 9846 §4.3.8.2
  describe.each(curveNames)("%s", (name) => {
    const kem = provider.kems[name];
    const pair = kem.generate();
    const last = kem.publicKeyLength - 1;
    const odd = (pair.publicKey[last] ?? 0) & 1;

    it.each([
      ["a compressed point", curves[name].Point.fromBytes(pair.publicKey).toBytes(true)],
      ["the hybrid form", changed(pair.publicKey, (copy) => copy.set([6 + odd]))],
      ["a point off the curve", changed(pair.publicKey, (copy) => (copy[last]! ^= 1))],
      ["infinity", new Uint8Array(1)],
      ["infinity with padding", new Uint8Array(kem.publicKeyLength)],
      ["the origin", changed(new Uint8Array(kem.publicKeyLength), (copy) => copy.set([4]))],
      ["coordinates out of the field", changed(pair.publicKey, (copy) => copy.fill(0xff, 1))],
    ])("refuses %s", (_, point) => {
      expect(() => kem.encapsulate(point)).toThrow(InvalidKemInput);
      expect(() => pair.decapsulate(point)).toThrow(InvalidKemInput);
    });
  });

  // RFC 9846 §7.4.2, RFC 7748 §6
  it.each([
    ["x25519", "0000000000000000000000000000000000000000000000000000000000000000"],
    ["x25519", "0100000000000000000000000000000000000000000000000000000000000000"],
    ["x25519", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"],
    ["x25519", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"],
    ["x25519", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
    ["x25519", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
    ["x25519", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
    ["x448", "00".repeat(56)],
    ["x448", `01${"00".repeat(55)}`],
    ["x448", `fe${"ff".repeat(27)}fe${"ff".repeat(27)}`],
  ] as const)("%s refuses the low-order point %s", (name, point) => {
    const kem = provider.kems[name];
    expect(() => kem.encapsulate(fromHex(point))).toThrow(InvalidKemInput);
    expect(() => kem.generate().decapsulate(fromHex(point))).toThrow(InvalidKemInput);
  });

  // FIPS 203 §7.2: every coefficient is below 3329
  it.each(latticeNames)("%s refuses an encapsulation key that is not reduced", (name) => {
    const kem = provider.kems[name];
    const { publicKey } = kem.generate();
    const coefficient = (value: number) =>
      changed(publicKey, (copy) => copy.set([value & 0xff, (copy[1]! & 0xf0) | (value >> 8)]));
    expect(() => kem.encapsulate(coefficient(3328))).not.toThrow();
    expect(() => kem.encapsulate(coefficient(3329))).toThrow(InvalidKemInput);
    expect(() => kem.encapsulate(coefficient(4095))).toThrow(InvalidKemInput);
  });

  // FIPS 203 §6.3: implicit rejection
  it.each(latticeNames)("%s gives another secret for a corrupted ciphertext", (name) => {
    const kem = provider.kems[name];
    const pair = kem.generate();
    const { ciphertext, sharedSecret } = kem.encapsulate(pair.publicKey);
    const corrupted = changed(ciphertext, (copy) => copy.set([copy[0]! ^ 1]));
    const rejected = pair.decapsulate(corrupted);
    expect(rejected).toHaveLength(32);
    expect(rejected).not.toEqual(sharedSecret);
    expect(pair.decapsulate(corrupted)).toEqual(rejected);
  });
});

describe.each(providers)("shares from $name", ({ provider: client }) => {
  describe.each(providers)("and $name", ({ provider: server }) => {
    it.each(kemNames)("agree on %s", (name) => {
      const pair = client.kems[name].generate();
      const { ciphertext, sharedSecret } = server.kems[name].encapsulate(pair.publicKey);
      expect(pair.decapsulate(ciphertext)).toEqual(sharedSecret);
    });
  });
});
