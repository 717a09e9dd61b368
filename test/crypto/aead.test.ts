import { describe, expect, it } from "vitest";
import type { AeadName } from "../../src/crypto/index.ts";
import { concat, fromHex, toHex, utf8 } from "../../src/wire/index.ts";
import { providers } from "./providers.ts";

const names: readonly AeadName[] = ["aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"];
const none = new Uint8Array();

// name, key, nonce, additional data, plaintext, ciphertext ‖ tag
const vectors = [
  // The GCM specification (McGrew, Viega), test case 4
  [
    "aes-128-gcm",
    "feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47",
  ],
  // The same, test case 16
  [
    "aes-256-gcm",
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
  ],
  // RFC 8439 §2.8.2
  [
    "chacha20-poly1305",
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    "070000004041424344454647",
    "50515253c0c1c2c3c4c5c6c7",
    toHex(
      utf8(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
      ),
    ),
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691",
  ],
] as const;

describe.each(providers)("AEADs of $name", ({ provider }) => {
  it.each(vectors)("%s seals and opens a known answer", (name, key, nonce, aad, plain, sealed) => {
    const aeadKey = provider.aeads[name].importKey(fromHex(key));
    const parts = [fromHex(nonce), fromHex(aad)] as const;
    const plaintext = fromHex(plain);
    expect(toHex(concat(...aeadKey.seal(...parts, plaintext, none)))).toBe(sealed);
    const split = aeadKey.seal(...parts, plaintext.subarray(0, -1), plaintext.subarray(-1));
    expect(toHex(concat(...split))).toBe(sealed);
    expect(aeadKey.open(...parts, fromHex(sealed))).toEqual(plaintext);
  });

  it.each(names)("%s opens what it sealed, of any size, and nothing else", (name) => {
    const aead = provider.aeads[name];
    const key = aead.importKey(provider.random(aead.keyLength));
    const nonce = provider.random(12);
    const aad = provider.random(5);
    for (const length of [0, 1, 64, 1023, 1024, 1025, 16384]) {
      const plaintext = new Uint8Array(length).fill(7);
      const sealed = concat(...key.seal(nonce, aad, plaintext, Uint8Array.of(22)));
      expect(sealed).toHaveLength(length + 1 + 16);
      expect(plaintext).toEqual(new Uint8Array(length).fill(7));
      const before = sealed.slice();
      const opened = key.open(nonce, aad, sealed);
      expect(opened).toEqual(concat(plaintext, Uint8Array.of(22)));
      expect(sealed).toEqual(before);
    }
    const sealed = concat(...key.seal(nonce, aad, utf8("hello"), none));
    for (let at = 0; at < sealed.length; at++) {
      const forged = sealed.slice();
      forged[at]! ^= 0x10;
      expect(key.open(nonce, aad, forged)).toBeUndefined();
    }
    const other = aead.importKey(provider.random(aead.keyLength));
    expect(key.open(provider.random(12), aad, sealed)).toBeUndefined();
    expect(key.open(nonce, provider.random(5), sealed)).toBeUndefined();
    expect(key.open(nonce, none, sealed)).toBeUndefined();
    expect(other.open(nonce, aad, sealed)).toBeUndefined();
    for (const length of [0, 15, 16, sealed.length - 1]) {
      expect(key.open(nonce, aad, sealed.subarray(0, length))).toBeUndefined();
    }
    expect(key.open(nonce, aad, sealed)).toEqual(utf8("hello"));
  });

  it.each(names)("%s takes a copy of the key, of the right length", (name) => {
    const aead = provider.aeads[name];
    const raw = provider.random(aead.keyLength);
    const key = aead.importKey(raw);
    const nonce = new Uint8Array(12);
    const sealed = concat(...key.seal(nonce, none, utf8("hello"), none));
    raw.fill(0);
    expect(concat(...key.seal(nonce, none, utf8("hello"), none))).toEqual(sealed);
    expect(() => aead.importKey(raw.subarray(1))).toThrow(RangeError);
    expect(() => aead.importKey(concat(raw, raw))).toThrow(RangeError);
  });

  it.each(names)("%s neither seals nor opens with a wiped key", (name) => {
    const aead = provider.aeads[name];
    const key = aead.importKey(provider.random(aead.keyLength));
    const nonce = new Uint8Array(12);
    const sealed = concat(...key.seal(nonce, none, utf8("hello"), none));
    key.wipe();
    expect(() => key.seal(nonce, none, utf8("hello"), none)).toThrow("wiped");
    expect(() => key.open(nonce, none, sealed)).toThrow("wiped");
  });
});

it.each(names)("the back ends agree on %s", (name) => {
  const raw = Uint8Array.from({ length: name === "aes-128-gcm" ? 16 : 32 }, (_, i) => i);
  const nonce = Uint8Array.from({ length: 12 }, (_, i) => i);
  const results = providers.map(({ provider }) =>
    toHex(
      concat(
        ...provider.aeads[name]
          .importKey(raw)
          .seal(nonce, utf8("aad"), new Uint8Array(3000), utf8("!")),
      ),
    ),
  );
  expect(new Set(results).size).toBe(1);
});
