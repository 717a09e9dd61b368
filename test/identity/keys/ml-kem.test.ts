/** ML-KEM and X25519 keys in certificates (RFC 9935, RFC 8410). */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { kemKeyTypes } from "../../../src/crypto/index.ts";
import {
  createCredential,
  createDecapsulator,
  createDevelopmentCa,
  createKemCredential,
  createSigner,
  createTrustStore,
  decodePublicKey,
  encodePem,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  parseCertificate,
  parseCertificates,
  parsePrivateKey,
  publicKeyOf,
  verifyChain,
} from "../../../src/identity/index.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { loadText } from "../../vectors/load.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { now } from "../pki.ts";

const example = (name: string): string => loadText(`rfc9935/${name}`);
const sizes = ["512", "768", "1024"] as const;
const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("ML-KEM keys of RFC 9935", () => {
  it.each(sizes)("ML-KEM-%s in its three forms is one key, that of the certificate", (size) => {
    const [certificate] = parseCertificates(example(`ML-KEM-${size}.crt`));
    const { publicKey, keyUsage } = certificate!;
    expect(publicKey.type).toBe(`ML-KEM-${size}`);
    expect([...keyUsage!]).toEqual(["keyEncipherment"]);
    const [seed, expanded, both] = ["seed", "expanded", "both"].map((form) =>
      parsePrivateKey(example(`ML-KEM-${size}-${form}.priv`)),
    );
    expect(expanded!.key).toEqual(seed!.key);
    expect(both!.key).toEqual(seed!.key);
    expect(both!.seed).toEqual(seed!.seed);
    expect(seed!.seed).toHaveLength(64);
    expect(expanded!.seed).toBeUndefined();
    for (const key of [seed!, expanded!, both!]) expect(publicKeyOf(key)).toEqual(publicKey);
    const pub = Buffer.from(
      example(`ML-KEM-${size}.pub`).replaceAll(/-----.*-----|\n/g, ""),
      "base64",
    );
    expect(decodePublicKey(new Uint8Array(pub))).toEqual(publicKey);
  });

  it("what is written is what they wrote", () => {
    const read = parsePrivateKey(example("ML-KEM-768-both.priv"));
    const key = {
      type: read.type,
      privateKey: read.key,
      publicKey: publicKeyOf(read).key,
      seed: read.seed!,
    };
    for (const form of ["seed", "expanded", "both"] as const) {
      const { pkcs8 } = parsePrivateKey(example(`ML-KEM-768-${form}.priv`));
      expect(encodePrivateKey(key, form).pkcs8).toEqual(pkcs8);
    }
    const { seed: _, ...seedless } = key;
    expect(() => encodePrivateKey(seedless, "seed")).toThrow("RFC 9935 §6");
  });

  it.each([
    [1, "the expanded key does not follow from the seed (RFC 9935 §8)"],
    [3, "the hash of the encapsulation key is wrong (FIPS 203 §7.3)"],
    [4, "the expanded key does not follow from the seed (RFC 9935 §8)"],
  ])("the bad example %i is refused", (index, reason) => {
    const error = tlsErrorOf(() => parsePrivateKey(example(`bad-ML-KEM-512-${index}.priv`)));
    expect(error).toMatchObject({ code: "misuse" });
    expect(error.message).toContain(reason);
  });

  it("ML-KEM-768's certificate is one of its issuer's", () => {
    const chain = parseCertificates(example("ML-KEM-768.crt"));
    const trust = createTrustStore(loadText("rfc9881/ML-DSA-65.crt"));
    const provider = providers[0]!.provider;
    const at = Date.UTC(2030, 0);
    const verify = (leaf: typeof chain) =>
      verifyChain({ chain: leaf, trust, now: at, provider, usage: "server" });
    expect(verify(chain).leaf).toBe(chain[0]);
    const other = parseCertificates(example("ML-KEM-512.crt"));
    expect(tlsErrorOf(() => verify(other)).code).toBe("unknown_ca");
  });
});

describe.each(providers)("keys that encapsulate, with $name", ({ provider }) => {
  const ca = createDevelopmentCa({ provider, now, algorithm: "ed25519" });

  it.each(kemKeyTypes)(
    "%s: issued, verified, written, read, and put together again",
    (algorithm) => {
      const issued = ca.issueKem({ names: ["a.example"], algorithm });
      const options = {
        chain: issued.chain,
        trust: createTrustStore(ca.pem),
        now,
        provider,
        name: "a.example",
      };
      expect(verifyChain({ ...options, usage: "server" }).leaf).toBe(issued.chain[0]);
      expect([...issued.chain[0]!.keyUsage!]).toEqual([
        algorithm === "x25519" ? "keyAgreement" : "keyEncipherment",
      ]);
      const files = {
        certificates: issued.certificatePem,
        privateKey: issued.privateKeyPem,
        provider,
      };
      const { decapsulator } = createKemCredential(files);
      expect(decapsulator.schemes.map(({ keyType }) => keyType)).toEqual([algorithm]);
      const kem = provider.kems[algorithm];
      const { ciphertext, sharedSecret } = kem.encapsulate(issued.chain[0]!.publicKey.key);
      const [scheme] = decapsulator.schemes;
      expect(decapsulator.decapsulate(scheme!, ciphertext)).toEqual(sharedSecret);
      // Another's certificate
      const { certificatePem } = ca.issueKem({ names: ["a.example"], algorithm });
      expect(
        tlsErrorOf(() => createKemCredential({ ...files, certificates: certificatePem })),
      ).toMatchObject({
        code: "misuse",
        detail: { received: `another key, of type ${algorithm}` },
      });
    },
  );

  it.each(kemKeyTypes)("%s does not sign", (type) => {
    const key = encodePrivateKey(provider.generateKey(type));
    expect(() => createSigner(key, provider)).toThrow("does not sign");
    const { certificatePem, privateKeyPem } = ca.issueKem({ names: ["a"], algorithm: type });
    expect(() =>
      createCredential({ certificates: certificatePem, privateKey: privateKeyPem, provider }),
    ).toThrow("does not sign");
    expect(() =>
      issueCertificate({
        subject: { CN: "a" },
        signingKey: key,
        publicKey: ca.certificate.publicKey,
        notBefore: now,
        notAfter: now + 1000,
        provider,
      }),
    ).toThrow(`a key of type ${type} does not sign`);
  });

  it("what signs does not encapsulate", () => {
    const key = encodePrivateKey(provider.generateKey("ed25519"));
    expect(() => createDecapsulator(key, provider)).toThrow("does not encapsulate");
  });

  it("an expanded key without its seed decapsulates, and one that belongs to no public key is found out", () => {
    const certificates = example("ML-KEM-512.crt");
    const good = { certificates, privateKey: example("ML-KEM-512-expanded.priv"), provider };
    expect(createKemCredential(good).chain).toHaveLength(1);
    const bad = example("bad-ML-KEM-512-2.priv");
    // OpenSSL 3.5 finds out when it imports the key
    expect(() => createKemCredential({ ...good, privateKey: bad })).toThrow(
      /not that of the first certificate|not a private key of ML-KEM-512/,
    );
  });

  it.each([
    ["ML-KEM-768", ["digitalSignature"], "bad_certificate"],
    ["ML-KEM-768", ["keyEncipherment", "digitalSignature"], "bad_certificate"],
    ["ML-KEM-768", ["keyEncipherment"], undefined],
    ["x25519", ["encipherOnly"], "unsupported_certificate"],
    ["x25519", ["keyAgreement"], undefined],
  ] as const)("%s for %j: %s", (type, keyUsage, code) => {
    const key = provider.generateKey(type);
    const leaf = issueCertificate({
      subject: { CN: "a" },
      names: { dns: ["a.example"] },
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      publicKey: encodePublicKey(type, key.publicKey),
      notBefore: now - 1000,
      notAfter: now + 1000,
      keyUsage,
      provider,
    });
    const trust = createTrustStore(ca.pem);
    const verify = () => verifyChain({ chain: [leaf], trust, now, provider, usage: "server" });
    expect(code === undefined ? verify().leaf : tlsErrorOf(verify).code).toBe(code ?? leaf);
  });
});

describe("OpenSSL", () => {
  const { provider } = providers[0]!;
  itWith(
    "openssl35",
    "reads keys and certificates of ours, and decapsulates with them",
    ({ path: tool }) => {
      const openssl = (...args: string[]): string => execFileSync(tool, args, { encoding: "utf8" });
      const ca = createDevelopmentCa({ provider, now: Date.now(), algorithm: "ML-DSA-65" });
      const { certificatePem, privateKey, privateKeyPem, chain } = ca.issueKem({
        names: ["a.example"],
        algorithm: "ML-KEM-768",
      });
      const file = (name: string, content: string | Uint8Array): string => {
        const path = join(folder, name);
        writeFileSync(path, content);
        return path;
      };
      const certificate = file("leaf.pem", certificatePem);
      expect(openssl("x509", "-in", certificate, "-noout", "-text")).toMatch(
        /Public Key Algorithm: ML-KEM-768[^]*Key Encipherment/,
      );
      expect(openssl("verify", "-CAfile", file("ca.pem", ca.pem), certificate)).toContain("OK");
      const { ciphertext, sharedSecret } = provider.kems["ML-KEM-768"].encapsulate(
        chain[0]!.publicKey.key,
      );
      const forms = {
        both: privateKeyPem,
        seed: encodePem(
          "PRIVATE KEY",
          encodePrivateKey({ ...privateKeyParts(privateKey) }, "seed").pkcs8,
        ),
      };
      for (const [name, pem] of Object.entries(forms)) {
        const secret = join(folder, `${name}.secret`);
        const key = file(`${name}.pem`, pem);
        const input = file("ciphertext", ciphertext);
        openssl("pkeyutl", "-decap", "-inkey", key, "-in", input, "-secret", secret);
        expect(execFileSync("cat", [secret])).toEqual(Buffer.from(sharedSecret));
      }
    },
  );

  const privateKeyParts = (key: ReturnType<typeof parsePrivateKey>) => ({
    type: key.type,
    privateKey: key.key,
    publicKey: publicKeyOf(key).key,
    seed: key.seed!,
  });

  itWith("openssl35", "makes keys that we read", ({ path: tool }) => {
    const path = join(folder, "theirs.pem");
    execFileSync(tool, ["genpkey", "-algorithm", "ML-KEM-768", "-out", path]);
    const theirs = parsePrivateKey(execFileSync("cat", [path], { encoding: "utf8" }));
    expect(theirs).toMatchObject({ type: "ML-KEM-768" });
    const pub = execFileSync(tool, ["pkey", "-in", path, "-pubout", "-outform", "DER"]);
    expect(publicKeyOf(theirs).spki).toEqual(new Uint8Array(pub));
  });

  it("a certificate's own bytes come back", () => {
    const [certificate] = parseCertificates(example("ML-KEM-768.crt"));
    expect(parseCertificate(certificate!.der).publicKey).toEqual(certificate!.publicKey);
  });
});
