/** Slots by liboqs against noble's: what one makes the other takes, and what is not liboqs's business stays the base's. */
import { describe, expect, it } from "vitest";
import { noble, type Provider } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import { encodePrivateKey, encodePublicKey } from "../../src/identity/index.ts";
import { oqsProvider, oqsSlots } from "../../src/oqs/index.ts";
import { flipBit } from "./flip.ts";

const message = new TextEncoder().encode("what is signed");

/** The fast variants; the others make one signature in seconds. */
const quick = ["SLH-DSA-SHA2-128f", "SLH-DSA-SHAKE-128f", "SLH-DSA-SHA2-192f"] as const;

describe("slots of liboqs", () => {
  it("are all of FIPS 203, 204 and 205, and fill nothing else", async () => {
    const provider = await oqsProvider();
    expect(oqsSlots).toHaveLength(18);
    const all = { ...provider.kems, ...provider.signatures };
    const filled = Object.values(all).filter(({ backend }) => backend.startsWith("liboqs 0.15.1"));
    expect(filled.map(({ name }) => name).toSorted()).toEqual(oqsSlots.toSorted());
    expect(provider).toMatchObject({ hashes: noble.hashes, aeads: noble.aeads });
    expect(provider.name).toBe("noble with liboqs");
  });

  it("leave the base alone where they are not asked for", async () => {
    const provider = await oqsProvider({ base: native, slots: ["ML-KEM-768"] });
    expect(provider.kems["ML-KEM-768"].backend).toContain("ML-KEM-768: ");
    expect(provider.kems["ML-KEM-512"]).toBe(native.kems["ML-KEM-512"]);
    expect(provider.signatures["ML-DSA-65"]).toBe(native.signatures["ML-DSA-65"]);
    await expect(oqsProvider({ slots: ["ML-KEM-768", "HQC-128" as never] })).rejects.toThrow(
      /slots\[1\]/,
    );
  });

  it.each(quick)("%s takes noble's keys and signatures, and the other way round", async (type) => {
    const provider = await oqsProvider({ slots: [type] });
    for (const [maker, other] of [
      [provider, noble],
      [noble, provider],
    ] as readonly [Provider, Provider][]) {
      const generated = maker.generateKey(type);
      const privateKey = encodePrivateKey(generated);
      const publicKey = encodePublicKey(type, generated.publicKey);
      const signature = provider.signatures[type].signer!(privateKey)(message);
      const verify = other.signatures[type].verifier(publicKey);
      expect(verify(message, signature)).toBe(true);
      expect(verify(message, flipBit(signature, 100))).toBe(false);
    }
  });

  it("make keys of ML-DSA whose seed is known, as noble does", async () => {
    const provider = await oqsProvider({ slots: ["ML-DSA-44"] });
    expect(provider.generateKey("ML-DSA-44").seed).toHaveLength(32);
  });
});
