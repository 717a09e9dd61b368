import { beforeAll, describe, expect, it } from "vitest";
import { algorithmOf, schemes } from "../../../src/crypto/index.ts";
import {
  createSigner,
  decodePem,
  type DelegatedCredential,
  type Delegation,
  delegationEnd,
  parseCertificate,
  parsePrivateKey,
  verifyDelegation,
} from "../../../src/identity/index.ts";
import { delegated_credential } from "../../../src/extensions/index.ts";
import { decode } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { delegated, delegating, newKey, schemeNamed } from "../../support/delegation.ts";
import { anyProvider } from "../../support/ends.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { testTime } from "../../support/identities.ts";
import { changed } from "../../support/raw.ts";
import { days, seconds } from "../../support/sessions.ts";

/** The certificate of the working group's text that became RFC 9345, good for the first week of July 2020. */
const certificatePem = `-----BEGIN CERTIFICATE-----
MIIBezCCASKgAwIBAgIRAJZxpkATSkXtaYuKkmP/7YQwCgYIKoZIzj0EAwIwFDES
MBAGA1UEChMJQWNtZSBJbmMuMB4XDTIwMDcwMTEzMDUzM1oXDTIwMDcwODEzMDUz
M1owFDESMBAGA1UEChMJQWNtZSBJbmMuMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEJYa2xzCGsR//gL6mdUxMr+DpSrrsputAPiTSrnBOvyfCw1aY3fq+tlRS9WbV
1zXEQKItVNf7ofFSm2BYVXxOxqNVMFMwDgYDVR0PAQH/BAQDAgeAMBMGA1UdJQQM
MAoGCCsGAQUFBwMBMAwGA1UdEwEB/wQCMAAwDwYDVR0RBAgwBocEfwAAATANBgkr
BgEEAYLaSywEADAKBggqhkjOPQQDAgNHADBEAiAWufQRTjgJaOYn3KBmvkNUwLyp
66vHmWi7L52EDCUGYwIgawvUo3EplSqfdTrYM1YbjuN7aiyqeljkE5G0hihUh0w=
-----END CERTIFICATE-----`;

/** Its delegated credentials, each with the private key that it delegates to. */
const credentials = {
  ecdsa_secp256r1_sha256: [
    `-----BEGIN DELEGATED CREDENTIAL-----
AAk6gAQDAABbMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3d+Pzf7NWkggc7nA
aaGilBsaMIRkBPQmFsefWn9rBNyeDW2BMFZ6mV080ymb7FM5+Da1cdjJRPifS2Ag
ZKesmgQDAEgwRgIhAMIU+EDJFpqdTq/1dGPjk8xJd+ODjTnjlcyR1A271HczAiEA
pYW11X2/nCu4VE/saC/ufvIMw1ICVlCVfhwxait68sw=
-----END DELEGATED CREDENTIAL-----`,
    `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIOXFPRlfeZyHWksUz/WpNQ2ADK+grA9AqoPcnk6Ti7cyoAoGCCqGSM49
AwEHoUQDQgAE3d+Pzf7NWkggc7nAaaGilBsaMIRkBPQmFsefWn9rBNyeDW2BMFZ6
mV080ymb7FM5+Da1cdjJRPifS2AgZKesmg==
-----END EC PRIVATE KEY-----`,
  ],
  ecdsa_secp384r1_sha384: [
    `-----BEGIN DELEGATED CREDENTIAL-----
AAk6gAUDAAB4MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEIU3nnaepGRVE0B03mZpC
p6pKFemLkpvTcJY2DRS/DWTy3MSvhLV2G6wthE6aWnWbOkjv+bvgv6jS2NOtYTFb
xGcTJEyoyYRNxl2fRUWFsQW4z4LCCWseK7IO3R6LKmnmBAMARjBEAiAHQkPswEN6
0b1Aun8t6ivnGJFOx6lOCknbeO7y2DErbQIgaq1GUrcGF79hIG/XO4MTjinTp0ai
PzmH7d0v9UHNP4c=
-----END DELEGATED CREDENTIAL-----`,
    `-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDA3FsT2o+F530QPzoOyHEptRzBKWG//f9LQ8rVxsVtVVPe0PICBDdgg
EbncOYo8Dx2gBwYFK4EEACKhZANiAAQhTeedp6kZFUTQHTeZmkKnqkoV6YuSm9Nw
ljYNFL8NZPLcxK+EtXYbrC2ETppadZs6SO/5u+C/qNLY061hMVvEZxMkTKjJhE3G
XZ9FRYWxBbjPgsIJax4rsg7dHosqaeY=
-----END EC PRIVATE KEY-----`,
  ],
  ed25519: [
    `-----BEGIN DELEGATED CREDENTIAL-----
AAk6gAgHAAAsMCowBQYDK2VwAyEAfNmwkbUcG0OgeI8mjmvEob+mEhMmdoRvn7yA
o1vOui4EAwBGMEQCIByJ7WXoTUXaIK2P99WyE0ZGHz2fCIaxsQ1LUyZlqqMjAiBg
KOC3Yi3ThHvk5Kbk0NYz8GPokcsCIzRUCJ43O2meFQ==
-----END DELEGATED CREDENTIAL-----`,
    `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIMhN5dZ72hErCLe8j9ogbfoH3Zo9pn7T1qtSmEKPQUEP
-----END PRIVATE KEY-----`,
  ],
} as const;

describe.each(providers)("the published delegated credentials, with $name", ({ provider }) => {
  const certificate = parseCertificate(decodePem(certificatePem)[0]!.der);
  const question = {
    certificate,
    usage: "server" as const,
    schemes,
    delegatedSchemes: schemes,
    now: Date.UTC(2020, 6, 2),
    provider,
  };

  it.each(Object.entries(credentials))(
    "%s is verified, and its key fits",
    (name, [pem, keyPem]) => {
      const [{ der } = { der: new Uint8Array(0) }] = decodePem(pem);
      const credential = decode(delegated_credential.bodies.certificate, der);
      expect(credential.credential.validTime).toBe(604_800);
      const { key, scheme } = verifyDelegation(credential, question);
      expect(scheme.name).toBe(name);
      const signer = createSigner(parsePrivateKey(keyPem), provider);
      const verify = algorithmOf(scheme, provider).verifier(key);
      expect(verify(der, signer.sign(scheme, der))).toBe(true);
      // It was made for a server
      const error = tlsErrorOf(() =>
        verifyDelegation(credential, { ...question, usage: "client" }),
      );
      expect(error).toMatchObject({ code: "illegal_parameter" });
    },
  );
});

describe("a delegated credential", () => {
  const provider = anyProvider;
  const server = delegating("server");
  const [certificate] = server.chain;
  let good: Delegation;
  beforeAll(async () => {
    good = await delegated(server, "server");
  });
  const question = (special: Partial<Parameters<typeof verifyDelegation>[1]> = {}) => ({
    certificate: certificate!,
    usage: "server" as const,
    schemes,
    delegatedSchemes: [schemeNamed("ecdsa_secp256r1_sha256")],
    now: testTime,
    provider,
    ...special,
  });
  const refused = (credential: DelegatedCredential, special = {}) => {
    expect(verifyDelegation(good, question()).scheme.name).toBe("ecdsa_secp256r1_sha256");
    return tlsErrorOf(() => verifyDelegation(credential, question(special)));
  };
  const illegal = (text: RegExp | string, section = "RFC 9345 §4.1.3") => ({
    code: "illegal_parameter",
    alert: "illegal_parameter",
    message: expect.stringMatching(text) as string,
    detail: expect.objectContaining({ section }) as object,
  });

  it("ends when it says, within seven days", () => {
    const end = delegationEnd(certificate!, good);
    expect(end).toBe(testTime + 86_400 * seconds);
    expect(verifyDelegation(good, question({ now: end - 1 })).key.type).toBe("secp256r1");
    expect(refused(good, { now: end })).toMatchObject(illegal("its time is over"));
    const early = end - 7 * days;
    expect(verifyDelegation(good, question({ now: early })).key.type).toBe("secp256r1");
    expect(refused(good, { now: early - 1 })).toMatchObject(illegal("too far ahead"));
  });

  it("is signed by the certificate's key, over all that it says", () => {
    expect(
      refused({
        ...good,
        signature: changed(good.signature, (copy) => (copy[9]! ^= 1)),
      }),
    ).toMatchObject(illegal("its signature is wrong"));
    const longer = { ...good.credential, validTime: good.credential.validTime + 1 };
    expect(refused({ ...good, credential: longer })).toMatchObject(
      illegal("its signature is wrong"),
    );
    const other = delegating("server").chain[0]!;
    expect(refused(good, { certificate: other })).toMatchObject(illegal("its signature is wrong"));
    expect(refused(good, { usage: "client" })).toMatchObject(illegal("its signature is wrong"));
  });

  it("uses schemes that were offered", () => {
    expect(refused(good, { delegatedSchemes: [schemeNamed("ed25519")] })).toMatchObject(
      illegal("scheme"),
    );
    expect(refused(good, { delegatedSchemes: [] })).toMatchObject(illegal("scheme"));
    expect(refused(good, { schemes: [schemeNamed("ecdsa_secp256r1_sha256")] })).toMatchObject(
      illegal("scheme"),
    );
    expect(refused({ ...good, algorithm: 0x0403 })).toMatchObject(illegal("scheme"));
  });

  it("has a key that fits its scheme", async () => {
    const { publicKey } = newKey("ed25519");
    const wrong = await delegated(server, "server", { delegateKey: publicKey });
    expect(refused(wrong)).toMatchObject(illegal("its key does not fit"));
    const spki = good.credential.asn1SubjectPublicKeyInfo.subarray(1);
    const credential = { ...good.credential, asn1SubjectPublicKeyInfo: spki };
    expect(refused({ ...good, credential })).toMatchObject({ code: "bad_certificate" });
  });

  // RFC 9345 §4.1
  it("has no key whose OID is rsaEncryption", async () => {
    const scheme = schemeNamed("rsa_pss_rsae_sha256");
    const credential = { ...good.credential, expectedCertVerifyAlgorithm: scheme.code };
    expect(refused({ ...good, credential }, { delegatedSchemes: [scheme] })).toMatchObject(
      illegal("not allowed"),
    );
    await expect(delegated(server, "server", { scheme })).rejects.toMatchObject({ code: "misuse" });
  });

  // RFC 9345 §4.2
  it("comes under a certificate that allows it", async () => {
    const section = "RFC 9345 §4.2";
    const plain = delegating("server", { extensions: [] });
    expect(refused(good, { certificate: plain.chain[0] })).toMatchObject(
      illegal("does not allow delegation", section),
    );
    const mayNotSign = delegating("server", { keyUsage: ["keyAgreement"] });
    expect(refused(good, { certificate: mayNotSign.chain[0] })).toMatchObject(
      illegal("does not allow delegation", section),
    );
    for (const each of [plain, mayNotSign]) {
      await expect(delegated(each, "server")).rejects.toMatchObject({ code: "misuse" });
    }
  });

  it("is made for seven days at most, by a key that can sign", async () => {
    for (const lifetime of [0, 604_801]) {
      await expect(delegated(server, "server", { lifetime })).rejects.toThrow(RangeError);
    }
    const week = await delegated(server, "server", { lifetime: 604_800 });
    expect(verifyDelegation(week, question()).key.type).toBe("secp256r1");
    const signer = { ...server.signer, schemes: [] };
    await expect(delegated(server, "server", { signer })).rejects.toMatchObject({ code: "misuse" });
  });

  it("may delegate to the certificate's own kind of key", async () => {
    const { publicKey, signer } = newKey("ed25519");
    const scheme = schemeNamed("ed25519");
    const own = await delegated(server, "server", {
      delegateKey: publicKey,
      delegate: signer,
      scheme,
    });
    const { key } = verifyDelegation(own, question({ delegatedSchemes: [scheme] }));
    expect(key.spki).toEqual(publicKey.spki);
  });
});
