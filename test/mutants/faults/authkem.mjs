// @ts-check
/** Faults in HPKE, in keys that encapsulate (RFC 9935), and in AuthKEM (draft-celi-wiggers-tls-authkem-07). */
const schedule = "test/schedule/kem-secrets.test.ts";
const scenario = "test/scenario/authkem.test.ts";
const keys = "test/identity/keys/ml-kem.test.ts";
const hpke = "test/crypto/hpke.test.ts";

/** @type {import("../list.mjs").Fault[]} */
export default [
  {
    name: "dhkem-does-not-bind-the-encapsulation",
    file: "src/crypto/hpke.ts",
    find: "concat(ciphertext, publicKey),",
    replace: "publicKey,",
    tests: [hpke],
    observable: "peer",
  },
  {
    name: "hpke-forgets-what-it-is-for",
    file: "src/crypto/hpke.ts",
    find: 'kdf.extract(none, "info_hash", info)',
    replace: 'kdf.extract(none, "info_hash", none)',
    tests: [hpke],
    observable: "peer",
  },
  {
    name: "ml-kem-key-with-a-wrong-hash",
    file: "src/crypto/noble/kem.ts",
    find: "if (!equal(sha3_256(publicKey), decapsulationKey.subarray(end, end + 32))) {",
    replace: "if (false) {",
    tests: [keys],
    observable: "local",
  },
  {
    name: "kem-key-for-any-use",
    file: "src/identity/path/usage.ts",
    find: 'const needed = isKem ? kemUsage(type) : "digitalSignature";',
    replace: 'const needed = isKem ? [...(keyUsage ?? [])][0]! : "digitalSignature";',
    tests: [keys],
    observable: "peer",
  },
  {
    name: "kem-credential-of-two-keys",
    file: "src/identity/path/credential.ts",
    find: "if (!shareSecret(leaf, decapsulator, input.provider)) throw notTogether(leaf, key);",
    replace: "",
    tests: [keys],
    observable: "local",
  },
  {
    name: "proof-by-encapsulation-fits-any-schedule",
    file: "src/schedule/proof.ts",
    find: "return mayBe && this.#basis === main.restsOn(this.role);",
    replace: "return mayBe;",
    tests: [schedule],
    observable: "local",
  },
  {
    name: "finished-of-authkem-is-not-verified",
    file: "src/schedule/proof.ts",
    find: "checkMac(main.verifyData(peer.role, received.transcriptHash), received.verifyData);",
    replace: "",
    tests: [schedule, scenario],
    observable: "peer",
  },
  {
    name: "authenticated-secrets-alike",
    file: "src/schedule/kem-secrets.ts",
    find: 'server: traffic("s ahs traffic") };',
    replace: 'server: traffic("c ahs traffic") };',
    tests: [schedule],
    observable: "peer",
  },
  {
    name: "both-ends-finish-alike",
    file: "src/schedule/kem-secrets.ts",
    find: "`${role} finished`",
    replace: '"server finished"',
    tests: [schedule],
    observable: "peer",
  },
  {
    name: "kem-encapsulation-for-another-certificate",
    file: "src/handshake/authkem/encapsulation.ts",
    find: "if (!equal(body.certificateRequestContext, noContext)) {",
    replace: "if (false) {",
    tests: [scenario],
    observable: "peer",
  },
  {
    name: "authkem-lets-clients-decline",
    file: "src/handshake/authkem/server.ts",
    find: 'if (config.clientAuthentication !== "require") return undefined;',
    replace: "return undefined;",
    tests: [scenario],
    observable: "peer",
  },
  {
    name: "client-writes-to-a-server-that-is-not-there",
    file: "src/connection/connection.ts",
    find: 'const waits = this.#script.waitsForProof && this.#state !== "open";',
    replace: "const waits = false;",
    tests: [scenario],
    observable: "peer",
  },
];
