import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { KeyType } from "../../../src/crypto/index.ts";
import {
  createCsr,
  type CsrOptions,
  draftCsr,
  encodePem,
  encodePrivateKey,
  encodePublicKey,
  KeyPurpose,
  parseCsr,
  parsePrivateKey,
  publicKeyOf,
  signDraftWith,
  verifyCsr,
} from "../../../src/identity/index.ts";
import { constructed, Tag } from "../../../src/identity/der/der-tags.ts";
import { bitString, der, oid, sequence, unsigned } from "../../../src/identity/der/der-writer.ts";
import { encodeSignatureAlgorithm } from "../../../src/identity/keys/algorithm.ts";
import { RequestOid } from "../../../src/identity/der/oids.ts";
import { createSigner } from "../../../src/identity/keys/signer.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { tlsErrorOf } from "../../support/errors.ts";

const { provider } = providers[0]!;

function keys(type: KeyType) {
  const key = provider.generateKey(type);
  return {
    privateKey: encodePrivateKey(key),
    publicKey: encodePublicKey(type, key.publicKey),
  };
}

const own = keys("ed25519");
const names = {
  dns: ["a.example"],
  ip: ["192.0.2.1", "2001:db8:0:0:0:0:0:1"],
  uri: ["spiffe://example.org/a"],
  email: ["a@example.org"],
};
const request = (change: Partial<CsrOptions> = {}) =>
  createCsr({ subject: { O: "Test", CN: "a" }, names, ...own, provider, ...change });

const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (path: string, ...args: string[]): string =>
  execFileSync(path, args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

describe.each(providers)("requests with $name", ({ provider: verifying }) => {
  it.each(["secp256r1", "secp384r1", "ed25519", "ed448", "ML-DSA-44"] as const)(
    "%s: what is written is read, and proves possession",
    (type) => {
      const csr = request(keys(type));
      const again = parseCsr(encodePem("CERTIFICATE REQUEST", csr.der));
      expect(again.subject.text).toBe("CN=a,O=Test");
      expect(again.publicKey.type).toBe(type);
      expect(again.requested.subjectAltNames).toMatchObject({ ...names, ip: expect.anything() });
      verifyCsr(again, verifying);
    },
  );

  it("a key that is another's is no proof", () => {
    const csr = request({ publicKey: keys("ed25519").publicKey });
    expect(tlsErrorOf(() => verifyCsr(csr, verifying))).toMatchObject({
      code: "bad_certificate",
      detail: { where: "request.signature", section: "RFC 2986 §3" },
    });
    const other = request({ publicKey: keys("secp256r1").publicKey });
    expect(tlsErrorOf(() => verifyCsr(other, verifying)).message).toMatch(
      /signed with ed25519, but the key is secp256r1/,
    );
  });
});

describe("requests (RFC 2986)", () => {
  it("carry what is asked for, and nothing where nothing is", () => {
    const csr = request({
      ca: { pathLength: 1 },
      keyUsage: ["keyCertSign"],
      extendedKeyUsage: [KeyPurpose.serverAuth],
    });
    expect(csr.requested).toMatchObject({
      basicConstraints: { ca: true, pathLength: 1 },
      keyUsage: new Set(["keyCertSign"]),
      extendedKeyUsage: [KeyPurpose.serverAuth],
    });
    expect(request({ names: {} }).requested).toEqual({ extensions: [], criticalUnknown: [] });
  });

  it("may be signed elsewhere", async () => {
    const signer = createSigner(own.privateKey, provider);
    const elsewhere = {
      ...signer,
      sign: async (...args: Parameters<typeof signer.sign>) => signer.sign(...args),
    };
    const options = { subject: { CN: "a" }, publicKey: own.publicKey };
    const csr = await signDraftWith(
      draftCsr({ ...options, signatureName: "ed25519" }),
      elsewhere,
      provider,
    );
    verifyCsr(csr, provider);
    await expect(
      signDraftWith(draftCsr({ ...options, signatureName: "ed448" }), elsewhere, provider),
    ).rejects.toThrow(/does not sign with this algorithm; expected ed25519, received ed448/);
  });

  /** A request with those attributes; its signature does not matter here. */
  const withAttributes = (version: number, ...attributes: Uint8Array[]): Uint8Array => {
    const info = sequence(
      unsigned(version),
      sequence(),
      own.publicKey.spki,
      der(constructed(0), ...attributes),
    );
    return sequence(info, encodeSignatureAlgorithm("ed25519"), bitString(new Uint8Array(64)));
  };
  const extensionRequest = sequence(
    oid(RequestOid.extensionRequest),
    der(Tag.set, sequence(sequence(oid("1.2.3"), der(Tag.octetString, Uint8Array.of(5, 0))))),
  );
  const challenge = sequence(
    oid(RequestOid.challengePassword),
    der(Tag.set, der(Tag.utf8String, Uint8Array.of(0x78))),
  );

  it("are refused with the field and the rule", () => {
    expect(
      parseCsr(withAttributes(0, challenge, extensionRequest)).requested.extensions,
    ).toHaveLength(1);
    for (const [bytes, where] of [
      [withAttributes(1), /request\.certificationRequestInfo\.version/],
      [withAttributes(0, extensionRequest, extensionRequest), /attributes\[1\]\.values/],
      [withAttributes(0, sequence()), /attributes\[0\]\.type/],
      [withAttributes(0).subarray(0, -1), /^request$/],
    ] as const) {
      const error = tlsErrorOf(() => parseCsr(bytes));
      expect(error).toMatchObject({ code: "bad_certificate", detail: { section: "RFC 2986 §4" } });
      expect(error.detail.where).toMatch(where);
    }
    expect(tlsErrorOf(() => parseCsr(encodePem("CERTIFICATE", own.publicKey.spki)))).toMatchObject({
      code: "misuse",
      message: expect.stringContaining("found 0 CERTIFICATE REQUEST blocks"),
    });
  });

  itWith("openssl", "are exchanged with openssl req", ({ path }) => {
    writeFileSync(join(folder, "ours.csr"), encodePem("CERTIFICATE REQUEST", request().der));
    const text = run(path, "req", "-in", "ours.csr", "-verify", "-noout", "-text");
    expect(text).toContain("DNS:a.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1");
    expect(text).toContain("URI:spiffe://example.org/a, email:a@example.org");
    for (const algorithm of ["EC", "ed25519", "RSA"]) {
      const options = algorithm === "EC" ? ["-pkeyopt", "ec_paramgen_curve:P-256"] : [];
      run(path, "genpkey", "-algorithm", algorithm, ...options, "-out", "their.key");
      run(
        path,
        "req",
        "-new",
        "-key",
        "their.key",
        "-out",
        "their.csr",
        "-subj",
        "/CN=b",
        "-addext",
        "subjectAltName=DNS:b.example",
      );
      const csr = parseCsr(read("their.csr"));
      for (const each of providers) verifyCsr(csr, each.provider);
      expect(csr.requested.subjectAltNames?.dns).toEqual(["b.example"]);
      expect(publicKeyOf(parsePrivateKey(read("their.key")))).toEqual(csr.publicKey);
    }
  });

  itWith("openssl35", "with ML-DSA too", ({ path }) => {
    writeFileSync(
      join(folder, "ours.csr"),
      encodePem("CERTIFICATE REQUEST", request(keys("ML-DSA-65")).der),
    );
    run(path, "req", "-in", "ours.csr", "-verify", "-noout");
    run(path, "genpkey", "-algorithm", "ML-DSA-87", "-out", "their.key");
    run(path, "req", "-new", "-key", "their.key", "-out", "their.csr", "-subj", "/CN=b");
    const csr = parseCsr(read("their.csr"));
    for (const each of providers) verifyCsr(csr, each.provider);
    expect(publicKeyOf(parsePrivateKey(read("their.key")))).toEqual(csr.publicKey);
  });
});

describe("the public half of a private key", () => {
  it.each(["secp256r1", "secp384r1", "secp521r1", "ed25519", "ed448", "ML-DSA-44"] as const)(
    "%s",
    (type) => {
      const { privateKey, publicKey } = keys(type);
      expect(publicKeyOf(privateKey)).toEqual(publicKey);
    },
  );

  it("of a scalar that is none, there is none", () => {
    const key = { ...keys("secp256r1").privateKey, key: new Uint8Array(32) };
    expect(tlsErrorOf(() => publicKeyOf(key))).toMatchObject({ code: "misuse" });
  });
});
