/** Composite signatures against the vectors of their draft, and in certificates, requests and handshakes of ours. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { extendProvider, InvalidKey, noble, type Provider } from "../../../src/crypto/index.ts";
import { native } from "../../../src/crypto/native.ts";
import {
  createCsr,
  createDevelopmentCa,
  createTrustStore,
  encodePublicKey,
  parseCertificate,
  parseCsr,
  parsePrivateKey,
  publicKeyOf,
  verifyChain,
  verifyCsr,
} from "../../../src/identity/index.ts";
import {
  compositeAlgorithm,
  type CompositeName,
  compositeNames,
  compositeScheme,
} from "../../../src/identity/keys/composite.ts";
import type { CertificateVerify } from "../../../src/messages/index.ts";
import { concat } from "../../../src/wire/index.ts";
import { root } from "../../architecture/tree.ts";
import { flipBit } from "../../oqs/flip.ts";
import { serverName, testTime } from "../../support/identities.ts";
import { edit, intercept } from "../../support/interceptor.ts";
import { expectRefused } from "../../support/refusal.ts";

interface Vectors {
  readonly m: string;
  readonly tests: readonly Readonly<Record<"tcId" | "x5c" | "sk_pkcs8" | "s", string>>[];
}

const file = join(root, "vectors/composite/composite-sigs.json.gz");
const vectors: Vectors = JSON.parse(gunzipSync(readFileSync(file)).toString());
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
const message = bytes(vectors.m);
const latticeLengths: Readonly<Record<string, number>> = { 44: 2420, 65: 3309, 87: 4627 };

const cases = compositeNames.map((name) => {
  const vector = vectors.tests.find(({ tcId }) => tcId === `id-${name}`)!;
  return { name, vector };
});

it("all combinations of the draft are there but for those with Brainpool curves", () => {
  const others = vectors.tests.filter(({ tcId }) => !tcId.includes("brainpool"));
  expect(others.map(({ tcId }) => tcId)).toEqual(compositeNames.map((name) => `id-${name}`));
  expect(vectors.tests).toHaveLength(compositeNames.length + 2);
});

describe.each(cases)("$name", ({ name, vector }) => {
  const algorithm = compositeAlgorithm(name, native);
  const certificate = parseCertificate(bytes(vector.x5c));
  const { publicKey } = certificate;
  const privateKey = parsePrivateKey(bytes(vector.sk_pkcs8));
  const signature = bytes(vector.s);
  const lattice = latticeLengths[name.slice(5, 7)]!;

  it("has the identifier and the public key of the draft's certificate", () => {
    expect(certificate.signatureAlgorithm).toBe(algorithm.name);
    expect([publicKey.type, privateKey.type]).toEqual([algorithm.name, algorithm.name]);
    expect(algorithm.publicKey!(privateKey.key)).toEqual(publicKey.key);
  });

  it("verifies the draft's certificate and signature, on both back ends", () => {
    for (const provider of [noble, native]) {
      const verify = compositeAlgorithm(name, provider).verifier(publicKey);
      expect(verify(message, signature)).toBe(true);
      expect(verify(certificate.tbs, certificate.signature)).toBe(true);
    }
  });

  it("takes no half for the whole, and no bit that is flipped in either", () => {
    const verify = algorithm.verifier(publicKey);
    const [first, second] = [signature.subarray(0, lattice), signature.subarray(lattice)];
    for (const wrong of [
      flipBit(signature, 10),
      flipBit(signature, lattice - 1),
      flipBit(signature, lattice + (second.length >> 1)),
      first,
      second,
      concat(first, new Uint8Array(second.length)),
      concat(new Uint8Array(first.length), second),
      new Uint8Array(),
    ]) {
      expect(verify(message, wrong)).toBe(false);
    }
    expect(verify(flipBit(message, 0), signature)).toBe(false);
  });

  it("is not another combination: the label separates them", () => {
    const other = compositeNames.find(
      (each) => each !== name && each.slice(0, 7) === name.slice(0, 7),
    )!;
    const type = compositeAlgorithm(other, native).name;
    expect(() => compositeAlgorithm(other, native).verifier(publicKey)).toThrow(InvalidKey);
    expect(type).not.toBe(algorithm.name);
  });

  it("signs so that it verifies, each time another signature", () => {
    const sign = algorithm.signer!(privateKey);
    const made = sign(message);
    expect(algorithm.verifier(publicKey)(message, made)).toBe(true);
    expect(sign(message)).not.toEqual(made);
  });

  it("refuses keys whose parts have other sizes", () => {
    for (const key of [
      publicKey.key.subarray(0, 1000),
      publicKey.key.subarray(1),
      concat(publicKey.key, Uint8Array.of(0)),
    ]) {
      expect(() => algorithm.verifier({ ...publicKey, key })).toThrow(InvalidKey);
    }
    for (const key of [privateKey.key.subarray(0, 32), privateKey.key.subarray(0, 40)]) {
      expect(() => algorithm.signer!({ ...privateKey, key })).toThrow(InvalidKey);
    }
  });
});

/** RSA keys of other sizes are made elsewhere. */
const made: readonly CompositeName[] = [
  "MLDSA44-ECDSA-P256-SHA256",
  "MLDSA44-RSA2048-PSS-SHA256",
  "MLDSA65-Ed25519-SHA512",
  "MLDSA87-ECDSA-P384-SHA512",
  "MLDSA87-Ed448-SHAKE256",
];

describe.each(made)("%s of our own", (name) => {
  const scheme = compositeScheme(name, { code: 0xfe90, provider: native });
  const provider: Provider = extendProvider(native, {
    algorithms: [compositeAlgorithm(name, native)],
  });
  const ca = createDevelopmentCa({ provider, algorithm: scheme, now: testTime });
  const credential = ca.issue({ names: [serverName] });
  const trust = createTrustStore([ca.certificate]);

  it("makes keys, requests and paths", () => {
    const { publicKey } = credential.chain[0]!;
    const { privateKey } = credential;
    expect(publicKeyOf(privateKey, provider)).toEqual(
      encodePublicKey(publicKey.type, publicKey.key),
    );
    const csr = createCsr({ subject: { CN: "a" }, publicKey, privateKey, provider });
    expect(() => verifyCsr(parseCsr(csr.der), provider)).not.toThrow();
    const chain = verifyChain({
      chain: credential.chain,
      trust,
      name: serverName,
      now: testTime,
      usage: "server",
      provider,
    });
    expect(chain.path).toHaveLength(2);
    expect(() =>
      verifyChain({
        chain: credential.chain,
        trust,
        name: serverName,
        now: testTime,
        usage: "server",
        provider: native,
      }),
    ).toThrow(/unsupported_certificate|not supported|cannot/);
  });

  it("authenticates a handshake, and a flipped bit of either half ends it", () => {
    const accepting = { trust, schemes: [scheme] };
    const presenting = { credentials: [credential] };
    const { client } = intercept({}, accepting, presenting);
    expect(client.negotiated?.peerSignatureScheme).toBe(name);
    for (const at of [5, -5]) {
      const flip = edit("certificate_verify", (sent: CertificateVerify) => {
        sent.signature = flipBit(sent.signature, at < 0 ? sent.signature.length + at : at);
      });
      const flipped = intercept({ server: { certificate_verify: flip } }, accepting, presenting);
      expectRefused(flipped, "client", { code: "bad_signature" });
    }
  });
});

it("noble signs no composite with RSA, and makes no key for one", () => {
  const algorithm = compositeAlgorithm("MLDSA44-RSA2048-PSS-SHA256", noble);
  expect("signer" in algorithm).toBe(false);
  expect(() => algorithm.generateKey!(noble.random)).toThrow("native provider");
});

it("a half of RSA has the size that the name says", () => {
  const algorithm = compositeAlgorithm("MLDSA65-RSA3072-PSS-SHA512", native);
  expect(() => algorithm.generateKey!(noble.random)).toThrow("must have 3072 bits, not 2048");
});

it("names and options that cannot be are refused", () => {
  const options = { code: 0xfe90, provider: noble };
  expect(() => compositeScheme("MLDSA65" as never, options)).toThrow(/MLDSA65-ECDSA/);
  expect(() => compositeScheme("MLDSA65-Ed25519-SHA512", { ...options, cod: 1 } as never)).toThrow(
    /cod/,
  );
  expect(() =>
    compositeScheme("MLDSA65-Ed25519-SHA512", { ...options, code: 0x0807 + 0x10000 }),
  ).toThrow(RangeError);
});
