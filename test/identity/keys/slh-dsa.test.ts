import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  schemes,
  slhDsaNames,
  slhDsaParameters,
  slhDsaSchemes,
} from "../../../src/crypto/index.ts";
import {
  createCredential,
  createTrustStore,
  encodePem,
  parseCertificate,
  parseCertificates,
  parsePrivateKey,
  publicKeyOf,
  verifyChain,
} from "../../../src/identity/index.ts";
import { SignatureScheme } from "../../../src/registry/index.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { connect } from "../../support/ends.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { certificates, now, Pki } from "../pki.ts";

const { provider } = providers[0]!;
const pki = new Pki(provider);
/** The one that signs fastest. */
const type = "SLH-DSA-SHA2-128f";
const root = pki.root("Root", { type });
const leaf = pki.leaf("a.example", root, { type });
const trust = createTrustStore(certificates(root));

describe.each(providers)("SLH-DSA in certificates (RFC 9909) with $name", (each) => {
  const verify = (chain = certificates(leaf)) =>
    verifyChain({ chain, trust, usage: "server", now, provider: each.provider });

  it("is verified, and nothing else for it", () => {
    expect(leaf.certificate.signature).toHaveLength(17088);
    expect(leaf.certificate.signatureOid).toBe("2.16.840.1.101.3.4.3.21");
    expect(verify().path).toHaveLength(2);
    const bytes = Uint8Array.from(leaf.certificate.der);
    bytes[bytes.length - 1]! ^= 1;
    expect(tlsErrorOf(() => verify([parseCertificate(bytes)])).code).toBe("bad_certificate");
  });

  it("its keys are written and read", () => {
    const { privateKey } = leaf;
    expect(privateKey.key).toHaveLength(64);
    expect(parsePrivateKey(privateKey.pkcs8)).toEqual(privateKey);
    expect(publicKeyOf(privateKey)).toEqual(leaf.certificate.publicKey);
    expect(() => parsePrivateKey(privateKey.pkcs8.subarray(0, -1))).toThrow(/unusable private key/);
  });

  it("a key that is said to do more than sign is refused (§5)", () => {
    const odd = pki.leaf("a.example", root, {
      type,
      keyUsage: ["digitalSignature", "keyAgreement"],
    });
    expect(tlsErrorOf(() => verify(certificates(odd))).message).toContain("keyAgreement");
  });
});

describe("SLH-DSA in a handshake", () => {
  const credential = createCredential({
    certificates: certificates(leaf),
    privateKey: leaf.privateKey,
    provider,
  });
  const server = { credentials: [credential], now: () => now };
  const client = { trust, now: () => now, serverName: "a.example" };

  it("signs where the client lists it, over several records", () => {
    const { client: end } = connect({ ...client, schemes: [...schemes, ...slhDsaSchemes] }, server);
    expect(end.state).toBe("open");
    expect(end.negotiated?.peerSignatureScheme).toBe("slhdsa_sha2_128f");
  });

  it("is not offered by default", () => {
    const { server: end } = connect(client, server);
    expect(end.error).toMatchObject({ code: "no_common_signature_scheme" });
  });

  it("has the code points of the draft, by name", () => {
    expect(slhDsaSchemes.map(({ code }) => code)).toEqual(
      Array.from({ length: 12 }, (_, index) => 0x0911 + index),
    );
    for (const { name, code } of slhDsaSchemes) {
      expect(SignatureScheme[name as keyof typeof SignatureScheme]).toBe(code);
    }
  });
});

describe("SLH-DSA and OpenSSL", () => {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (path: string, ...args: string[]): string =>
    execFileSync(path, args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  const file = (name: string, label: string, der: Uint8Array): string => {
    writeFileSync(join(folder, name), encodePem(label, der));
    return name;
  };

  itWith("openssl35", "takes our certificates and keys", ({ path }) => {
    const at = ["-attime", String(now / 1000), "-x509_strict"];
    const anchor = file("root.pem", "CERTIFICATE", root.certificate.der);
    const subject = file("leaf.pem", "CERTIFICATE", leaf.certificate.der);
    expect(run(path, "verify", ...at, "-CAfile", anchor, subject)).toContain("OK");
    const spki = run(
      path,
      "pkey",
      "-in",
      file("key.pem", "PRIVATE KEY", leaf.privateKey.pkcs8),
      "-pubout",
    );
    expect(spki).toBe(run(path, "x509", "-in", "leaf.pem", "-noout", "-pubkey"));
  });

  itWith(
    "openssl35",
    "makes certificates of all twelve kinds that we take",
    ({ path }) => {
      for (const name of slhDsaNames) {
        run(path, "genpkey", "-algorithm", name, "-out", "their.key");
        run(
          path,
          "req",
          "-x509",
          "-key",
          "their.key",
          "-out",
          "their.pem",
          "-subj",
          "/CN=a",
          "-days",
          "2",
        );
        const [certificate] = parseCertificates(read("their.pem"));
        const key = parsePrivateKey(read("their.key"));
        expect([key.type, certificate?.publicKey.type]).toEqual([name, name]);
        expect(certificate?.signature).toHaveLength(slhDsaParameters(name).signatureLength);
        expect(publicKeyOf(key)).toEqual(certificate?.publicKey);
        const verifies = (signature: Uint8Array) =>
          provider.signatures[name].verifier(certificate!.publicKey)(certificate!.tbs, signature);
        expect(verifies(certificate!.signature)).toBe(true);
        expect(verifies(new Uint8Array(certificate!.signature.length))).toBe(false);
      }
    },
    120_000,
  );
});
