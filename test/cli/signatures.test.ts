import { expect, it } from "vitest";
import { signatureSizes } from "../../src/cli/commands/signatures.ts";
import { schemes } from "../../src/crypto/index.ts";
import { createSigner, encodePrivateKey } from "../../src/identity/index.ts";
import { providers } from "../crypto/providers.ts";

const all = providers.flatMap(({ name, provider }) =>
  schemes
    .filter(
      ({ keyType, inHandshake }) =>
        inHandshake &&
        // noble does not sign with RSA keys
        (!keyType.startsWith("rsa") || provider.signatures.rsa_pss_sha256.signer !== undefined),
    )
    .map((scheme) => ({ name, provider, scheme, title: scheme.name })),
);

it.each(all)("the sizes of $title hold on $name", { timeout: 30_000 }, ({ provider, scheme }) => {
  const key = provider.generateKey(scheme.keyType);
  const signature = createSigner(encodePrivateKey(key), provider).sign(scheme, new Uint8Array(3));
  const [publicKeyLength, signatureLength] = signatureSizes[scheme.keyType];
  expect(key.publicKey.length).toBe(publicKeyLength);
  expect(signature.length).toBeLessThanOrEqual(signatureLength);
  expect(signature.length).toBeGreaterThan(signatureLength - 8);
});
