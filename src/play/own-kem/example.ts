/** What stands in the playground's editor at first: twenty lines. */
export const example = `// A KEM of your own: sizes, generate and encapsulate.
// This one has x25519 inside, and hashes its secret with the ciphertext.
const inner = noble.kems.x25519;
const bound = (secret, ciphertext) =>
  noble.hashes.sha256.digest(concat(secret, ciphertext));

return {
  name: "bound-x25519",
  backend: "mine",
  postQuantum: false,
  publicKeyLength: 32,
  ciphertextLength: 32,
  sharedSecretLength: 32,
  generate() {
    const pair = inner.generate();
    return {
      publicKey: pair.publicKey,
      decapsulate: (ciphertext) => bound(pair.decapsulate(ciphertext), ciphertext),
      wipe: () => pair.wipe(),
    };
  },
  encapsulate(publicKey) {
    const { ciphertext, sharedSecret } = inner.encapsulate(publicKey);
    return { ciphertext, sharedSecret: bound(sharedSecret, ciphertext) };
  },
};
`;
