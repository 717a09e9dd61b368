/** Lists and OCSP responses as others write them: public responders, Go (and with it Let's Encrypt's Boulder), OpenSSL. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  createTrustStore,
  encodePem,
  hasRightSignature,
  isMeant,
  KeyPurpose,
  parseCertificate,
  parseCrl,
  parseOcspResponse,
  type RevocationOptions,
  verifyChain,
} from "../../../src/identity/index.ts";
import { OcspOid } from "../../../src/identity/der/oids.ts";
import { hasNoCheck } from "../../../src/identity/revocation/ocsp.ts";
import { root as project } from "../../architecture/tree.ts";
import { emptyFolders } from "../../authority/folders.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { certificates, day, Pki } from "../pki.ts";

const from = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(project, "test/identity/revocation", name), "utf8"));

interface MadeByGo {
  readonly now: number;
  readonly root: string;
  readonly ca: string;
  readonly leaf: string;
  readonly lists: Readonly<Record<string, string>>;
  readonly responses: Readonly<Record<string, string>>;
}
const go = fixture("made-by-go.json") as MadeByGo;
const known = fixture("public-responders.json") as {
  readonly letsEncryptX3: string;
  readonly responses: Readonly<Record<string, string>>;
};

describe.each(providers)("responses of public responders, with $name", ({ provider }) => {
  const read = (name: string) => parseOcspResponse(from(known.responses[name]!));

  it.each([
    ["Let's Encrypt", "name", 0, 1, "good"],
    ["QuoVadis", "name", 1, 1, "revoked"],
    ["SwissSign", "name", 1, 1, "good"],
    ["Camerfirma", "key", 1, 1, "unknown"],
    ["a key by its hash", "key", 0, 1, "revoked"],
    ["DoD", "key", 1, 20, "revoked"],
  ])("%s is read: by %s, %i certificates, %i statements", (name, by, enclosed, count, kind) => {
    const response = read(name);
    expect("name" in response.responder ? "name" : "key").toBe(by);
    expect(response.certificates).toHaveLength(enclosed);
    expect(response.responses).toHaveLength(count);
    expect(response.responses[0]!.status.kind).toBe(kind);
    expect(response.criticalUnknown).toEqual([]);
    for (const signer of response.certificates) {
      expect(signer.extendedKeyUsage).toContain(KeyPurpose.OCSPSigning);
      expect(hasNoCheck(signer)).toBe(true);
      const isRight = (signed: typeof response) =>
        hasRightSignature(signed, signer.publicKey, provider, "response");
      expect(isRight(response)).toBe(true);
      const tbs = Uint8Array.from(response.tbs);
      tbs[tbs.length >> 1]! ^= 1;
      expect(isRight({ ...response, tbs })).toBe(false);
    }
  });

  it("Let's Encrypt's is by its CA itself, and says so by SHA-1 of name and key", () => {
    const issuer = parseCertificate(from(known.letsEncryptX3));
    const response = read("Let's Encrypt");
    expect(hasRightSignature(response, issuer.publicKey, provider, "response")).toBe(true);
    const [{ certId }] = response.responses as [(typeof response.responses)[0]];
    expect(isMeant(certId, certId.serialNumber, issuer)).toBe(true);
    const [other] = read("QuoVadis").certificates;
    expect(isMeant(certId, certId.serialNumber, other!)).toBe(false);
  });
});

describe.each(providers)("what Go writes, with $name", ({ provider }) => {
  const chain = [go.leaf, go.ca].map((each) => parseCertificate(from(each)));
  const status = (revocation: RevocationOptions, stapled?: Uint8Array): string => {
    const check = () =>
      verifyChain({
        chain,
        trust: createTrustStore([from(go.root)]),
        usage: "server",
        now: go.now,
        provider,
        revocation: { of: "leaf", ...revocation },
        ...(stapled && { stapled }),
      });
    try {
      expect(check().path).toHaveLength(3);
      return "unrevoked";
    } catch {
      return tlsErrorOf(check).code;
    }
  };

  it.each([
    ["others", "unrevoked"],
    ["empty", "unrevoked"],
    ["revoked", "certificate_revoked"],
    // It tells nothing of this certificate, whose distribution point it is not
    ["another shard", "certificate_unknown"],
  ])("a list in shards, as Let's Encrypt has them: %s, %s", (name, expected) => {
    const crl = parseCrl(from(go.lists[name]!));
    expect(crl.issuingDistributionPoint).toMatchObject({ onlyContainsUserCerts: true });
    expect(status({ crls: [crl] })).toBe(expected);
    const both = ["another shard", name].map((each) => parseCrl(from(go.lists[each]!)));
    expect(status({ crls: both })).toBe(expected);
  });

  it.each([
    ["good", "unrevoked", "unrevoked"],
    ["good, by SHA-256", "unrevoked", "unrevoked"],
    ["good, by a responder", "unrevoked", "unrevoked"],
    ["good, no nextUpdate", "unrevoked", "unrevoked"],
    ["revoked", "certificate_revoked", "certificate_revoked"],
    ["revoked, by a responder", "certificate_revoked", "certificate_revoked"],
    ["unknown", "certificate_unknown", "bad_certificate_status"],
  ])("a response: %s, %s", (name, held, stapled) => {
    const der = from(go.responses[name]!);
    expect(status({ ocspResponses: [parseOcspResponse(der)] })).toBe(held);
    expect(status({}, der)).toBe(stapled);
    const changed = Uint8Array.from(der);
    changed[changed.length - 1]! ^= 1;
    expect(status({}, changed)).toBe("bad_certificate_status");
  });

  it("no answer is none", () => {
    expect(() => parseOcspResponse(from(go.responses["unauthorized"]!))).toThrow(
      /no answer; .* received unauthorized/,
    );
  });
});

describe("OpenSSL as a responder", () => {
  const { provider } = providers[0]!;
  const folder = emptyFolders();
  const pki = new Pki(provider);
  /** Its own clock counts. */
  const today = Date.now();
  const span = { notBefore: today - day, notAfter: today + day, type: "secp256r1" } as const;
  const top = pki.root("OCSP root", span);
  const [one, two] = ["one", "two"].map((name) => pki.leaf(`${name}.example`, top, span));
  const noCheck = { oid: OcspOid.noCheck, critical: false, value: Uint8Array.of(5, 0) };
  const delegate = pki.leaf("OCSP", top, {
    ...span,
    names: {},
    extendedKeyUsage: [KeyPurpose.OCSPSigning],
    extensions: [noCheck],
  });

  itWith(
    "openssl",
    "answers for two at once, by name or key hash, itself or by a delegate, with nextUpdate or without",
    ({ path }) => {
      const openssl = (...args: readonly string[]): void => {
        const { status, stderr } = spawnSync(path, args, { cwd: folder.path, encoding: "utf8" });
        expect([status, stderr]).toEqual([0, expect.any(String)]);
      };
      for (const [name, entity] of Object.entries({ top, one: one!, two: two!, delegate })) {
        const { certificate, privateKey } = entity;
        writeFileSync(folder.at(`${name}.pem`), encodePem("CERTIFICATE", certificate.der));
        writeFileSync(folder.at(`${name}.key`), encodePem("PRIVATE KEY", privateKey.pkcs8));
      }
      const serials = [one!, two!].map(({ certificate }) =>
        Buffer.from(certificate.serialNumber).toString("hex").toUpperCase(),
      );
      writeFileSync(
        folder.at("index.txt"),
        `V\t490101000000Z\t\t${serials[0]}\tunknown\t/CN=one\n` +
          `R\t490101000000Z\t261001000000Z,superseded\t${serials[1]}\tunknown\t/CN=two\n`,
      );
      const ask = ["ocsp", "-issuer", "top.pem", "-cert", "one.pem", "-cert", "two.pem"];
      openssl(...ask, "-no_nonce", "-reqout", "request.der");
      for (const signer of ["top", "delegate"]) {
        for (const how of [
          [],
          ["-resp_key_id"],
          ["-ndays", "1"],
          ["-resp_no_certs", "-rmd", "sha384"],
        ]) {
          const by = ["-CA", "top.pem", "-rsigner", `${signer}.pem`, "-rkey", `${signer}.key`];
          const files = [
            "-index",
            "index.txt",
            "-reqin",
            "request.der",
            "-respout",
            "response.der",
          ];
          openssl("ocsp", ...by, ...files, ...how);
          const stapled = Uint8Array.from(readFileSync(folder.at("response.der")));
          expect(parseOcspResponse(stapled).responses).toHaveLength(2);
          const check = (leaf: typeof top) => () =>
            verifyChain({
              chain: certificates(leaf),
              trust: createTrustStore(certificates(top)),
              usage: "server",
              now: Date.now(),
              provider,
              stapled,
            });
          // Who signed is nobody where the certificate is left out, unless it is the authority
          if (signer === "delegate" && how[0] === "-resp_no_certs") {
            expect(tlsErrorOf(check(one!)).message).toMatch(/neither the issuer nor enclosed/);
            continue;
          }
          expect([signer, how, check(one!)().path.length]).toEqual([signer, how, 2]);
          expect(tlsErrorOf(check(two!))).toMatchObject({ code: "certificate_revoked" });
        }
      }
    },
    120_000,
  );

  itWith(
    "openssl",
    "and as an authority: its list is read",
    ({ path }) => {
      const at = (name: string) => folder.at(name);
      writeFileSync(at("top.pem"), encodePem("CERTIFICATE", top.certificate.der));
      writeFileSync(at("top.key"), encodePem("PRIVATE KEY", top.privateKey.pkcs8));
      const serial = Buffer.from(two!.certificate.serialNumber).toString("hex").toUpperCase();
      writeFileSync(
        at("index.txt"),
        `R\t490101000000Z\t261001000000Z,keyCompromise\t${serial}\tunknown\t/CN=two\n`,
      );
      writeFileSync(at("number"), "1000\n");
      writeFileSync(
        at("openssl.cnf"),
        "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n" +
          "crl_extensions=list\n[list]\nauthorityKeyIdentifier=keyid\n",
      );
      const made = spawnSync(
        path,
        [
          "ca",
          "-config",
          "openssl.cnf",
          "-gencrl",
          "-crldays",
          "1",
          "-cert",
          "top.pem",
          "-keyfile",
          "top.key",
          "-out",
          "list.pem",
        ],
        { cwd: folder.path, encoding: "utf8" },
      );
      expect([made.status, made.stderr]).toEqual([0, expect.any(String)]);
      const revocation = { crls: [parseCrl(pemBytes(readFileSync(at("list.pem"), "utf8")))] };
      const check = (leaf: typeof top) => () =>
        verifyChain({
          chain: certificates(leaf),
          trust: createTrustStore(certificates(top)),
          usage: "server",
          now: Date.now(),
          provider,
          revocation,
        });
      expect(check(one!)().path).toHaveLength(2);
      expect(tlsErrorOf(check(two!))).toMatchObject({ code: "certificate_revoked" });
    },
    120_000,
  );
});

const pemBytes = (text: string): Uint8Array =>
  from(/-----BEGIN X509 CRL-----([^-]*)/.exec(text)![1]!.replace(/\s/g, ""));
