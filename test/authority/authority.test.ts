/** What an authority does, as a library; its commands have tests of their own. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it, vi } from "vitest";
import {
  answer,
  askAbout,
  certifyRequest,
  check,
  type Entry,
  firstSettings,
  issue,
  issueRoot,
  type IssueOptions,
  PkiDirectory,
  prune,
  publishList,
  type RemoteKey,
  type RemoteKeys,
  renew,
  revoke,
  rollRoot,
} from "../../src/authority/index.ts";
import { type KeyType, noble } from "../../src/crypto/index.ts";
import {
  createCsr,
  createSigner,
  createTrustStore,
  encodePrivateKey,
  encodePublicKey,
  parseCrl,
  verifyChain,
} from "../../src/identity/index.ts";
import { toHex } from "../../src/wire/index.ts";
import { TokenKeys } from "../../src/hsm/index.ts";
import { makeTokens, pin, softHsm } from "../hsm/softhsm.ts";
import { itWith } from "../interop/peers.ts";
import { emptyFolders } from "./folders.ts";

// Each change is forced to the disk, several times
vi.setConfig({ testTimeout: 60_000 });

const folder = emptyFolders();
const provider = noble;
const signing = { provider };
const day = 86_400_000;
const id = "spiffe://example.org/ann";

/** A directory with a root, a CA `ca` and an agent `ann`. */
async function directory(): Promise<PkiDirectory> {
  const path = folder.at("pki");
  await PkiDirectory.create(path, firstSettings({}), async (pki) => {
    const subject = { CN: "Root" };
    await issueRoot(
      pki,
      { name: "root", subject, algorithm: "ed25519", lifetime: 9 * day },
      signing,
    );
    await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
    await issue(pki, { name: "ann", profile: "peer", issuer: "ca", names: { uri: [id] } }, signing);
  });
  return PkiDirectory.open(path);
}

const leaf = (name: string, change: Partial<IssueOptions> = {}): IssueOptions => ({
  name,
  profile: "server",
  issuer: "ca",
  names: { dns: [`${name}.example`] },
  ...change,
});

function request(type: KeyType = "ed25519") {
  const key = provider.generateKey(type);
  const privateKey = encodePrivateKey(key);
  const publicKey = encodePublicKey(type, key.publicKey);
  const names = { dns: ["b.example"] };
  return createCsr({ subject: {}, names, privateKey, publicKey, provider });
}

const serials = (entries: readonly Entry[]): string[] => entries.map(({ serial }) => serial);
const listed = async (pki: PkiDirectory, isDelta = false, issuer = "ca"): Promise<string[]> => {
  const terms = { issuer: pki.current(issuer), isDelta, lifetime: day };
  return (await publishList(pki, terms, signing)).crl.entries.map((each) =>
    toHex(each.serialNumber),
  );
};

describe("issuing", () => {
  it("refuses what it does not know or cannot be, and leaves the directory as it was", async () => {
    const pki = await directory();
    const journal = () => readFileSync(folder.at("pki/journal.jsonl"), "utf8");
    const before = [journal(), readdirSync(folder.at("pki/issued"))];
    const list = { issuer: pki.current("ca"), isDelta: false, lifetime: day };
    const attempts: readonly (readonly [RegExp, () => unknown])[] = [
      [/lifetim.*did you mean/, () => issue(pki, leaf("a", { lifetim: 1 } as never), signing)],
      [/cannot be a name/, () => issue(pki, leaf("../a"), signing)],
      [/lifetime must be/, () => issue(pki, leaf("a", { lifetime: NaN }), signing)],
      [/sharesId must be/, () => issue(pki, leaf("a", { sharesId: "no" as never }), signing)],
      [/keepsKey must be/, () => renew(pki, { name: "ann", keepsKey: 0 as never }, signing)],
      [/isDelta must be/, () => publishList(pki, { ...list, isDelta: "" as never }, signing)],
      [/lifetime must be/, () => publishList(pki, { ...list, lifetime: 8e15 }, signing)],
      [/overlap must be/, () => rollRoot(pki, { name: "root", overlap: NaN }, signing)],
      [/not name and serial/, () => revoke(pki, { name: "ann", serial: "01" }, "superseded")],
      [/not none/, () => revoke(pki, {} as never, "superseded")],
      [/reason must be/, () => revoke(pki, { name: "ann" }, "compromise" as never)],
      [/prune: ended must be/, () => prune(pki, NaN)],
    ];
    await pki.change(async () => {
      for (const [message, attempt] of attempts) {
        await expect((async () => await attempt())()).rejects.toThrow(message);
      }
    });
    expect([journal(), readdirSync(folder.at("pki/issued"))]).toEqual(before);
  });

  it("makes no directory with settings that could not be read again", async () => {
    const settings = { profiles: { own: { keyUsage: [] } } } as never;
    await expect(PkiDirectory.create(folder.at("none"), settings, () => {})).rejects.toThrow(
      /settings.profiles.own lacks/,
    );
    expect(existsSync(folder.at("none"))).toBe(false);
  });

  it("journals the number, puts the files in their place, and points to them", async () => {
    const pki = await directory();
    const { serial } = pki.current("ann");
    expect(readdirSync(folder.at("pki/issued"))).toContain(`ann-${serial}`);
    const lines = readFileSync(folder.at("pki/journal.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(
      Array.from({ length: 3 }, () => ["issuing", "issued"]).flat(),
    );
    verifyChain({
      chain: pki.chain(pki.current("ann")),
      trust: createTrustStore([pki.certificate(pki.current("root"))]),
      usage: "client",
      now: Date.now(),
      provider,
    });
  });

  it("leaves a number that is void, where the signature is not the authority's", async () => {
    const pki = await directory();
    const other = encodePrivateKey(provider.generateKey("ed25519"));
    await pki.change(async () => {
      vi.spyOn(pki, "privateKey").mockReturnValue(other);
      await expect(issue(pki, leaf("web"), signing)).rejects.toThrow(/not one of the issuer's key/);
      vi.restoreAllMocks();
    });
    expect(pki.has("web")).toBe(false);
    expect(pki.records.pending).toEqual([]);
    expect(readFileSync(folder.at("pki/journal.jsonl"), "utf8")).toMatch(/"type":"void"/);
    expect(readdirSync(folder.at("pki/issued"))).toHaveLength(3);
  });

  it("does not go beyond what any CA above may name", async () => {
    const pki = await directory();
    await pki.change(async () => {
      const limits = { permitted: { dns: ["eu.example"] } };
      await issue(
        pki,
        { name: "eu", issuer: "root", profile: "intermediate", names: {}, limits },
        signing,
      );
      await issue(pki, leaf("a", { issuer: "eu", names: { dns: ["a.eu.example"] } }), signing);
      const outside = leaf("b", { issuer: "eu", names: { dns: ["b.us.example"] } });
      await expect(issue(pki, outside, signing)).rejects.toThrow(
        /"b\.us\.example" is not among those/,
      );
      // Its successor has the same limits
      await renew(pki, { name: "eu" }, signing);
      await expect(issue(pki, outside, signing)).rejects.toThrow(
        /"b\.us\.example" is not among those/,
      );
    });
    expect(pki.has("b")).toBe(false);
  });

  it("gives one SPIFFE ID to one name, unless it is told to", async () => {
    const pki = await directory();
    const second = leaf("bob", { names: { uri: [id] } });
    await pki.change(async () => {
      await expect(issue(pki, second, signing)).rejects.toThrow(`${id} is ann's`);
      await renew(pki, { name: "ann" }, signing);
      await issue(pki, { ...second, sharesId: true }, signing);
      revoke(pki, { name: "ann" }, "superseded");
      revoke(pki, { name: "bob" }, "superseded");
      await issue(pki, { ...second, name: "eve" }, signing);
    });
    expect(pki.current("eve").names).toEqual({ uri: [id] });
  });

  it("certifies no key that is known: an authority's, or another name's", async () => {
    const pki = await directory();
    const csr = request();
    const terms = { profile: "server", issuer: "ca" };
    await pki.change(async () => {
      const own = pki.privateKey(pki.current("ca"), undefined);
      const { publicKey } = pki.certificate(pki.current("ca"));
      const stolen = createCsr({
        subject: {},
        names: { dns: ["b.example"] },
        privateKey: own,
        publicKey,
        provider,
      });
      await expect(
        certifyRequest(pki, { ...terms, name: "x", csr: stolen }, signing),
      ).rejects.toThrow("this key is that of ca");
      await certifyRequest(pki, { ...terms, name: "b", csr }, signing);
      await expect(certifyRequest(pki, { ...terms, name: "c", csr }, signing)).rejects.toThrow(
        "this key is that of b",
      );
      revoke(pki, { name: "b" }, "superseded");
      await certifyRequest(pki, { ...terms, name: "b", csr }, signing);
    });
    expect(pki.records.ofName("b")).toHaveLength(2);
  });

  it("does nothing outside of change()", async () => {
    const pki = await directory();
    await expect(issue(pki, leaf("web"), signing)).rejects.toThrow("only change() may write here");
    expect(pki.has("web")).toBe(false);
  });
});

describe("what is revoked", () => {
  it("does not come back by a renewal, whatever the reason", async () => {
    const pki = await directory();
    await pki.change(async () => {
      revoke(pki, { name: "ann" }, "superseded");
      await expect(renew(pki, { name: "ann" }, signing)).rejects.toThrow(
        /ann is revoked since .* \(superseded\): issue a new one instead/,
      );
      revoke(pki, { name: "ca" }, "keyCompromise");
      await expect(renew(pki, { name: "ca" }, signing)).rejects.toThrow(/ca is revoked since/);
      await expect(issue(pki, leaf("web"), signing)).rejects.toThrow(
        /ca is revoked since .*signs nothing/,
      );
    });
  });

  it("does not come back by a request for a compromised key, whoever sends it", async () => {
    const pki = await directory();
    const csr = request();
    const terms = { profile: "server", issuer: "ca", csr };
    await pki.change(async () => {
      await certifyRequest(pki, { ...terms, name: "b" }, signing);
      revoke(pki, { name: "b" }, "keyCompromise");
      for (const name of ["b", "c"]) {
        await expect(certifyRequest(pki, { ...terms, name }, signing)).rejects.toThrow(
          /this key is blocked: b .* is revoked \(keyCompromise\)/,
        );
      }
    });
  });

  it("takes with it all that has the same key, and what it came after", async () => {
    const pki = await directory();
    await pki.change(async () => {
      const first = pki.current("ann");
      const second = await renew(pki, { name: "ann", keepsKey: true }, signing);
      const third = await renew(pki, { name: "ann" }, signing);
      expect(serials(revoke(pki, { serial: second.serial }, "superseded"))).toEqual([
        first.serial,
        second.serial,
      ]);
      expect(pki.current("ann")).toEqual(third);
      const fourth = await renew(pki, { name: "ann", keepsKey: true }, signing);
      expect(serials(revoke(pki, { serial: third.serial }, "keyCompromise"))).toEqual([
        third.serial,
        fourth.serial,
      ]);
      expect(() => revoke(pki, { serial: third.serial }, "superseded")).toThrow(/is revoked since/);
      expect(() => revoke(pki, { name: "ann" }, "superseded")).toThrow(/is revoked since/);
    });
  });

  it("is all of a name, or all of an identity", async () => {
    const pki = await directory();
    await pki.change(async () => {
      const both = [pki.current("ann"), await renew(pki, { name: "ann" }, signing)];
      expect(serials(revoke(pki, { name: "ann" }, "unspecified"))).toEqual(serials(both));
      const bob = await issue(
        pki,
        leaf("bob", { names: { uri: [id], dns: ["x.example"] } }),
        signing,
      );
      const eve = await issue(pki, leaf("eve", { names: { uri: [id] }, sharesId: true }), signing);
      expect(serials(revoke(pki, { identity: id }, "unspecified"))).toEqual(serials([bob, eve]));
      expect(() => revoke(pki, { identity: id }, "unspecified")).toThrow(
        /no certificate that counts/,
      );
      expect(() => revoke(pki, { name: "root" }, "unspecified")).toThrow(/cannot be revoked/);
      expect(() => revoke(pki, { serial: "00" }, "unspecified")).toThrow(/no certificate with/);
    });
  });
});

describe("lists", () => {
  it("are numbered by the journal, whatever becomes of the files", async () => {
    const pki = await directory();
    await pki.change(async () => {
      const { serial } = revoke(pki, { name: "ann" }, "keyCompromise")[0]!;
      expect(await listed(pki)).toEqual([serial]);
      // Each authority's has what is its own
      expect(await listed(pki, false, "root")).toEqual([]);
      rmSync(folder.at("pki/crl"), { recursive: true });
      mkdirSync(folder.at("pki/crl"));
      await issue(pki, leaf("web"), signing);
      const [second] = revoke(pki, { name: "web" }, "superseded");
      expect(await listed(pki, true)).toEqual([second?.serial]);
      expect(await listed(pki)).toEqual([serial, second?.serial]);
      expect(await listed(pki, true)).toEqual([]);
    });
    const read = (name: string) =>
      parseCrl(new Uint8Array(readFileSync(folder.at(`pki/crl/${name}`))));
    expect([read("ca.crl").number, read("ca-delta.crl").number]).toEqual([3n, 4n]);
  });

  // RFC 5280 §5.2.3
  it("never go back: a journal that was restored counts on only when it is told", async () => {
    const pki = await directory();
    copyFileSync(folder.at("pki/journal.jsonl"), folder.at("backup"));
    await pki.change(async () => [await listed(pki), await listed(pki)]);
    rmSync(folder.at("pki/journal.jsonl"));
    copyFileSync(folder.at("backup"), folder.at("pki/journal.jsonl"));
    await pki.change(async () => {
      const published = readFileSync(folder.at("pki/crl/ca.crl"));
      await expect(listed(pki)).rejects.toThrow(
        /list 2 of ca is published, but the journal ends with 0/,
      );
      expect(readFileSync(folder.at("pki/crl/ca.crl"))).toEqual(published);
      expect(check(pki, provider, true)).toMatchObject([{ where: "crl/ca.crl", isMended: true }]);
      await listed(pki);
    });
    expect(pki.records.listsOf("ca").last).toBe(3);
  });

  it("tell of what ended lately too: a connection that began with it may still stand", async () => {
    const pki = await directory();
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await pki.change(async () => {
        const first = await issue(pki, leaf("short", { lifetime: 60_000 }), signing);
        vi.setSystemTime(Date.now() + 120_000);
        const second = await renew(pki, { name: "short" }, signing);
        revoke(pki, { name: "short" }, "superseded");
        for (let at = 0; at < 3; at++) {
          expect(await listed(pki)).toEqual([first.serial, second.serial]);
        }
        vi.setSystemTime(Date.now() + 3 * 3_600_000);
        expect(await listed(pki)).toEqual([second.serial]);
      });
    } finally {
      vi.useRealTimers();
    }
  });

  // RFC 5280 §3.3
  it("lose what has ended, once a list has had it since", async () => {
    const pki = await directory();
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await pki.change(async () => {
        const { serial } = await issue(pki, leaf("short", { lifetime: 60_000 }), signing);
        revoke(pki, { name: "short" }, "superseded");
        expect(await listed(pki)).toEqual([serial]);
        vi.setSystemTime(Date.now() + 3 * 3_600_000);
        expect(await listed(pki)).toEqual([serial]);
        expect(await listed(pki)).toEqual([]);
        const again = await issue(pki, leaf("short", { lifetime: 60_000 }), signing);
        vi.setSystemTime(Date.now() + 3 * 3_600_000);
        revoke(pki, { serial: again.serial }, "keyCompromise");
        expect(await listed(pki)).toEqual([again.serial]);
      });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("responses", () => {
  it("are signed by a responder that is one, and counts", async () => {
    const pki = await directory();
    const ask = async (responder?: string, lifetime = day) =>
      (await answer(pki, askAbout(pki, "ann"), { responder, lifetime }, signing)).responses[0];
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await pki.change(async () => {
        await issue(pki, leaf("status", { profile: "ocsp", names: {}, lifetime: 60_000 }), signing);
        expect((await ask("status"))?.status.kind).toBe("good");
        // Nobody believes it longer than its signer
        const end = Date.parse(pki.current("status").notAfter);
        expect((await ask("status"))?.nextUpdate).toBe(end);
        await expect(ask("ann")).rejects.toThrow(/ann is not a responder of ca/);
        vi.setSystemTime(Date.now() + 120_000);
        await expect(ask("status")).rejects.toThrow(/status has expired at .*renew it/);
        await renew(pki, { name: "status" }, signing);
        expect((await ask("status"))?.status.kind).toBe("good");
        revoke(pki, { name: "status" }, "superseded");
        await expect(ask("status")).rejects.toThrow(/status is revoked since/);
        expect((await ask())?.status.kind).toBe("good");
        revoke(pki, { name: "ca" }, "superseded");
        await expect(ask()).rejects.toThrow(/ca is revoked since/);
        await expect(listed(pki)).rejects.toThrow(/ca is revoked since/);
      });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("after a crash", () => {
  /** The journal without its last lines, as it was when a process was killed. */
  function forget(lines: number): void {
    const path = folder.at("pki/journal.jsonl");
    const text = readFileSync(path, "utf8").trimEnd().split("\n");
    const kept = text.slice(0, -lines).map((line) => `${line}\n`);
    truncateSync(path, Buffer.byteLength(kept.join("")));
  }

  it("a certificate that is in its place is adopted by the next writer, and can be revoked", async () => {
    const pki = await directory();
    const { serial } = await pki.change(() => issue(pki, leaf("web"), signing));
    forget(1);
    rmSync(folder.at("pki/live/web"));
    expect(PkiDirectory.open(pki.path).has("web")).toBe(false);
    await PkiDirectory.change(pki.path, async (again) => {
      expect(again.current("web").serial).toBe(serial);
      expect(existsSync(folder.at("pki/live/web/chain.pem"))).toBe(true);
      expect(serials(revoke(again, { serial }, "superseded"))).toEqual([serial]);
      expect(check(again, provider, false)).toEqual([]);
    });
  });

  it.each([
    ["no folder", (path: string) => rmSync(path, { recursive: true })],
    [
      "a folder that is not what was to be issued",
      (path: string) => writeFileSync(`${path}/chain.pem`, ""),
    ],
  ])("a number with %s is void", async (_, change) => {
    const pki = await directory();
    const { serial } = await pki.change(() => issue(pki, leaf("web"), signing));
    forget(1);
    change(folder.at(`pki/issued/web-${serial}`));
    mkdirSync(folder.at("pki/.unfinished-1-web"));
    await PkiDirectory.change(pki.path, async (again) => {
      expect([again.has("web"), again.records.pending]).toEqual([false, []]);
      expect(readdirSync(folder.at("pki/issued"))).toHaveLength(3);
      expect(check(again, provider, false)).toEqual([]);
      await issue(again, leaf("web"), signing);
    });
    expect(readdirSync(pki.path).toSorted()).toEqual(
      ["crl", "issued", "journal.jsonl", "live", "lock", "ocsp", "pki.json"].toSorted(),
    );
  });

  it("a link that stayed behind follows", async () => {
    const pki = await directory();
    const link = folder.at("pki/live/ann");
    renameSync(link, folder.at("old"));
    await pki.change(() => renew(pki, { name: "ann" }, signing));
    rmSync(link);
    renameSync(folder.at("old"), link);
    await PkiDirectory.change(pki.path, (again) => expect(again.isLinked("ann")).toBe(true));
  });
});

describe("a check", () => {
  it("adopts what an authority here has signed, and removes what none has", async () => {
    const pki = await directory();
    copyFileSync(folder.at("pki/journal.jsonl"), folder.at("backup"));
    const lost = await pki.change(async () => [
      await issue(
        pki,
        { name: "sub", issuer: "root", profile: "intermediate", names: {} },
        signing,
      ),
      await renew(pki, { name: "ann" }, signing),
    ]);
    rmSync(folder.at("pki/journal.jsonl"));
    copyFileSync(folder.at("backup"), folder.at("pki/journal.jsonl"));
    mkdirSync(folder.at("pki/issued/foreign-01"));
    const [sub, ann] = lost.map(({ name, serial }) => `issued/${name}-${serial}`);
    await PkiDirectory.change(pki.path, async (again) => {
      const { serial } = again.current("ann");
      const found = check(again, provider, false);
      expect(found.map(({ where }) => where).toSorted()).toEqual(
        ["issued/foreign-01", sub, ann].toSorted(),
      );
      expect(found.every(({ remedy, isMended }) => remedy !== undefined && !isMended)).toBe(true);
      expect(check(again, provider, true).every(({ isMended }) => isMended)).toBe(true);
      check(again, provider, true);
      expect(check(again, provider, false)).toEqual([]);
      expect(existsSync(folder.at("pki/issued/foreign-01"))).toBe(false);
      // The lost one is not current, but it can be revoked
      expect(again.current("ann").serial).toBe(serial);
      expect(serials(revoke(again, { serial: lost[1]!.serial }, "superseded"))).toHaveLength(1);
      expect(again.current("sub").profile).toBe("intermediate");
    });
  });

  it("says what is not what was issued", async () => {
    const pki = await directory();
    const [ann, ca] = ["ann", "ca"].map((name) => pki.folder(pki.current(name)));
    cpSync(`${ca}/key.pem`, `${ann}/key.pem`);
    appendFileSync(`${pki.folder(pki.current("root"))}/chain.pem`, "-----BEGIN CERTIFICATE-----\n");
    await pki.change(async () => {
      expect(check(pki, provider, true)).toMatchObject([
        { problem: expect.stringMatching(/not what was issued/), isMended: false },
        { problem: "holds the key of another certificate", isMended: false },
      ]);
    });
  });
});

describe("authorities whose keys are in a token", () => {
  itWith(
    "softhsm",
    "certify, renew, list and answer, and the directory has no key of theirs",
    async () => {
      const place = makeTokens("ca");
      writeFileSync(folder.at("pin"), pin);
      const uri = (object: string): string =>
        `pkcs11:token=ca;object=${object}?module-path=${softHsm()}&pin-source=${folder.at("pin")}`;
      const tokens = new TokenKeys();
      const withToken = { provider, remoteKeys: tokens };
      const path = folder.at("pki");
      const root = { subject: { CN: "Root" }, algorithm: "secp384r1", lifetime: 9 * day } as const;
      try {
        await PkiDirectory.create(path, firstSettings({}), async (pki) => {
          await issueRoot(pki, { ...root, name: "root", keyUri: uri("root") }, withToken);
          const ca = { name: "ca", profile: "intermediate", names: {} } as const;
          await issue(pki, { ...ca, algorithm: "secp256r1", keyUri: uri("ca") }, withToken);
          await issue(pki, leaf("web"), withToken);
          const both = { keyUri: uri("x"), newPassphrase: "secret" };
          await expect(issue(pki, leaf("x", both), withToken)).rejects.toThrow(/is not encrypted/);
        });
        await PkiDirectory.change(path, async (pki) => {
          const [before] = pki.records.ofName("ca");
          const after = await renew(pki, { name: "ca" }, withToken);
          expect([after.key, pki.keyFile(after)?.content]).toEqual([before?.key, `${uri("ca")}\n`]);
          const { key, serial } = await renew(pki, { name: "web" }, withToken);
          expect(key).not.toBe(pki.records.ofName("web")[0]?.key);
          revoke(pki, { serial }, "superseded");
          const terms = { issuer: pki.current("ca"), isDelta: false, lifetime: day };
          expect((await publishList(pki, terms, withToken)).crl.entries).toHaveLength(2);
          const said = await answer(pki, askAbout(pki, "web"), { lifetime: day }, withToken);
          expect(said.responses[0]?.status.kind).toBe("revoked");
          await expect(renew(pki, { name: "ca" }, signing)).rejects.toThrow(/give `remoteKeys`/);
          expect(check(pki, provider, false)).toEqual([]);
          verifyChain({
            chain: pki.chain(pki.records.ofName("web")[0]!),
            trust: createTrustStore([pki.certificate(pki.current("root"))]),
            usage: "server",
            now: Date.now(),
            provider,
          });
        });
        const files = ["root", "ca"].flatMap((name) => readdirSync(folder.at(`pki/live/${name}`)));
        expect(files).not.toContain("key.pem");
      } finally {
        await tokens.close();
        place.remove();
      }
    },
  );

  it("may be anywhere, where somebody finds them: a cloud's service, say", async () => {
    const made = new Map<string, RemoteKey>();
    const remoteKeys: RemoteKeys = {
      async make(uri, type) {
        const key = provider.generateKey(type);
        const signer = createSigner(encodePrivateKey(key), provider);
        made.set(uri, {
          publicKey: encodePublicKey(type, key.publicKey),
          // It answers later
          signer: { ...signer, sign: async (scheme, message) => signer.sign(scheme, message) },
        });
        return this.find(uri);
      },
      async find(uri) {
        const key = made.get(uri);
        if (key === undefined) throw new Error(`there is no ${uri}`);
        return key;
      },
    };
    const withKeys = { provider, remoteKeys };
    const root = { subject: { CN: "Root" }, algorithm: "ML-DSA-44", lifetime: 9 * day } as const;
    const path = folder.at("pki");
    await PkiDirectory.create(path, firstSettings({}), async (pki) => {
      await issueRoot(pki, { ...root, name: "root", keyUri: "kms:root" }, withKeys);
      await issue(pki, { ...leaf("web"), issuer: "root" }, withKeys);
    });
    const pki = PkiDirectory.open(path);
    expect(pki.keyFile(pki.current("root"))).toEqual({ name: "key.uri", content: "kms:root\n" });
    expect(pki.certificate(pki.current("web")).signatureAlgorithm).toBe("ML-DSA-44");
    made.clear();
    await pki.change(async () => {
      await expect(renew(pki, { name: "web" }, withKeys)).rejects.toThrow("there is no kms:root");
    });
    expect(pki.records.ofName("web")).toHaveLength(1);
  });
});
