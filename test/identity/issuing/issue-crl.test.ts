import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Crl,
  type CrlOptions,
  createTrustStore,
  draftCrl,
  encodePem,
  issueCrl,
  parseCrls,
  type Revoked,
  signDraftWith,
  verifyChain,
} from "../../../src/identity/index.ts";
import { createSigner } from "../../../src/identity/keys/signer.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { certificates, day, type Entity, now, Pki } from "../pki.ts";

const { provider } = providers[0]!;
const pki = new Pki(provider);
const root = pki.root("Root");
const leaf = pki.leaf("a.example", root);
const other = pki.leaf("b.example", root);

const revoke = ({ certificate }: Entity, reason?: Revoked["reason"]): Revoked => ({
  serialNumber: certificate.serialNumber,
  revokedAt: now - 1000,
  ...(reason === undefined ? {} : { reason }),
});
const common = {
  issuer: root.certificate,
  thisUpdate: now,
  nextUpdate: now + day,
  number: 7,
} as const;
const list = (revoked: readonly Revoked[], change: Partial<CrlOptions> = {}): Crl =>
  issueCrl({ ...common, signingKey: root.privateKey, revoked, provider, ...change });

const verify = (crls: readonly Crl[], entity = leaf) =>
  verifyChain({
    chain: certificates(entity),
    trust: createTrustStore(certificates(root)),
    usage: "server",
    now,
    provider,
    revocation: { crls },
  });

describe("lists that we issue (RFC 5280 §5)", () => {
  it("say of each certificate what they were told", () => {
    const crl = list([revoke(leaf, "keyCompromise"), revoke(pki.leaf("c.example", root))]);
    expect(crl).toMatchObject({
      number: 7n,
      thisUpdate: now,
      nextUpdate: now + day,
      criticalUnknown: [],
      authorityKeyIdentifier: root.certificate.subjectKeyIdentifier,
    });
    expect(crl.entries).toEqual([
      { ...revoke(leaf), reason: "keyCompromise" },
      { serialNumber: expect.anything(), revokedAt: now - 1000, reason: "unspecified" },
    ]);
    expect(tlsErrorOf(() => verify([crl]))).toMatchObject({
      code: "certificate_revoked",
      message: expect.stringContaining("keyCompromise"),
    });
    verify([crl], other);
  });

  it("may be empty, and may be signed elsewhere", async () => {
    const draft = draftCrl({ ...common, revoked: [], signatureName: "ed25519" });
    const crl = await signDraftWith(draft, createSigner(root.privateKey, provider), provider);
    expect(crl.der).toEqual(list([]).der);
    verify([crl]);
  });

  it("a delta adds to the list whose number it names", () => {
    const base = list([]);
    const delta = (baseNumber: number) =>
      list([revoke(leaf)], { number: 9, baseNumber, thisUpdate: now });
    expect(tlsErrorOf(() => verify([base, delta(7)])).code).toBe("certificate_revoked");
    verify([base, delta(8)]);
    const hold = list([revoke(leaf, "certificateHold")]);
    const released = list([revoke(leaf, "removeFromCRL")], { number: 9, baseNumber: 7 });
    verify([hold, released]);
  });

  const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, label: string, der: Uint8Array): string => {
    writeFileSync(join(folder, name), encodePem(label, der));
    return name;
  };

  function openssl(path: string, authority: Entity, entity: Entity, crl: Crl): number | null {
    return spawnSync(
      path,
      [
        "verify",
        "-x509_strict",
        "-crl_check",
        "-attime",
        String(now / 1000),
        "-CAfile",
        file("ca.pem", "CERTIFICATE", authority.certificate.der),
        "-CRLfile",
        file("crl.pem", "X509 CRL", crl.der),
        file("leaf.pem", "CERTIFICATE", entity.certificate.der),
      ],
      { cwd: folder },
    ).status;
  }

  itWith("openssl", "are taken by openssl verify", ({ path }) => {
    const revoked = list([revoke(leaf, "superseded")]);
    expect(openssl(path, root, other, revoked)).toBe(0);
    expect(openssl(path, root, leaf, revoked)).toBe(2);
    expect(openssl(path, root, leaf, list([]))).toBe(0);
    const text = spawnSync(path, ["crl", "-in", "crl.pem", "-noout", "-text"], {
      cwd: folder,
      encoding: "utf8",
    }).stdout;
    expect(text).toMatch(/CRL Number:\s+7/);
    expect(parseCrls(encodePem("X509 CRL", revoked.der))[0]?.entries).toHaveLength(1);
  });

  itWith("openssl35", "signed with ML-DSA too", ({ path }) => {
    const lattice = pki.root("Lattice", { type: "ML-DSA-65" });
    const issued = pki.leaf("a.example", lattice);
    const signing = { issuer: lattice.certificate, signingKey: lattice.privateKey };
    expect(openssl(path, lattice, issued, list([], signing))).toBe(0);
    expect(openssl(path, lattice, issued, list([revoke(issued)], signing))).toBe(2);
  });
});
