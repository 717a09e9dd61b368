import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { secrets, X448MLKEM1024 } from "../../docs/examples/own-group.ts";
import { InvalidKemInput, type Kem, noble } from "../../src/crypto/index.ts";
import { defineGroup, encapsulate, generateShare, isPostQuantum } from "../../src/groups/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { concat } from "../../src/wire/index.ts";

describe("a group of the user's own", () => {
  it("takes at most twenty lines", () => {
    const source = readFileSync("docs/examples/own-group.ts", "utf8");
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  });

  it("agrees on a secret", () => {
    expect(X448MLKEM1024.code).toBe(0xfe31);
    expect(secrets[0]).toHaveLength(56 + 32);
    expect(secrets[0]).toEqual(secrets[1]);
  });

  it("can be made of the user's own KEM", () => {
    const group = defineGroup({ name: "x25519+mirror", code: 0xfe32, kems: ["x25519", mirror] });
    expect(isPostQuantum(group)).toBe(true);
    const client = generateShare(group, noble);
    const server = encapsulate(group, noble, client.keyExchange);
    expect(client.decapsulate(server.keyExchange)).toEqual(server.sharedSecret);
    expect(server.sharedSecret.subarray(32)).toEqual(Uint8Array.of(7, 7));
  });

  it("blames the peer for what the KEM calls invalid, and us for the rest", () => {
    const group = defineGroup({ name: "mirror", code: 0xfe33, kems: [mirror] });
    const failing = (error: Error): Kem => ({
      ...mirror,
      encapsulate() {
        throw error;
      },
    });
    const codeFor = (error: Error): unknown => {
      try {
        encapsulate({ ...group, kems: [failing(error)] }, noble, Uint8Array.of(7, 7));
      } catch (thrown) {
        return thrown instanceof TlsError && thrown.code;
      }
      return undefined;
    };
    expect(codeFor(new InvalidKemInput("no"))).toBe("bad_key_share");
    expect(codeFor(new Error("no"))).toBe("internal");
  });

  it("copies nothing if it has one part, and wipes the parts' secrets if it has several", () => {
    const secret = Uint8Array.of(7, 7);
    const kem: Kem = {
      ...mirror,
      encapsulate: () => ({ ciphertext: Uint8Array.of(7, 7), sharedSecret: secret }),
    };
    const single = defineGroup({ name: "single", code: 0xfe35, kems: [kem] });
    const double = defineGroup({ name: "double", code: 0xfe36, kems: [kem, mirror] });
    const share = Uint8Array.of(7, 7, 7, 7);
    expect(encapsulate(single, noble, share.subarray(2)).sharedSecret).toBe(secret);
    expect(encapsulate(double, noble, share).sharedSecret).toEqual(share);
    expect(secret).toEqual(new Uint8Array(2));
  });

  it("is told when its KEM does not keep to its sizes", () => {
    const grown = { ...mirror, generate: () => ({ ...mirror.generate(), publicKey: concat() }) };
    const group = defineGroup({ name: "grown", code: 0xfe34, kems: [grown] });
    expect(() => generateShare(group, noble)).toThrow(/mirror.*expected 2 bytes, received 0 bytes/);
  });
});

/** A KEM of no security at all: everything is the same two bytes. */
const mirror: Kem = {
  backend: "test",
  name: "mirror",
  publicKeyLength: 2,
  ciphertextLength: 2,
  sharedSecretLength: 2,
  postQuantum: true,
  generate: () => ({
    publicKey: Uint8Array.of(7, 7),
    decapsulate: (ciphertext) => ciphertext.slice(),
    wipe: () => undefined,
  }),
  encapsulate: (publicKey) => ({
    ciphertext: publicKey.slice(),
    sharedSecret: publicKey.slice(),
  }),
};
