import { describe, expect, it } from "vitest";
import { InvalidKemInput, metered, warmUp } from "../../src/crypto/index.ts";
import { encapsulate, generateShare, groups } from "../../src/groups/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { keyPairOf } from "./keys.ts";
import { providers } from "./providers.ts";

describe.each(providers)("$name, metered", ({ provider: original }) => {
  it("counts every operation with its bytes", () => {
    const { provider, report } = metered(original);
    provider.random(10);
    const hash = provider.hashes.sha256;
    hash.digest(utf8("abc"));
    hash.digest(utf8("de"));
    hash.hmac(utf8("key"), utf8("data"));
    const running = hash.start();
    running.update(utf8("abcd"));
    running.digest();
    const key = provider.aeads["aes-128-gcm"].importKey(new Uint8Array(16));
    const [nonce, aad] = [new Uint8Array(12), new Uint8Array(5)];
    const sealed = key.seal(nonce, aad, utf8("hello"), Uint8Array.of(22));
    expect(sealed.length).toBeGreaterThan(0);
    expect(key.open(nonce, aad, new Uint8Array(20))).toBeUndefined();
    const { publicKey, privateKey } = keyPairOf(provider.generateKey("ed25519"));
    const signature = provider.signatures.ed25519.signer!(privateKey)(utf8("message"));
    expect(provider.signatures.ed25519.verifier(publicKey)(utf8("message"), signature)).toBe(true);

    const rows = report().map(({ slot, operation, calls, bytesIn, bytesOut }) => [
      `${slot} ${operation}`,
      calls,
      bytesIn,
      bytesOut,
    ]);
    expect(rows).toEqual([
      ["random random", 1, 0, 10],
      ["hash sha256 digest", 2, 5, 64],
      ["hash sha256 hmac", 1, 7, 32],
      ["hash sha256 start", 1, 0, 0],
      ["hash sha256 update", 1, 4, 0],
      ["hash sha256 snapshot", 1, 0, 32],
      ["aead aes-128-gcm importKey", 1, 16, 0],
      ["aead aes-128-gcm seal", 1, 12 + 5 + 5 + 1, 5 + 1 + 16],
      ["aead aes-128-gcm open", 1, 12 + 5 + 20, 0],
      ["key ed25519 generateKey", 1, 0, 64],
      ["signature ed25519 signer", 1, privateKey.pkcs8.length, 0],
      ["signature ed25519 sign", 1, 7, 64],
      ["signature ed25519 verifier", 1, publicKey.spki.length, 0],
      ["signature ed25519 verify", 1, 7 + 64, 0],
    ]);
  });

  it("tells where a key exchange's time goes, and forgets it", () => {
    const { provider, report, reset } = metered(original);
    const hybrid = groups[0]!;
    const client = generateShare(hybrid, provider);
    const server = encapsulate(hybrid, provider, client.keyExchange);
    expect(client.decapsulate(server.keyExchange)).toEqual(server.sharedSecret);
    client.wipe();
    const rows = report();
    expect(rows.map(({ slot, operation }) => `${slot} ${operation}`)).toEqual([
      "kem ML-KEM-768 generate",
      "kem x25519 generate",
      "kem ML-KEM-768 encapsulate",
      "kem x25519 encapsulate",
      "kem ML-KEM-768 decapsulate",
      "kem x25519 decapsulate",
    ]);
    expect(rows.map(({ bytesOut }) => bytesOut)).toEqual([1184, 32, 1120, 64, 32, 32]);
    for (const { backend, slot, milliseconds } of rows) {
      expect(backend).toBe(original.kems[slot === "kem x25519" ? "x25519" : "ML-KEM-768"].backend);
      expect(milliseconds).toBeGreaterThan(0);
    }
    reset();
    expect(report()).toEqual([]);
    generateShare(hybrid, provider);
    expect(report()).toHaveLength(2);
  });

  it("counts a call that throws", () => {
    const { provider, report } = metered(original);
    expect(() => provider.kems.x25519.encapsulate(new Uint8Array(31))).toThrow(InvalidKemInput);
    expect(report()).toMatchObject([
      { operation: "encapsulate", calls: 1, bytesIn: 31, bytesOut: 0 },
    ]);
  });

  it("keeps the slots as they are", () => {
    const { provider } = metered(original);
    expect(provider.name).toBe(original.name);
    expect("signer" in provider.signatures.rsa_pss_sha256).toBe(
      "signer" in original.signatures.rsa_pss_sha256,
    );
    const [key, kem] = [new Uint8Array(32).fill(1), provider.kems.x25519];
    const pair = original.kems.x25519.importKeyPair?.(key);
    expect(kem.importKeyPair?.(key).publicKey).toEqual(pair?.publicKey);
    expect(kem.encapsulateWith?.(pair!.publicKey, key).ciphertext).toEqual(pair?.publicKey);
    expect("encapsulateWith" in provider.kems["ML-KEM-512"]).toBe(
      "encapsulateWith" in original.kems["ML-KEM-512"],
    );
    expect(provider.kems["ML-KEM-768"]).toMatchObject({ publicKeyLength: 1184, postQuantum: true });
    expect(provider.aeads["aes-256-gcm"].keyLength).toBe(32);
    expect(provider.hashes.sha384.length).toBe(48);
  });
});

it.each(providers)("warmUp makes the first key exchanges of $name", ({ provider: original }) => {
  const { provider, report } = metered(original);
  warmUp(provider);
  expect(report().map(({ slot, operation }) => `${slot} ${operation}`)).toEqual(
    ["x25519", "secp256r1", "ML-KEM-768"].flatMap((name) => [
      `kem ${name} generate`,
      `kem ${name} encapsulate`,
      `kem ${name} decapsulate`,
    ]),
  );
});
