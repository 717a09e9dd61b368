import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/crypto/index.ts";
import { createNative } from "../../../src/crypto/native.ts";
import {
  createDevelopmentCa,
  createTrustStore,
  parsePrivateKey,
} from "../../../src/identity/index.ts";
import { imitationOf } from "../../../src/lab/adversary/imitation.ts";
import { utf8 } from "../../../src/wire/index.ts";
import { connect } from "../../support/ends.ts";
import { testTime } from "../../support/identities.ts";

const real = createNative();
const imitation = imitationOf(real, seededRandom("a test"));

/** Copies with one bit of each byte changed, one after the other. */
function* changed(bytes: Uint8Array): Generator<Uint8Array> {
  for (const at of bytes.keys()) yield bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

describe("a hash", () => {
  const { sha256 } = imitation.hashes;

  it("has the same digest in one piece and in several, and another for every changed byte", () => {
    const data = utf8("some bytes");
    const running = sha256.start();
    running.update(data.subarray(0, 3));
    const fork = running.copy();
    running.update(data.subarray(3));
    expect(running.digest()).toEqual(sha256.digest(data));
    expect(fork.digest()).toEqual(sha256.digest(data.subarray(0, 3)));
    expect(sha256.digest(data)).toHaveLength(32);
    for (const other of changed(data))
      expect(sha256.digest(other)).not.toEqual(sha256.digest(data));
  });

  it("has an HMAC of both inputs, and of where one ends", () => {
    const mac = sha256.hmac(utf8("key"), utf8("data"));
    expect(sha256.hmac(utf8("key"), utf8("data"))).toEqual(mac);
    expect(sha256.hmac(utf8("ke"), utf8("ydata"))).not.toEqual(mac);
    expect(sha256.hmac(utf8("kez"), utf8("data"))).not.toEqual(mac);
  });
});

describe("an AEAD", () => {
  const aead = imitation.aeads["aes-128-gcm"];
  const key = aead.importKey(new Uint8Array(16));
  const nonce = new Uint8Array(12);
  const header = utf8("header");

  it("opens what it has sealed, and nothing else", () => {
    const sealed = Uint8Array.from(
      key.seal(nonce, header, utf8("plain"), Uint8Array.of(23)).flatMap((chunk) => [...chunk]),
    );
    expect(sealed).toHaveLength(5 + 1 + 16);
    expect(key.open(nonce, header, sealed)).toEqual(Uint8Array.of(...utf8("plain"), 23));
    for (const other of changed(sealed)) expect(key.open(nonce, header, other)).toBeUndefined();
    for (const other of changed(nonce)) expect(key.open(other, header, sealed)).toBeUndefined();
    for (const other of changed(header)) expect(key.open(nonce, other, sealed)).toBeUndefined();
    const another = aead.importKey(new Uint8Array(16).fill(1));
    expect(another.open(nonce, header, sealed)).toBeUndefined();
    expect(key.open(nonce, header, sealed.subarray(0, 15))).toBeUndefined();
  });
});

describe.each(["x25519", "ML-KEM-768"] as const)("%s", (name) => {
  const kem = imitation.kems[name];

  it("shares a secret of the right sizes, and another for what was changed", () => {
    const pair = kem.generate();
    const { ciphertext, sharedSecret } = kem.encapsulate(pair.publicKey);
    const sizes = [pair.publicKey.length, ciphertext.length, sharedSecret.length];
    const { publicKeyLength, ciphertextLength, sharedSecretLength } = real.kems[name];
    expect(sizes).toEqual([publicKeyLength, ciphertextLength, sharedSecretLength]);
    expect(pair.decapsulate(ciphertext)).toEqual(sharedSecret);
    const [other] = changed(ciphertext);
    expect(pair.decapsulate(other!)).not.toEqual(sharedSecret);
  });
});

describe("a signature", () => {
  const ca = createDevelopmentCa({ provider: real, now: testTime });
  const issue = () => {
    const { privateKeyPem, chain } = ca.issue({ names: ["server.test"], algorithm: "ed25519" });
    return { private: parsePrivateKey(privateKeyPem), public: chain[0]!.publicKey };
  };
  const { ed25519 } = imitation.signatures;

  it("is by its key alone, and for its message alone; a real one counts too", () => {
    const [own, other] = [issue(), issue()];
    const message = utf8("a message");
    const signature = ed25519.signer!(own.private)(message);
    const foreign = ed25519.signer!(other.private)(message);
    const verify = ed25519.verifier(own.public);
    expect(verify(message, signature)).toBe(true);
    expect(verify(message, foreign)).toBe(false);
    expect(verify(utf8("another"), signature)).toBe(false);
    for (const damaged of changed(signature)) expect(verify(message, damaged)).toBe(false);
    const genuine = real.signatures.ed25519.signer!(own.private)(message);
    expect(verify(message, genuine)).toBe(true);
  });

  it("of a real certificate holds, so that whole handshakes do", () => {
    const credentials = [ca.issue({ names: ["server.test"] })];
    const options = { provider: imitation, trust: createTrustStore([ca.certificate]) };
    const { client, server } = connect(
      { ...options, serverName: "server.test" },
      { provider: imitation, credentials },
    );
    expect([client.error, server.error]).toEqual([undefined, undefined]);
    expect([client.state, server.state]).toEqual(["open", "open"]);
  });
});
