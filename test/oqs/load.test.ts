/** Every algorithm of the package, as the primitive that it is: what it gives, and that a flipped bit is refused. */
import { describe, expect, it } from "vitest";
import { algorithmOf, defaultOqsLimits, findAlgorithm, loadOqs } from "../../src/oqs/load.ts";
import { type OqsAlgorithm, oqsAlgorithms } from "../../src/oqs/catalogue.ts";
import { type PublicKeyInfo, InvalidKemInput, InvalidKey } from "../../src/crypto/index.ts";
import { encodePrivateKey, encodePublicKey, parsePrivateKey } from "../../src/identity/index.ts";
import { flipBit } from "./flip.ts";

const everything = { limits: { publicKey: 3_000_000 } };
/** Signing alone takes seconds with the small variants of SLH-DSA and some of CROSS. */
const patience = 120_000;
const message = new TextEncoder().encode("what is signed");

/** Making a key of the larger sizes of Classic McEliece and of UOV takes up to minutes. */
const isSlow = ({ name }: OqsAlgorithm): boolean =>
  /^Classic-McEliece-(?!348864)|^OV-(III|V)/.test(name);
const kems = oqsAlgorithms.filter((each) => each.kind === "kem");

it.each(oqsAlgorithms.filter(isSlow))(
  "$name is loaded, with the sizes that are listed",
  async ({ name }) => {
    const oqs = await loadOqs([name], everything);
    expect(oqs.algorithms).toMatchObject([{ name }]);
    oqs.release();
  },
);

describe.each(kems.filter((each) => !isSlow(each)))("$name", ({ name }) => {
  it(
    "agrees on a secret, and on none where a bit was flipped",
    async () => {
      const oqs = await loadOqs([name], everything);
      const [kem] = oqs.kems;
      const pair = kem!.generate();
      const { ciphertext, sharedSecret } = kem!.encapsulate(pair.publicKey);
      expect(pair.decapsulate(ciphertext)).toEqual(sharedSecret);
      expect(sharedSecret.some((byte) => byte !== 0)).toBe(true);
      for (const at of [0, ciphertext.length - 1]) {
        expect(secretOrRefusal(() => pair.decapsulate(flipBit(ciphertext, at)))).not.toEqual(
          sharedSecret,
        );
      }
      expect(() => pair.decapsulate(ciphertext.subarray(1))).toThrow(InvalidKemInput);
      expect(() => kem!.encapsulate(pair.publicKey.subarray(1))).toThrow(InvalidKemInput);
      pair.wipe();
      expect(() => pair.decapsulate(ciphertext)).toThrow("wiped");
      oqs.release();
      expect(() => kem!.generate()).toThrow(`${name} was released`);
    },
    patience,
  );
});

/** HQC refuses what the others reject implicitly. */
function secretOrRefusal(decapsulate: () => Uint8Array): Uint8Array | undefined {
  try {
    return decapsulate();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidKemInput);
    return undefined;
  }
}

describe.each(
  oqsAlgorithms.filter(
    (each) => each.kind === "signature" && each.standard !== true && !isSlow(each),
  ),
)("$name", (algorithm) => {
  it(
    "signs, and verifies nothing else",
    async () => {
      const oqs = await loadOqs([algorithm.name], everything);
      const [scheme] = oqs.schemes;
      const primitive = scheme!.algorithm;
      if (typeof primitive === "string") throw new Error("an object is expected");
      const generated = {
        type: primitive.keyTypes[0]!,
        ...primitive.generateKey!(() => new Uint8Array()),
      };
      const privateKey = parsePrivateKey(encodePrivateKey(generated).pkcs8);
      const own: PublicKeyInfo = encodePublicKey(generated.type, generated.publicKey);
      expect(primitive.publicKey!(privateKey.key)).toEqual(own.key);
      const signature = primitive.signer!(privateKey)(message);
      const verify = primitive.verifier(own);
      expect(verify(message, signature)).toBe(true);
      for (const at of [0, signature.length >> 1]) {
        expect(verify(message, flipBit(signature, at))).toBe(false);
      }
      expect(verify(flipBit(message, 3), signature)).toBe(false);
      expect(verify(message, new Uint8Array())).toBe(false);
      expect(verify(message, new Uint8Array(signature.length + 4000))).toBe(false);
      // One coefficient of a multivariate key may stand where the signature has a zero
      const key = own.key.map((byte, at) => (at % 8 === 0 ? byte ^ 1 : byte));
      expect(primitive.verifier({ ...own, key })(message, signature)).toBe(false);
      expect(() => primitive.verifier({ ...own, key: own.key.subarray(1) })).toThrow(InvalidKey);
      expect(() =>
        primitive.signer!({ ...privateKey, key: generated.privateKey.subarray(1) }),
      ).toThrow(InvalidKey);
      oqs.release();
      expect(() => verify(message, signature)).toThrow(`${algorithm.name} was released`);
    },
    patience,
  );
});

describe("what can be loaded", () => {
  it("has each name, code point and identifier once", () => {
    const signatures = oqsAlgorithms.filter((each) => each.kind === "signature");
    const groups = kems.flatMap((each) => each.groups);
    const lists: readonly (readonly unknown[])[] = [
      oqsAlgorithms.map(({ name }) => name),
      groups.map(({ name }) => name),
      groups.map(({ code }) => code),
      signatures.map(({ scheme }) => scheme),
      signatures.map(({ code }) => code),
      signatures.map(({ oid }) => oid),
    ];
    for (const list of lists) {
      expect(new Set(list).size).toBe(list.length);
    }
    expect(oqsAlgorithms).toHaveLength(103);
  });

  it("is found by the name of an algorithm, a group or a scheme, whatever the case", () => {
    expect(algorithmOf("hqc-128").name).toBe("HQC-128");
    expect(algorithmOf("x25519_HQC128").name).toBe("HQC-128");
    expect(algorithmOf("Falcon512").name).toBe("Falcon-512");
    expect(findAlgorithm("x25519")).toBeUndefined();
  });

  it("tells what the package lacks from what nobody knows", async () => {
    await expect(loadOqs(["bikel1"])).rejects.toThrow("BIKE is not in @oqs/liboqs-js");
    await expect(loadOqs(["falcon513"])).rejects.toThrow('no algorithm "falcon513"');
    await expect(loadOqs(["falcon513"])).rejects.toThrow("falcon512");
  });

  it("says what to install where the package is not", async () => {
    const from = "file:///nowhere/liboqs-js";
    await expect(loadOqs(["HQC-128"], { from })).rejects.toThrow("npm install @oqs/liboqs-js");
  });

  it("does not take a folder that is another package's", async () => {
    const from = new URL("../..", import.meta.url);
    await expect(loadOqs(["HQC-128"], { from })).rejects.toThrow("cannot be found");
  });

  it("refuses public keys beyond the limit, before anything is loaded", async () => {
    const from = "file:///nowhere/";
    await expect(loadOqs(["Classic-McEliece-348864"], { from })).rejects.toThrow(
      "limits.publicKey",
    );
    await expect(loadOqs(["OV-Ip"], { from })).rejects.toThrow("limits.publicKey");
    const { publicKey } = defaultOqsLimits;
    const beyond = oqsAlgorithms.filter((each) => each.publicKey > publicKey);
    expect(beyond).toHaveLength(18);
  });

  it("takes a folder, with or without its last slash", async () => {
    const folder = new URL("../../node_modules/@oqs/liboqs-js", import.meta.url);
    for (const from of [folder, `${folder.href}/`]) {
      const oqs = await loadOqs(["sntrup761"], { from });
      expect(oqs).toMatchObject({
        version: "0.15.1",
        algorithms: [{ name: "sntrup761", category: 3 }],
      });
      oqs.release();
    }
  });

  it("refuses options that it does not know", async () => {
    await expect(loadOqs([], { form: "" } as never)).rejects.toThrow(/form/);
  });
});
