import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createNoble, type KeyType, type Provider } from "../../../src/crypto/index.ts";
import {
  createCredential,
  createDevelopmentCa,
  createTrustStore,
  decodePublicKey,
  encodePem,
  encodePrivateKey,
  issueCertificate,
  KeyPurpose,
  parseCertificate,
  parseCertificates,
  parsePrivateKey,
  verifyChain,
} from "../../../src/identity/index.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { day, errorOf, now, Pki } from "../pki.ts";

const classical = ["secp256r1", "secp384r1", "secp521r1", "ed25519", "ed448"] as const;
const lattices = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const;

/** A provider whose randomness counts: the same at every run. */
function seeded(): Provider {
  let count = 0;
  return createNoble({
    random: (length) => Uint8Array.from({ length }, () => (count = (count * 5 + 17) & 0xff)),
  });
}

const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe.each(providers)("the development CA with $name", ({ provider }) => {
  it.each([...classical, ...lattices])("issues %s certificates that verify", (algorithm) => {
    const ca = createDevelopmentCa({ provider, algorithm, now });
    const trust = createTrustStore(ca.pem);
    const { chain, signer, certificatePem, privateKeyPem } = ca.issue({
      names: ["a.example", "192.0.2.1", "::1"],
    });
    const options = { chain, trust, now, provider, name: "a.example" } as const;
    const { path } = verifyChain({ ...options, usage: "server" });
    expect(path.map(({ der }) => der)).toEqual([chain[0]?.der, ca.certificate.der]);
    expect(verifyChain({ ...options, usage: "server", name: "::1" }).leaf).toBe(chain[0]);
    expect(errorOf(() => verifyChain({ ...options, usage: "client" }))).toMatchObject({
      code: "unsupported_certificate",
    });
    expect(signer.schemes[0]?.keyType).toBe(algorithm);
    const read = createCredential({
      certificates: certificatePem,
      privateKey: privateKeyPem,
      provider,
    });
    expect(read.chain[0]?.der).toEqual(chain[0]?.der);
  });

  it("issues to clients, with other keys, for as long as asked", () => {
    const ca = createDevelopmentCa({ provider, now });
    const trust = createTrustStore([ca.certificate]);
    const { chain } = ca.issue({
      names: ["ann@example.com", "spiffe://example.com/ann"],
      usage: "client",
      algorithm: "ed25519",
      days: 1,
    });
    expect(chain[0]?.publicKey.type).toBe("ed25519");
    expect(chain[0]?.subjectAltNames).toMatchObject({
      dns: [],
      email: ["ann@example.com"],
      uri: ["spiffe://example.com/ann"],
    });
    const options = { chain, trust, provider, usage: "client" } as const;
    expect(verifyChain({ ...options, now: now + day }).names).toEqual([]);
    expect(errorOf(() => verifyChain({ ...options, now: now + day + 1000 }))).toMatchObject({
      code: "certificate_expired",
    });
  });
});

it("with the same randomness and time, the same bytes", () => {
  const make = (algorithm: KeyType) => {
    const ca = createDevelopmentCa({ provider: seeded(), algorithm, now });
    return [ca.pem, ca.issue({ names: ["a.example"] }).certificatePem];
  };
  for (const algorithm of ["secp256r1", "ed25519", "ML-DSA-44"] as const) {
    expect(make(algorithm)).toEqual(make(algorithm));
  }
  expect(make("secp256r1")[0]).not.toBe(
    createDevelopmentCa({ provider: seeded(), now: now + 1000 }).pem,
  );
});

describe("issueCertificate", () => {
  const { provider } = providers[0]!;
  const pki = new Pki(provider);

  it("makes serial numbers of 16 octets that differ", () => {
    const serials = Array.from({ length: 20 }, () => pki.root("x").certificate.serialNumber);
    for (const serial of serials) expect([serial.length, serial[0]! >> 6]).toEqual([16, 1]);
    expect(new Set(serials.map((serial) => serial.join())).size).toBe(20);
    const chosen = pki.root("x", { serialNumber: Uint8Array.of(0x80) }).certificate;
    expect([...chosen.serialNumber]).toEqual([0, 0x80]);
    for (const serialNumber of [new Uint8Array(20), new Uint8Array(21).fill(1), new Uint8Array()]) {
      expect(() => pki.root("x", { serialNumber })).toThrow(/positive and has at most 20 octets/);
    }
  });

  it("makes subjectAltName critical if the subject is empty (RFC 5280 §4.2.1.6)", () => {
    const criticality = (subject: object) =>
      pki
        .root("x", { subject, names: { dns: ["a.example"] } })
        .certificate.extensions.find(({ oid }) => oid === "2.5.29.17")?.critical;
    expect(criticality({ CN: "x" })).toBe(false);
    const issuer = pki.root("Root");
    const leaf = pki.leaf("a.example", issuer, { subject: {} }).certificate;
    expect(leaf.extensions.find(({ oid }) => oid === "2.5.29.17")?.critical).toBe(true);
  });

  it("refuses names that do not fit, and keys that the provider cannot sign with", () => {
    expect(() => pki.root("x", { names: { dns: ["bücher.example"] } })).toThrow(/printable ASCII/);
    expect(() => pki.root("x", { names: { ip: ["192.0.2"] } })).toThrow(/not an IP address/);
    expect(() => pki.root("x", { subject: { DC: "bücher" } })).toThrow(/DC holds ASCII only/);
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
      type: "pkcs8",
      format: "der",
    });
    if (provider.signatures.rsa_pkcs1_sha256.signer === undefined) {
      expect(() => pki.root("x", { signingKey: parsePrivateKey(key) })).toThrow(
        /does not sign with rsa keys/,
      );
    }
  });
});

/** OpenSSL within the running Node: 3.0 in Node 20, with ML-DSA from 3.5 in Node 24. */
const [major = 0, minor = 0] = process.versions.openssl.split(".").map(Number);
const hasLattices = major > 3 || (major === 3 && minor >= 5);

describe("node:crypto takes what we issue", () => {
  it.for([...classical, ...lattices])("%s", (algorithm, { skip }) => {
    if (!hasLattices && algorithm.startsWith("ML-DSA")) {
      skip(`OpenSSL ${process.versions.openssl} within this Node has no ML-DSA`);
    }
    const ca = createDevelopmentCa({ provider: createNoble(), algorithm, now });
    const { certificatePem, privateKeyPem } = ca.issue({ names: ["a.example", "192.0.2.1"] });
    const issuer = new X509Certificate(ca.pem);
    const leaf = new X509Certificate(certificatePem);
    expect(leaf.checkIssued(issuer)).toBe(true);
    expect(leaf.verify(issuer.publicKey)).toBe(true);
    expect(leaf.verify(leaf.publicKey)).toBe(false);
    expect(leaf.checkHost("a.example")).toBe("a.example");
    expect(leaf.checkIP("192.0.2.1")).toBe("192.0.2.1");
    expect(leaf.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
    expect([issuer.ca, leaf.ca]).toEqual([true, false]);
  });
});

describe("OpenSSL's command line", () => {
  const run = (path: string, ...args: string[]): string =>
    execFileSync(path, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const takes = (path: string, algorithm: KeyType): void => {
    const ca = createDevelopmentCa({ provider: createNoble(), algorithm, now: Date.now() });
    const { certificatePem, privateKeyPem } = ca.issue({ names: ["a.example"] });
    const verify = (...more: string[]): string =>
      run(
        path,
        "verify",
        "-x509_strict",
        "-check_ss_sig",
        "-CAfile",
        file("ca.pem", ca.pem),
        ...more,
        file("leaf.pem", certificatePem),
      );
    expect(verify("-purpose", "sslserver", "-verify_hostname", "a.example")).toContain("OK");
    expect(() => verify("-purpose", "sslclient")).toThrow(/purpose|usage/);
    const spki = run(path, "pkey", "-in", file("key.pem", privateKeyPem), "-pubout");
    expect(spki).toBe(run(path, "x509", "-in", "leaf.pem", "-noout", "-pubkey"));
  };

  /** A root and a leaf that OpenSSL makes. */
  const makes = (
    path: string,
    keyArgs: readonly string[],
    signArgs: readonly string[] = [],
  ): void => {
    const config = `
      [req]\ndistinguished_name=dn\n[dn]\n
      [ca]\nbasicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nnameConstraints=permitted;DNS:example\n
      [leaf]\nsubjectAltName=DNS:a.example,IP:192.0.2.1,IP:2001:db8::1,URI:https://a.example/,email:a@a.example\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\ncertificatePolicies=1.2.3.4\n`;
    const openssl = (...args: string[]): string => run(path, ...args);
    file("openssl.cnf", config);
    openssl("genpkey", ...keyArgs, "-out", "ca.key");
    openssl("genpkey", ...keyArgs, "-out", "leaf.key");
    openssl(
      "req",
      "-x509",
      "-config",
      "openssl.cnf",
      "-extensions",
      "ca",
      "-key",
      "ca.key",
      "-subj",
      "/O=OpenSSL/CN=CA",
      "-days",
      "2",
      "-out",
      "ca.pem",
      ...signArgs,
    );
    openssl(
      "req",
      "-new",
      "-config",
      "openssl.cnf",
      "-key",
      "leaf.key",
      "-subj",
      "/O=OpenSSL/CN=leaf",
      "-out",
      "leaf.csr",
    );
    openssl(
      "x509",
      "-req",
      "-in",
      "leaf.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-extfile",
      "openssl.cnf",
      "-extensions",
      "leaf",
      "-days",
      "2",
      "-out",
      "leaf.pem",
      ...signArgs,
    );
    const text = (name: string): string => readFileSync(join(folder, name), "utf8");
    for (const { provider } of providers) {
      const chain = parseCertificates(text("leaf.pem"));
      const options = {
        chain,
        trust: createTrustStore(text("ca.pem")),
        usage: "server",
        now: Date.now(),
        provider,
      } as const;
      for (const name of ["a.example", "192.0.2.1", "2001:db8::1"]) {
        expect(verifyChain({ ...options, name }).path).toHaveLength(2);
      }
      const bytes = Uint8Array.from(chain[0]!.der);
      bytes[bytes.length - 1]! ^= 1;
      expect(
        errorOf(() => verifyChain({ ...options, chain: [parseCertificate(bytes)] })),
      ).toMatchObject({ code: "bad_certificate" });
      const key = parsePrivateKey(text("leaf.key"));
      expect(key.type).toBe(chain[0]?.publicKey.type);
      if (key.type.startsWith("rsa") && provider.signatures.rsa_pss_sha256.signer === undefined)
        continue;
      expect(createCredential({ certificates: chain, privateKey: key, provider }).chain).toBe(
        chain,
      );
    }
  };

  itWith("openssl", "takes our classical certificates and keys", ({ path }) => {
    for (const algorithm of classical) takes(path, algorithm);
  });

  itWith("openssl", "makes classical certificates and keys that we take", ({ path }) => {
    for (const curve of ["P-256", "P-384", "P-521"]) {
      makes(path, ["-algorithm", "EC", "-pkeyopt", `ec_paramgen_curve:${curve}`], ["-sha384"]);
    }
    makes(path, ["-algorithm", "ed25519"]);
    makes(path, ["-algorithm", "ed448"]);
    makes(path, ["-algorithm", "RSA"], ["-sha256"]);
    makes(
      path,
      ["-algorithm", "RSA"],
      ["-sha512", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"],
    );
    makes(path, ["-algorithm", "RSA-PSS"], ["-sha256", "-sigopt", "rsa_pss_saltlen:digest"]);
  });

  itWith("openssl", "makes certificates that we refuse: SHA-1, and an unusual salt", ({ path }) => {
    const key = ["-algorithm", "RSA"];
    expect(() => makes(path, key, ["-sha1"])).toThrow(/broken hash/);
    const salt = ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20"];
    expect(() => makes(path, key, salt)).toThrow(
      /signature algorithm 1\.2\.840\.113549\.1\.1\.10 is not supported/,
    );
  });

  itWith("openssl35", "takes our ML-DSA certificates and keys, and we take its", ({ path }) => {
    for (const algorithm of lattices) {
      takes(path, algorithm);
      makes(path, ["-algorithm", algorithm]);
      makes(path, ["-algorithm", algorithm, "-provparam", "ml-dsa.output_formats=seed-only"]);
    }
  });
});

it("an RSA key in a certificate of ours", () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicKey = decodePublicKey(
    new Uint8Array(pair.publicKey.export({ type: "spki", format: "der" })),
  );
  const provider = createNoble();
  const issuer = provider.generateKey("ed25519");
  const certificate = issueCertificate({
    subject: { CN: "rsa" },
    signingKey: encodePrivateKey(issuer),
    publicKey,
    notBefore: now,
    notAfter: now + day,
    extendedKeyUsage: [KeyPurpose.serverAuth],
    provider,
  });
  const read = new X509Certificate(encodePem("CERTIFICATE", certificate.der));
  expect(read.publicKey.equals(pair.publicKey)).toBe(true);
});
