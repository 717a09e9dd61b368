import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { algorithmOf, schemes } from "../../../src/crypto/index.ts";
import {
  createCredential,
  createSigner,
  decodePublicKey,
  encodePem,
  parsePrivateKey,
} from "../../../src/identity/index.ts";
import { utf8 } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { errorOf, Pki } from "../pki.ts";

const message = utf8("message");
const namesOf = (signer: { schemes: readonly { name: string }[] }) =>
  signer.schemes.map(({ name }) => name);

describe.each(providers)("signers of $name", ({ provider }) => {
  const pki = new Pki(provider);
  const root = pki.root("Root");

  it.each([
    ["secp256r1", "ecdsa_secp256r1_sha256"],
    ["secp384r1", "ecdsa_secp384r1_sha384"],
    ["secp521r1", "ecdsa_secp521r1_sha512"],
    ["ed25519", "ed25519"],
    ["ed448", "ed448"],
    ["ML-DSA-44", "mldsa44"],
    ["ML-DSA-65", "mldsa65"],
    ["ML-DSA-87", "mldsa87"],
  ] as const)("%s signs %s and nothing else", (type, name) => {
    const leaf = pki.leaf("a.example", root, { type });
    const signer = createSigner(leaf.privateKey, provider);
    expect(namesOf(signer)).toEqual([name]);
    expect(signer.backend).not.toBe("");
    const [scheme] = signer.schemes;
    const signature = signer.sign(scheme!, message);
    const verify = algorithmOf(scheme!, provider).verifier(leaf.certificate.publicKey);
    expect(verify(message, signature)).toBe(true);
    expect(verify(utf8("another"), signature)).toBe(false);
    const other = schemes.find((each) => each.name !== name)!;
    expect(() => signer.sign(other, message)).toThrow(/cannot sign with this scheme; expected/);
  });

  it("RSA keys sign PSS only, or the provider is named that cannot", () => {
    const sign = (modulus: "rsa" | "rsa-pss", options: object = {}) => {
      const pair =
        modulus === "rsa"
          ? generateKeyPairSync("rsa", { modulusLength: 2048 })
          : generateKeyPairSync("rsa-pss", { modulusLength: 2048, ...options });
      const key = parsePrivateKey(pair.privateKey.export({ type: "pkcs8", format: "der" }));
      const publicKey = decodePublicKey(
        new Uint8Array(pair.publicKey.export({ type: "spki", format: "der" })),
      );
      return { key, publicKey };
    };
    const { key, publicKey } = sign("rsa");
    if (provider.signatures.rsa_pss_sha256.signer === undefined) {
      expect(errorOf(() => createSigner(key, provider))).toMatchObject({
        code: "misuse",
        message: expect.stringMatching(/"noble.*" does not sign with rsa keys; the native one/),
      });
      return;
    }
    const signer = createSigner(key, provider);
    expect(namesOf(signer)).toEqual(
      ["sha256", "sha384", "sha512"].map((hash) => `rsa_pss_rsae_${hash}`),
    );
    for (const scheme of signer.schemes) {
      const verify = algorithmOf(scheme, provider).verifier(publicKey);
      expect(verify(message, signer.sign(scheme, message))).toBe(true);
    }
    // RFC 4055 §1.2: a key may name the one hash that it is for.
    const limited = sign("rsa-pss", {
      hashAlgorithm: "sha384",
      mgf1HashAlgorithm: "sha384",
      saltLength: 48,
    });
    expect(namesOf(createSigner(limited.key, provider))).toEqual(["rsa_pss_pss_sha384"]);
    expect(namesOf(createSigner(sign("rsa-pss").key, provider))).toHaveLength(3);
  });

  it("a credential is a chain and its key", () => {
    const leaf = pki.leaf("a.example", root);
    const pem = [leaf, root]
      .map(({ certificate }) => encodePem("CERTIFICATE", certificate.der))
      .join("");
    const privateKey = encodePem("PRIVATE KEY", leaf.privateKey.pkcs8);
    const credential = createCredential({ certificates: pem, privateKey, provider });
    expect(credential.chain.map(({ subject }) => subject.text)).toEqual([
      "CN=a.example,O=Test",
      "CN=Root,O=Test",
    ]);
    const parsed = createCredential({
      certificates: [leaf.certificate],
      privateKey: leaf.privateKey,
      provider,
    });
    expect(parsed.chain[0]).toBe(leaf.certificate);
  });

  it("a credential whose parts do not belong together is refused", () => {
    const leaf = pki.leaf("a.example", root);
    const refuse = (
      certificates: Parameters<typeof createCredential>[0]["certificates"],
      privateKey = leaf.privateKey,
    ) =>
      expect(errorOf(() => createCredential({ certificates, privateKey, provider }))).toMatchObject(
        {
          code: "misuse",
          message: expect.stringMatching(
            /private key is not that of the first certificate|needs a certificate/,
          ),
        },
      );
    refuse([root.certificate, leaf.certificate]);
    refuse([leaf.certificate], pki.leaf("b.example", root).privateKey);
    refuse([leaf.certificate], pki.leaf("b.example", root, { type: "secp256r1" }).privateKey);
    refuse([]);
  });
});
