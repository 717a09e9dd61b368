import { describe, expect, it, vi } from "vitest";
import {
  certifyRequest,
  crossSign,
  type CrossSignOptions,
  type Entry,
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  publishList,
  renew,
  revoke,
  rollRoot,
} from "../../src/authority/index.ts";
import { noble } from "../../src/crypto/index.ts";
import {
  type Certificate,
  createCsr,
  createTrustStore,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  parseCertificate,
  verifyChain,
} from "../../src/identity/index.ts";
import { toHex } from "../../src/wire/index.ts";
import { emptyFolders } from "./folders.ts";

vi.setConfig({ testTimeout: 60_000 });

const folder = emptyFolders();
const provider = noble;
const signing = { provider };
const [hour, day] = [3_600_000, 86_400_000];

/** Root, `ca` below it, and below that `web`, whose host name is `web.<name>`. */
async function directory(
  name: string,
  { commonName = name, pathLength }: { commonName?: string; pathLength?: number } = {},
): Promise<PkiDirectory> {
  const path = folder.at(name);
  await PkiDirectory.create(path, firstSettings({}), async (pki) => {
    const subject = { CN: commonName };
    const root = { name: "root", subject, algorithm: "ed25519", lifetime: 90 * day } as const;
    await issueRoot(pki, { ...root, pathLength }, signing);
    await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
    const names = { dns: [`web.${name}`] };
    await issue(
      pki,
      { name: "web", profile: "server", issuer: "ca", names, lifetime: day },
      signing,
    );
  });
  return PkiDirectory.open(path);
}

const certificateOf = (pki: PkiDirectory, name: string): Certificate =>
  pki.certificate(pki.current(name));

const cross = (pki: PkiDirectory, options: CrossSignOptions): Promise<Entry> =>
  pki.change(() => crossSign(pki, { issuer: "root", ...options }, signing));

const pathOf = (chain: readonly Certificate[], anchor: Certificate): string[] =>
  verifyChain({
    chain,
    trust: createTrustStore([anchor]),
    usage: "server",
    now: Date.now(),
    provider,
  }).path.map(({ subject }) => subject.text);

describe("a cross-certificate", () => {
  it("leads from each of two roots to what is below the other, and only while it is shown", async () => {
    const [ours, theirs] = [await directory("ours"), await directory("theirs")];
    const there = await cross(ours, { name: "theirs", certificate: certificateOf(theirs, "root") });
    const here = await cross(theirs, { name: "ours", certificate: certificateOf(ours, "root") });
    expect([there.profile, there.issuer, there.subject]).toEqual([
      "cross-certificate",
      "root",
      "CN=theirs",
    ]);
    for (const [one, other, bridge] of [
      [ours, theirs, ours.certificate(there)],
      [theirs, ours, theirs.certificate(here)],
    ] as const) {
      const chain = other.chain(other.current("web"));
      const anchor = certificateOf(one, "root");
      expect(pathOf([...chain, bridge], anchor)).toEqual([
        "CN=web",
        "CN=ca",
        other.current("root").subject,
        one.current("root").subject,
      ]);
      expect(() => pathOf(chain, anchor)).toThrow(expect.objectContaining({ code: "unknown_ca" }));
    }
  });

  it("of a root here is part of the chains below it until it is revoked", async () => {
    const pki = await directory("ours");
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await pki.change(async () => {
        const [plan] = await rollRoot(
          pki,
          { name: "root", overlap: hour, crossSigned: true },
          signing,
        );
        const bridge = pki.current("root-2-by-root");
        expect([bridge.subject, bridge.issuer]).toEqual(["CN=root-2", "root"]);
        expect(Date.parse(bridge.notAfter)).toBeLessThanOrEqual(Date.parse(plan!.until));
        vi.setSystemTime(Date.now() + hour + 1000);
        const web = await renew(pki, { name: "web", lifetime: hour }, signing);
        expect(web.issuer).toBe("ca-2");
        const chain = pki.chain(web);
        expect(pathOf(chain, certificateOf(pki, "root"))).toHaveLength(4);
        expect(pathOf(chain, certificateOf(pki, "root-2"))).toHaveLength(3);
        // The key of the new root is its own, whoever else vouches for it
        expect((await renew(pki, { name: "root-2" }, signing)).key).toBe(bridge.key);
        expect(revoke(pki, { name: bridge.name }, "cACompromise").map(({ name }) => name)).toEqual([
          bridge.name,
        ]);
        const list = { issuer: pki.current("root"), isDelta: false, lifetime: day };
        const { crl } = await publishList(pki, list, signing);
        expect(crl.entries.map(({ serialNumber }) => toHex(serialNumber))).toEqual([bridge.serial]);
        const next = pki.chain(await renew(pki, { name: "web", lifetime: hour }, signing));
        expect(() => pathOf(next, certificateOf(pki, "root"))).toThrow(/no path to a trust anchor/);
        expect(pathOf(next, certificateOf(pki, "root-2"))).toHaveLength(3);
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it("lets nothing be named below it but what it says (RFC 5280 §4.2.1.10)", async () => {
    const [ours, theirs] = [await directory("ours"), await directory("theirs")];
    const certificate = certificateOf(theirs, "root");
    const anchor = certificateOf(ours, "root");
    const chain = theirs.chain(theirs.current("web"));
    const limits = (dns: string): CrossSignOptions => ({
      name: "partner",
      certificate,
      limits: { permitted: { dns: [dns] } },
    });
    const wide = await cross(ours, limits("theirs"));
    expect(pathOf([...chain, ours.certificate(wide)], anchor)).toHaveLength(4);
    const narrow = await cross(ours, limits("shop.theirs"));
    expect(() => pathOf([...chain, ours.certificate(narrow)], anchor)).toThrow(/not among those/);
    // What it may not name by its own certificate stays so
    const limited = theirs.certificate(
      await cross(theirs, { ...limits("theirs"), name: "back", certificate: anchor }),
    );
    const third = await directory("third");
    const again = third.certificate(await cross(third, { name: "x", certificate: limited }));
    expect(again.nameConstraints).toEqual(limited.nameConstraints);
    await expect(
      cross(third, { ...limits("ours"), name: "y", certificate: limited }),
    ).rejects.toThrow(/stay as they are/);
  });

  it("lets as many authorities stand below it as it says (RFC 5280 §4.2.1.9)", async () => {
    const [ours, theirs] = [await directory("ours"), await directory("theirs")];
    const certificate = certificateOf(theirs, "root");
    const anchor = certificateOf(ours, "root");
    const chain = theirs.chain(theirs.current("web"));
    const one = await cross(ours, { name: "one", certificate, pathLength: 1 });
    expect(pathOf([...chain, ours.certificate(one)], anchor)).toHaveLength(4);
    const none = await cross(ours, { name: "none", certificate, pathLength: 0 });
    expect(() => pathOf([...chain, ours.certificate(none)], anchor)).toThrow(/pathLen|path length/);
    const low = await directory("low", { pathLength: 1 });
    expect(low.certificate(await cross(low, { name: "x", certificate })).basicConstraints).toEqual({
      ca: true,
      pathLength: 0,
    });
    await expect(cross(low, { name: "y", certificate, pathLength: 1 })).rejects.toThrow(
      /CN=low allows 1 levels of authorities below it/,
    );
    const deep = { name: "z", certificate: certificateOf(low, "root"), pathLength: 2 };
    await expect(cross(ours, deep)).rejects.toThrow(/1 levels of authorities are below it/);
    const roll = { name: "root", overlap: hour, crossSigned: true };
    await expect(low.change(() => rollRoot(low, roll, signing))).rejects.toThrow(/needs one more/);
    expect(low.has("root-2")).toBe(false);
  });

  it("for another key under the same name is refused, and leads nowhere", async () => {
    const [ours, theirs] = [await directory("ours"), await directory("theirs")];
    const same = await directory("same", { commonName: "theirs" });
    const impostor = certificateOf(same, "root");
    const bridge = ours.certificate(await cross(ours, { name: "same", certificate: impostor }));
    const chain = theirs.chain(theirs.current("web"));
    expect(() => pathOf([...chain, bridge], certificateOf(ours, "root"))).toThrow(
      /no path to a trust anchor/,
    );
    expect(
      pathOf([...same.chain(same.current("web")), bridge], certificateOf(ours, "root")),
    ).toHaveLength(4);
    await expect(cross(theirs, { name: "same", certificate: impostor })).rejects.toThrow(
      /CN=theirs is the name of root here, which has another key/,
    );
  });

  it("is for an authority that is valid, has its key, and is not the issuer", async () => {
    const [ours, theirs] = [await directory("ours"), await directory("theirs")];
    const other = certificateOf(theirs, "root");
    const refuse = (certificate: Certificate, message: RegExp): Promise<void> =>
      expect(cross(ours, { name: "x", certificate })).rejects.toThrow(message);
    await refuse(certificateOf(theirs, "web"), /CN=web is not an authority/);
    await refuse(certificateOf(ours, "root"), /need not vouch for itself/);
    const forged = Uint8Array.from(other.der);
    forged[forged.length - 1]! ^= 1;
    await refuse(parseCertificate(forged), /has not signed its own certificate/);
    const key = provider.generateKey("ed25519");
    const old = issueCertificate({
      subject: { CN: "Old" },
      signingKey: encodePrivateKey(key),
      publicKey: encodePublicKey(key.type, key.publicKey),
      ca: {},
      notBefore: Date.now() - 2 * day,
      notAfter: Date.now() - day,
      provider,
    });
    await refuse(old, /not valid now/);
    expect(ours.has("x")).toBe(false);
    const made = await cross(ours, { name: "x", certificate: other, lifetime: hour });
    expect(Date.parse(made.notAfter) - Date.now()).toBeLessThanOrEqual(hour);
    const longest = Math.min(other.notAfter, certificateOf(ours, "root").notAfter);
    expect(Date.parse((await cross(ours, { name: "x", certificate: other })).notAfter)).toBe(
      longest,
    );
    const short = parseCertificate(ours.certificate(made).der);
    const again = await cross(await directory("third"), { name: "y", certificate: short });
    expect(Date.parse(again.notAfter)).toBe(short.notAfter);
    await ours.change(async () => {
      await expect(renew(ours, { name: "x" }, signing)).rejects.toThrow(/cross-sign the other/);
    });
  });

  it("does not let its key be certified for anything else", async () => {
    const ours = await directory("ours");
    const key = provider.generateKey("ed25519");
    const privateKey = encodePrivateKey(key);
    const publicKey = encodePublicKey(key.type, key.publicKey);
    const authority = { subject: { CN: "Other" }, signingKey: privateKey, publicKey, ca: {} };
    const span = { notBefore: Date.now() - day, notAfter: Date.now() + day };
    const certificate = issueCertificate({ ...authority, ...span, provider });
    const names = { dns: ["b.example"] };
    const csr = createCsr({ subject: {}, names, privateKey, publicKey, provider });
    const terms = { name: "b", profile: "server", issuer: "ca", csr };
    await cross(ours, { name: "other", certificate });
    await ours.change(async () => {
      await expect(certifyRequest(ours, terms, signing)).rejects.toThrow(
        /this key is that of other/,
      );
    });
    // Nor the other way round
    const before = await directory("before");
    await before.change(async () => {
      await certifyRequest(before, terms, signing);
      await expect(
        crossSign(before, { name: "other", issuer: "root", certificate }, signing),
      ).rejects.toThrow(/this key is that of b/);
    });
  });
});
